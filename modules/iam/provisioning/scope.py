"""What the provisioning role is limited to, drawn from one env's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from modules.common import arn, names, tags
from modules.iam import managed

#: Who the role's policies are for when the env names no account: a policy works in the account it is put into, and only there.
ANY_ACCOUNT = "*"


class _Vpc(Protocol):
    @property
    def vpc_id(self) -> str: ...


class _ExistingCluster(Protocol):
    @property
    def security_group_id(self) -> str: ...
    @property
    def node_role_arn(self) -> str: ...


class _Network(Protocol):
    @property
    def existing(self) -> _Vpc | None: ...


class _Cluster(Protocol):
    @property
    def existing(self) -> _ExistingCluster | None: ...


class _Aws(Protocol):
    @property
    def account(self) -> str | None: ...
    @property
    def permissions_boundary(self) -> str | None: ...


class _Dns(Protocol):
    @property
    def zone(self) -> str: ...


class _Desktop(Protocol):
    @property
    def project(self) -> str: ...
    @property
    def module(self) -> str: ...


class Env(Protocol):
    """The part of modules.config.HubConfig that decides what its provisioning role may touch."""

    @property
    def env(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def deployment(self) -> str: ...
    @property
    def cluster_name(self) -> str: ...
    @property
    def state_bucket(self) -> str: ...
    @property
    def lock_table(self) -> str: ...
    @property
    def aws(self) -> _Aws: ...
    @property
    def dns(self) -> _Dns | None: ...
    @property
    def network(self) -> _Network: ...
    @property
    def cluster(self) -> _Cluster: ...
    @property
    def desktop(self) -> _Desktop | None: ...
    @property
    def roles(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Scope:
    """ARNs and tag conditions of one deployment. boundary: ARN that every role it makes must carry, or "".

    foreign_vpc, foreign_group, foreign_node_role: an existing VPC, and an existing cluster's security group and ARN of its nodes'
    role, which carry no tag of ours. attachable: managed policies its roles may have. zone: the DNS zone it writes to, or "".
    parameters: the prefix of the desktops' parameters, or "".
    """

    partition: str
    region: str
    account: str
    env: str
    deployment: str
    name: str
    cluster: str
    state_bucket: str
    lock_table: str
    boundary: str
    zone: str
    foreign_vpc: str
    foreign_group: str
    foreign_node_role: str
    parameters: str
    attachable: tuple[str, ...]

    @classmethod
    def of(cls, config: Env) -> Scope:
        """The scope of one env."""
        own = [policy for role in config.roles.values() for policy in role.managed_policies]
        existing, desktop = config.cluster.existing, config.desktop
        return cls(
            partition=config.partition,
            region=config.region,
            account=config.aws.account or ANY_ACCOUNT,
            env=config.env,
            deployment=config.deployment,
            name=config.name,
            cluster=config.cluster_name,
            state_bucket=config.state_bucket,
            lock_table=config.lock_table,
            boundary=config.aws.permissions_boundary or "",
            zone=config.dns.zone if config.dns else "",
            foreign_vpc=config.network.existing.vpc_id if config.network.existing else "",
            foreign_group=existing.security_group_id if existing else "",
            foreign_node_role=existing.node_role_arn if existing else "",
            parameters=names.parameter_prefix(desktop.project, config.env, desktop.module) if desktop else "",
            attachable=tuple(dict.fromkeys([*(managed.arn(config.partition, name) for name in managed.ALL), *own])),
        )

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in the env's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def ec2(self, *kinds: str) -> list[str]:
        """The ARNs of every EC2 resource of these kinds in the env's account and region."""
        return [self.arn("ec2", f"{kind}/*") for kind in kinds]

    def iam(self, resource: str) -> str:
        """The ARN of an IAM resource in the env's account."""
        return f"arn:{self.partition}:iam::{self.account}:{resource}"

    def bucket(self, name: str) -> str:
        """The ARN of a bucket, or of objects in one."""
        return f"arn:{self.partition}:s3:::{name}"

    @property
    def iam_path(self) -> str:
        """Below which all IAM resources of the deployment live, with no slash at either end."""
        return f"hubsmith/{self.deployment}"

    @property
    def dns_suffix(self) -> str:
        """The domain of the region's endpoints."""
        return arn.dns_suffix(self.region)

    @property
    def owned(self) -> dict[str, dict[str, Any]]:
        """The condition: the resource carries the deployment's tag."""
        return {"StringEquals": {f"aws:ResourceTag/{tags.DEPLOYMENT}": self.deployment}}

    @property
    def asked(self) -> dict[str, dict[str, Any]]:
        """The condition: the request puts the deployment's tag on what it creates."""
        return {"StringEquals": {f"aws:RequestTag/{tags.DEPLOYMENT}": self.deployment}}

    @property
    def here(self) -> dict[str, dict[str, Any]]:
        """The condition: the call goes to the env's region."""
        return {"StringEquals": {"aws:RequestedRegion": self.region}}

    @property
    def cluster_owned(self) -> dict[str, dict[str, Any]]:
        """The condition: the resource was made by a controller of this cluster."""
        return {"StringEquals": {f"aws:ResourceTag/kubernetes.io/cluster/{self.cluster}": "owned"}}
