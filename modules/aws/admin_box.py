"""An optional host inside the VPC for people who cannot use their laptop: no key, no open port, SSM only."""

from __future__ import annotations

from modules.aws.role import Role
from modules.cdk import Lifecycle, Stack, aws

_AL2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


class AdminBox:
    """One EC2 instance in a private subnet."""

    def __init__(
        self, stack: Stack, *, name: str, path: str, instance_type: str, disk_gib: int, vpc_id: str, subnet_id: str, role: Role
    ) -> None:
        profile = aws.iam_instance_profile.IamInstanceProfile(
            stack, "admin-box-profile", name=f"{name}-admin-box", path=path, role=role.name
        )
        image = aws.data_aws_ssm_parameter.DataAwsSsmParameter(stack, "admin-box-image", name=_AL2023)
        group = aws.security_group.SecurityGroup(
            stack, "admin-box-group", name=f"{name}-admin-box", description="Admin box: out over HTTPS, nothing in", vpc_id=vpc_id
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
        ns = aws.instance
        self.resource = ns.Instance(
            stack,
            "admin-box",
            ami=image.insecure_value,
            instance_type=instance_type,
            subnet_id=subnet_id,
            vpc_security_group_ids=[group.id],
            iam_instance_profile=profile.name,
            associate_public_ip_address=False,
            ebs_optimized=True,
            metadata_options=ns.InstanceMetadataOptions(http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1),
            root_block_device=ns.InstanceRootBlockDevice(encrypted=True, volume_type="gp3", volume_size=disk_gib),
            # A newer image must not replace the box under somebody's session.
            lifecycle=Lifecycle(ignore_changes=["ami"]),
            tags={"Name": f"{name}-admin-box"},
            depends_on=role.policies,
        )
