"""An optional host inside the VPC for people who cannot use their laptop: no key, no open port, SSM only."""

from __future__ import annotations

from dataclasses import dataclass

from modules.aws.admin_setup import setup_script
from modules.aws.cluster import ClusterRef
from modules.aws.role import Role
from modules.catalog.instances import find_shape
from modules.cdk import Lifecycle, Stack, aws

_AL2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{arch}"
#: Stands for the cluster's name while the rest of the script is escaped.
_CLUSTER = "@cluster@"
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}


@dataclass(frozen=True)
class AdminBoxProps:
    """name: of the env. path: of the instance profile. opens_cluster: whether the cluster's security group is ours to open to it."""

    name: str
    region: str
    path: str
    instance_type: str
    disk_gib: int
    vpc_id: str
    subnet_id: str
    opens_cluster: bool


class AdminBox:
    """One EC2 instance in a private subnet, with kubectl, helm and the AWS CLI, that reaches the cluster's private endpoint."""

    def __init__(self, stack: Stack, props: AdminBoxProps, *, cluster: ClusterRef, role: Role) -> None:
        shape = find_shape(props.instance_type)
        arch = shape.arch if shape else "amd64"
        profile = aws.iam_instance_profile.IamInstanceProfile(
            stack, "admin-box-profile", name=f"{props.name}-admin-box", path=props.path, role=role.name
        )
        image = aws.data_aws_ssm_parameter.DataAwsSsmParameter(stack, "admin-box-image", name=_AL2023.format(arch=_ARCHITECTURES[arch]))
        group = self._security_group(stack, props, cluster)
        ns = aws.instance
        self.resource = ns.Instance(
            stack,
            "admin-box",
            ami=image.insecure_value,
            instance_type=props.instance_type,
            subnet_id=props.subnet_id,
            vpc_security_group_ids=[group.id],
            iam_instance_profile=profile.name,
            associate_public_ip_address=False,
            ebs_optimized=True,
            metadata_options=ns.InstanceMetadataOptions(http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1),
            root_block_device=ns.InstanceRootBlockDevice(encrypted=True, volume_type="gp3", volume_size=props.disk_gib),
            user_data=_user_data(cluster.name, props.region, arch),
            # A newer image must not replace the box under somebody's session, nor newer tools restart it.
            lifecycle=Lifecycle(ignore_changes=["ami", "user_data"]),
            tags={"Name": f"{props.name}-admin-box"},
            depends_on=role.policies,
        )

    def _security_group(self, stack: Stack, props: AdminBoxProps, cluster: ClusterRef) -> aws.security_group.SecurityGroup:
        group = aws.security_group.SecurityGroup(
            stack,
            "admin-box-group",
            name=f"{props.name}-admin-box",
            description="Admin box: out over HTTPS, nothing in",
            vpc_id=props.vpc_id,
        )
        aws.vpc_security_group_egress_rule.VpcSecurityGroupEgressRule(
            stack,
            "admin-box-https",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="HTTPS to AWS and package sources",
        )
        if props.opens_cluster:
            # Inside the VPC the API's name leads to its private addresses, which let in the cluster's own group alone.
            aws.vpc_security_group_ingress_rule.VpcSecurityGroupIngressRule(
                stack,
                "admin-box-to-api",
                security_group_id=cluster.security_group_id,
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                description="Kubernetes API from the admin box",
            )
        return group


def _user_data(cluster: str, region: str, arch: str) -> str:
    """The script as Terraform's JSON has to hold it: bash's own ${} would be read as Terraform's, the cluster's name is Terraform's."""
    return setup_script(cluster=_CLUSTER, region=region, arch=arch).replace("${", "$${").replace(_CLUSTER, cluster)
