"""HubConfig: one env, typed and frozen. Everything after the loader reads this and nothing else."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import Field

from modules.common import arn, cidr, names
from modules.config._base import AccountId, ArnText, BucketName, DnsName, Key, Model, Region
from modules.config.auth import Auth, CognitoAuth
from modules.config.extras import AppRole, Dask, Desktop, Launcher, RayCluster, Vault
from modules.config.hub import Hub
from modules.config.network import Network
from modules.config.nodes import Cluster, NodeGroup, Pool
from modules.config.storage import Storage


class Aws(Model):
    """The account this env may touch, and as whom."""

    account: AccountId | None = None
    """Everything stops when the credentials belong to another account. Only a rehearsal has none."""
    profile: str | None = None
    """A profile of ~/.aws/config; default: whatever the environment provides."""
    permissions_boundary: ArnText | None = None
    """ARN of a policy put on every role this env creates."""
    deployer_role_arn: ArnText | None = None
    """The role that installs; it administers the cluster beside the admins. Required when admins are named; without either,
    whoever installs first keeps access."""


class Dns(Model):
    """The Route 53 zone the hub's name lives in."""

    zone: DnsName
    """The hosted zone's name; it must exist."""
    manage: bool = True
    """Validate the certificate by records in the zone. False: validate it by hand once."""
    private: bool = False
    """Look among private zones."""


class State(Model):
    """Where Terraform keeps its memory. Defaults are derived from the deployment id."""

    bucket: BucketName | None = None
    """Default: `<deployment id>-state`."""
    lock_table: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")] | None = None
    """Default: `<deployment id>-locks`."""
    keep_versions_days: Annotated[int, Field(ge=7, le=3650)] = 90
    """How long old versions of the state can be restored."""


class HubConfig(Model):
    """One env. A minimal file is name, region, account, domain, auth and hub."""

    env: Key
    """The env's name: the folder under envs/. Set by the loader."""
    name: Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9-]*$")]
    """The EKS cluster's name, and the first part of most other names."""
    region: Region
    """The AWS region of everything."""
    rehearsal: bool = False
    """Runs on the embedded emulator; such an env names no account."""
    insecure: bool = False
    """Must be said aloud before auth kind dummy is accepted."""
    aws: Aws = Aws()
    """Account and credentials."""
    domain: DnsName | None = None
    """The hub's host name."""
    dns: Dns | None = None
    """The hosted zone."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Put on every resource, beside the deployment's own."""
    state: State = State()
    """Terraform's state."""
    network: Network = Network()
    """VPC, subnets, NAT, endpoints."""
    cluster: Cluster = Cluster()
    """The EKS cluster."""
    pools: dict[Key, Pool] = Field(default_factory=dict)
    """Karpenter node pools."""
    node_groups: dict[Key, NodeGroup] = Field(default_factory=dict)
    """Managed node groups beside the core one."""
    storage: Storage = Storage()
    """Homes, shared trees, buckets, backups."""
    auth: Auth
    """Who may log in."""
    hub: Hub
    """JupyterHub."""
    dask: Dask | None = None
    """dask-gateway; none when absent."""
    desktop: Desktop | None = None
    """DCV desktops; none when absent."""
    ray: dict[Key, RayCluster] = Field(default_factory=dict)
    """Ray clusters, by name."""
    vault: Vault | None = None
    """HashiCorp Vault; none when absent."""
    launcher: Launcher | None = None
    """The process launcher; none when absent."""
    roles: dict[Key, AppRole] = Field(default_factory=dict)
    """IAM roles for service accounts, by a short name."""

    @cached_property
    def deployment(self) -> str:
        """The id stamped on every resource; stable while env, account and region are."""
        return names.deployment_id(self.env, self.aws.account or "", self.region)

    @property
    def state_bucket(self) -> str:
        """The bucket that holds this env's Terraform states."""
        return self.state.bucket or names.bucket_name(self.deployment, "state")

    @property
    def lock_table(self) -> str:
        """The DynamoDB table that holds this env's state locks."""
        return self.state.lock_table or f"{self.deployment}-locks"

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return arn.partition_of(self.region)

    @property
    def azs(self) -> tuple[str, ...]:
        """Full names of the availability zones, in the order given."""
        return tuple(zone if len(zone) > 1 else f"{self.region}{zone}" for zone in self.network.azs)

    @property
    def subnets(self) -> cidr.SubnetPlan:
        """CIDRs of the subnets this env creates."""
        return cidr.plan_subnets(self.network.cidr, self.network.data_plane_cidr, len(self.network.azs))

    @property
    def cluster_name(self) -> str:
        """The EKS cluster's name, ours or the existing one's."""
        return self.cluster.existing.name if self.cluster.existing else self.name

    @property
    def hub_url(self) -> str | None:
        """Where people log in; None for an env without a domain."""
        return f"https://{self.domain}" if self.domain else None

    @property
    def callback_url(self) -> str | None:
        """The OAuth callback, derived so that it cannot disagree with the host."""
        return f"{self.hub_url}/hub/oauth_callback" if self.hub_url else None

    @property
    def cognito(self) -> CognitoAuth | None:
        """The Cognito settings when auth asks for them."""
        return self.auth if isinstance(self.auth, CognitoAuth) else None
