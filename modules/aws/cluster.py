"""The EKS control plane: private unless CIDRs are named, access entries only, secrets under its own key, all logs kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.aws.kms import Key
from modules.aws.role import Role
from modules.cdk import Fn, Lifecycle, Stack, aws, local


@dataclass(frozen=True)
class ClusterRef:
    """What the rest of a hub needs of its cluster, ours or somebody else's. issuer: host and path, no scheme.
    certificate_authority: in base64."""

    name: str
    oidc_provider_arn: str
    issuer: str
    security_group_id: str
    endpoint: str
    certificate_authority: str


@dataclass(frozen=True)
class ClusterProps:
    """subnets: zone → id, for the control plane's network interfaces. public_cidrs: empty closes the public endpoint."""

    name: str
    version: str
    support: str
    subnets: Mapping[str, str]
    public_cidrs: tuple[str, ...]
    service_cidr: str
    log_types: tuple[str, ...]


class Cluster:
    """The cluster and its OIDC provider."""

    def __init__(self, stack: Stack, props: ClusterProps, *, role: Role, key: Key, depends_on: Sequence[Any]) -> None:
        ns = aws.eks_cluster
        self.resource = ns.EksCluster(
            stack,
            "main",
            name=props.name,
            role_arn=role.arn,
            version=props.version,
            # Our managed add-ons replace the self-managed ones; with both, the first update of an add-on conflicts.
            bootstrap_self_managed_addons=False,
            access_config=ns.EksClusterAccessConfig(authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False),
            upgrade_policy=ns.EksClusterUpgradePolicy(support_type=props.support),
            enabled_cluster_log_types=sorted(props.log_types),
            encryption_config=ns.EksClusterEncryptionConfig(
                resources=["secrets"], provider=ns.EksClusterEncryptionConfigProvider(key_arn=key.arn)
            ),
            kubernetes_network_config=ns.EksClusterKubernetesNetworkConfig(service_ipv4_cidr=props.service_cidr),
            vpc_config=ns.EksClusterVpcConfig(
                subnet_ids=list(props.subnets.values()),
                endpoint_private_access=True,
                endpoint_public_access=bool(props.public_cidrs),
                public_access_cidrs=sorted(props.public_cidrs) or None,
            ),
            # AWS takes these two at creation and never gives them back: without this, a cluster that was adopted after a
            # crash would be replaced.
            lifecycle=Lifecycle(
                ignore_changes=["access_config[0].bootstrap_cluster_creator_admin_permissions", "bootstrap_self_managed_addons"]
            ),
            depends_on=[*role.policies, *depends_on],
        )
        issuer = self.resource.identity.get(0).oidc.get(0).issuer
        provider = aws.iam_openid_connect_provider.IamOpenidConnectProvider(stack, "oidc", url=issuer, client_id_list=["sts.amazonaws.com"])
        self.name: str = self.resource.name
        self.ref = ClusterRef(
            name=self.name,
            oidc_provider_arn=provider.arn,
            issuer=local(stack, "oidc-issuer", Fn.replace(issuer, "https://", "")),
            security_group_id=self.resource.vpc_config.cluster_security_group_id,
            endpoint=self.resource.endpoint,
            certificate_authority=self.resource.certificate_authority.get(0).data,
        )
