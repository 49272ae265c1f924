"""`cluster`: EKS and everything of AWS's that it needs before the first pod: nodes, add-ons, access, mount targets."""

from __future__ import annotations

from typing import Any

from modules.aws import addons
from modules.aws.access import Access
from modules.aws.admin_box import AdminBox, AdminBoxProps
from modules.aws.app_roles import AppRoles
from modules.aws.cluster import Cluster, ClusterProps, ClusterRef
from modules.aws.efs import MountTargets
from modules.aws.flow_logs import log_group
from modules.aws.karpenter import Karpenter, KarpenterProps
from modules.aws.kms import Key
from modules.aws.node_groups import NodeGroup, NodeGroupProps
from modules.aws.role import Role
from modules.cdk import App, aws
from modules.common import names
from modules.common.arn import dns_suffix
from modules.common.scheduling import POOL_LABEL, placement
from modules.config import HubConfig
from modules.config.nodes import NodeGroup as NodeGroupConfig
from modules.iam import admin_box, managed, trust
from modules.iam import kms as key_policies
from modules.iam.document import document
from modules.stacks.base import HubStack
from modules.stacks.data import DataStack
from modules.stacks.network import NetworkStack

#: Managed policies of every node, by the key that stands in their attachments' addresses.
_NODE_POLICIES = dict(zip(("worker", "registry", "ssm"), managed.NODE, strict=True))


class ClusterStack(HubStack):
    """An EKS cluster ready for the in-cluster stacks, or what an existing one lacks."""

    def __init__(self, app: App, config: HubConfig, *, data: DataStack, network: NetworkStack) -> None:
        super().__init__(app, config, "cluster")
        self._network = network.ref
        self.account = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "account").account_id
        self.karpenter: Karpenter | None = None
        #: Who may talk to the cluster; None for one of somebody else's.
        self.access: Access | None = None
        #: Name of the role of managed nodes; of a cluster that exists, the role of all its nodes.
        self.node_role: str
        self.ref = self._create() if config.cluster.existing is None else self._adopt()
        #: `namespace:name` of each service account with a role of the config → the role's ARN. Here, and not beside the accounts:
        #: the stacks above come and go alone, and one role may serve accounts of several.
        self.app_role_arns = AppRoles(self, config, cluster=self.ref, path=self.role_path, boundary=self.boundary).arns
        if data.file_system is not None:
            MountTargets(
                self,
                "efs",
                file_system_id=data.file_system.id,
                name=config.name,
                vpc_id=self._network.vpc_id,
                subnets=self._network.data_plane,
                node_security_group_id=self.ref.security_group_id,
            )
        if config.cluster.admin_box is not None:
            self._admin_box()
        self.output("cluster_name", self.ref.name, description="The EKS cluster")
        self.output("oidc_provider_arn", self.ref.oidc_provider_arn, description="OIDC provider of service accounts")
        self.output("cluster_security_group_id", self.ref.security_group_id, description="Security group of nodes and control plane")

    def _adopt(self) -> ClusterRef:
        existing = self.config.cluster.existing
        assert existing is not None  # the caller asked
        found = aws.data_aws_eks_cluster.DataAwsEksCluster(self, "existing", name=existing.name)
        self.node_role = existing.node_role_arn.rsplit("/", 1)[-1]
        return ClusterRef(
            existing.name,
            existing.oidc_provider_arn,
            existing.oidc_issuer,
            existing.security_group_id,
            endpoint=found.endpoint,
            certificate_authority=found.certificate_authority.get(0).data,
        )

    @property
    def _ec2(self) -> str:
        """EC2 as a service principal; the one service whose name differs between partitions."""
        return f"ec2.{dns_suffix(self.config.region)}"

    def _role(self, id: str, purpose: str, service: str, policies: dict[str, str], inline: dict[str, Any] | None = None) -> Role:
        return Role(
            self,
            id,
            name=names.role_name(self.config.name, purpose),
            path=self.role_path,
            boundary=self.boundary,
            trust=trust.service(service),
            managed={key: managed.arn(self.config.partition, name) for key, name in policies.items()},
            inline=inline,
        )

    def _create(self) -> ClusterRef:
        cluster = self._control_plane()
        self.access = access = self._access(cluster)
        # The network plugin comes before the nodes: a node without it never becomes ready. Add-ons whose pods talk to anybody
        # wait for stack platform: without its policies they could not (addons.VPC_CNI).
        early = addons.install(
            self, cluster.name, [self._vpc_cni(cluster.ref), self.addon("kube-proxy"), self.addon("eks-pod-identity-agent")]
        )
        node_role = self._role("node-role", "node", self._ec2, _NODE_POLICIES)
        self.node_role = node_role.name
        self._core_nodes(cluster, node_role, early)
        for key, group in self.config.node_groups.items():
            self._node_group(key, group, cluster, node_role, early)
        if self.config.cluster.autoscaler == "karpenter":
            self.karpenter = self._karpenter(cluster.ref, access)
        self.output("cluster_endpoint", cluster.resource.endpoint, description="The Kubernetes API")
        return cluster.ref

    def _control_plane(self) -> Cluster:
        config = self.config
        settings = config.cluster
        group_name = f"/aws/eks/{config.name}/cluster"
        key = Key(
            self,
            "secrets-key",
            deployment=config.deployment,
            purpose="eks",
            policy=document(
                key_policies.account_root(config.partition, self.account),
                key_policies.for_logs(partition=config.partition, region=config.region, account=self.account, groups=group_name),
            ),
            protect=False,
        )
        # Ours before EKS makes its own, which would keep logs for ever.
        logs = log_group(self, "control-plane-logs", name=group_name, retention_days=settings.log_retention_days, kms_key_arn=key.arn)
        return Cluster(
            self,
            ClusterProps(
                name=config.name,
                version=settings.version,
                support=settings.support,
                subnets=self._network.data_plane,
                public_cidrs=settings.endpoint.public_cidrs,
                service_cidr=settings.service_cidr,
                log_types=settings.log_types,
            ),
            role=self._role(
                "cluster-role",
                "cluster",
                "eks.amazonaws.com",
                {"cluster": managed.EKS_CLUSTER},
                inline={"secrets-key": document(key_policies.eks_secrets(key.arn))},
            ),
            key=key,
            depends_on=[logs],
        )

    def _access(self, cluster: Cluster) -> Access:
        config = self.config
        access = Access(self, cluster=cluster.name, partition=config.partition)
        deployer = config.aws.deployer_role_arn
        for principal in dict.fromkeys((*config.cluster.admins, *([deployer] if deployer else []))):
            access.admin(principal)
        for principal in config.cluster.viewers:
            access.viewer(principal)
        if not config.cluster.admins and not deployer:
            # With admins named, an entry for the caller could name one of them twice, which EKS refuses.
            access.first_installer()
        return access

    def _vpc_cni(self, cluster: ClusterRef) -> addons.Addon:
        policy = {"policy": managed.arn(self.config.partition, managed.VPC_CNI)}
        role = self.irsa("vpc-cni-role", "vpc-cni", cluster, "kube-system", "aws-node", managed=policy)
        return self.addon("vpc-cni", role=role, configuration=addons.VPC_CNI)

    def _core_nodes(self, cluster: Cluster, role: Role, early: list[Any]) -> None:
        core = self.config.cluster.core
        props = NodeGroupProps(
            name=names.fit(f"{self.config.name}-core", names.NODE_GROUP_NAME_MAX),
            instance_types=core.instance_types,
            minimum=core.min,
            maximum=core.max,
            desired=core.desired or core.min,
            subnets=list(self._network.data_plane.values()),
            capacity="on-demand",
            arch=core.arch,
            gpu=None,
            labels=placement("core", None).labels,
            taints=(),
            disk_gib=core.disk.size_gib,
            disk_iops=core.disk.iops,
            disk_throughput=core.disk.throughput_mib,
            hop_limit=1,
            max_unavailable=1,
            tags=self.thing_tags,
            release=core.release,
            scale_from_zero=False,
        )
        NodeGroup(self, "core", props, cluster=cluster, role=role, depends_on=early)

    def _node_group(self, key: str, group: NodeGroupConfig, cluster: Cluster, role: Role, early: list[Any]) -> None:
        standing = placement(group.purpose, group.gpu)
        subnets = self._network.data_plane
        zones = {zone[-1] for zone in group.zones}
        props = NodeGroupProps(
            name=names.fit(f"{self.config.name}-{key}", names.NODE_GROUP_NAME_MAX),
            instance_types=group.instance_types,
            minimum=group.min,
            maximum=group.max,
            desired=group.min if group.desired is None else group.desired,
            subnets=[subnet for zone, subnet in subnets.items() if not zones or zone in zones],
            capacity=group.capacity,
            arch=group.arch,
            gpu=group.gpu,
            labels={**standing.labels, POOL_LABEL: key, **group.labels},
            taints=(*standing.taints, *group.taints),
            disk_gib=group.disk.size_gib,
            disk_iops=group.disk.iops,
            disk_throughput=group.disk.throughput_mib,
            hop_limit=group.hop_limit,
            max_unavailable=group.max_unavailable,
            tags=self.thing_tags,
        )
        NodeGroup(self, f"nodes-{key}", props, cluster=cluster, role=role, depends_on=early)

    def _karpenter(self, cluster: ClusterRef, access: Access) -> Karpenter:
        config = self.config
        karpenter = Karpenter(
            self,
            KarpenterProps(
                name=config.name,
                region=config.region,
                partition=config.partition,
                account=self.account,
                path=self.role_path,
                boundary=self.boundary,
                node_policies={key: managed.arn(self.config.partition, name) for key, name in _NODE_POLICIES.items()},
            ),
            cluster=cluster,
            access=access,
        )
        self.output("karpenter_queue", karpenter.queue_name, description="Queue of interruption warnings")
        self.output("karpenter_node_role", karpenter.node_role.name, description="Role of the nodes Karpenter starts")
        return karpenter

    def _admin_box(self) -> None:
        settings = self.config.cluster.admin_box
        assert settings is not None  # the caller asked
        policy = admin_box.box_policy(
            partition=self.config.partition, region=self.config.region, account=self.account, cluster_name=self.config.cluster_name
        )
        role = self._role("admin-box-role", "admin-box", self._ec2, {"ssm": managed.SSM_CORE}, inline={"cluster": policy})
        props = AdminBoxProps(
            name=self.config.name,
            region=self.config.region,
            path=self.role_path,
            instance_type=settings.instance_type,
            disk_gib=settings.disk.size_gib,
            vpc_id=self._network.vpc_id,
            subnet_id=next(iter(self._network.data_plane.values())),
            opens_cluster=self.access is not None,
        )
        if self.access is not None:
            self.access.admin_box(role.arn, may_change=settings.access == "admin")
        AdminBox(self, props, cluster=self.ref, role=role)
