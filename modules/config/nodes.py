"""Where pods run: Karpenter node pools, managed node groups, and how they are replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.config._base import ArnText, Cidr, Family, InstanceType, Key, Memory, Model, Taint
from modules.config.network import RetentionDays

Capacity = Literal["spot", "on-demand"]
Arch = Literal["amd64", "arm64"]
Accelerator = Literal["nvidia", "nvidia-time-sliced", "neuron"]


class Disk(Model):
    """The root volume of a node; always gp3 and encrypted."""

    size_gib: Annotated[int, Field(ge=20, le=16384)] = 100
    iops: Annotated[int, Field(ge=3000, le=16000)] = 3000
    throughput_mib: Annotated[int, Field(ge=125, le=1000)] = 125


class Disruption(Model):
    """When Karpenter may take a node away."""

    consolidate: Literal["WhenEmpty", "WhenEmptyOrUnderutilized"] = "WhenEmpty"
    """`WhenEmpty` never moves a running notebook."""
    after: Annotated[str, Field(pattern=r"^\d+(s|m|h)$")] = "60s"
    budget_nodes: Annotated[int, Field(ge=0)] = 1
    """At most this many nodes at once, as an absolute number: a percentage of a small pool rounds to all or none."""
    expire_after: Annotated[str, Field(pattern=r"^(\d+h|Never)$")] = "720h"
    termination_grace: Annotated[str, Field(pattern=r"^\d+(m|h)$")] = "24h"
    """How long a pod marked do-not-disrupt may hold an expired node."""


class Limits(Model):
    """What one pool may grow to: the last guard of the bill."""

    cpu: Annotated[int, Field(gt=0)] = 1000
    memory: Memory = "1000G"
    gpu: Annotated[int, Field(ge=0)] | None = None


class Pool(Model):
    """A Karpenter NodePool and its EC2NodeClass."""

    families: Annotated[tuple[Family, ...], Field(min_length=1)]
    sizes: Annotated[tuple[str, ...], Field(min_length=1)]
    """Instance sizes of those families, such as xlarge."""
    capacity: Annotated[tuple[Capacity, ...], Field(min_length=1)] = ("on-demand",)
    """In order of preference; `[spot, on-demand]` falls back when there is no spot."""
    arch: Arch = "amd64"
    gpu: Accelerator | None = None
    gpu_time_slices: Annotated[int, Field(ge=2, le=16)] | None = None
    """Pods that share one card; only with gpu: nvidia-time-sliced."""
    purpose: Literal["user", "core", "dask-worker", "ray", "vault", "desktop", "public"] = "user"
    """Sets the pool's standing labels and taint (hub.jupyter.org/dedicated=user and so on)."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Added to the standing labels."""
    taints: tuple[Taint, ...] = ()
    """Added to the standing taint."""
    limits: Limits = Limits()
    disruption: Disruption = Disruption()
    ami: Annotated[str, Field(pattern=r"^(al2023|bottlerocket)@v[0-9][0-9A-Za-z.-]*$")] = "al2023@v20260724"
    """An alias pinned by date; never latest, which replaces every node on a day nobody chose."""
    disk: Disk = Disk(size_gib=200)
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    """2 lets pods reach instance metadata; only the desktop pool needs it, for the DCV licence check."""
    weight: Annotated[int, Field(ge=1, le=100)] = 10
    zones: tuple[str, ...] = ()
    """Restrict to these zones; empty means all zones of the network."""


class NodeGroup(Model):
    """An EKS managed node group, for cluster-autoscaler mode or for a fixed set of nodes."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)]
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=1)] = 1
    desired: Annotated[int, Field(ge=0)] | None = None
    """Only the number at creation: the autoscaler owns it afterwards. Default: min."""
    capacity: Capacity = "on-demand"
    arch: Arch = "amd64"
    gpu: Accelerator | None = None
    purpose: Literal["user", "core", "dask-worker", "ray", "vault", "desktop", "public"] = "user"
    labels: dict[str, str] = Field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    disk: Disk = Disk()
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    zones: tuple[str, ...] = ()
    """Restrict to these zones; EBS homes follow their user only inside one zone."""
    max_unavailable: Annotated[int, Field(ge=1)] = 1


class CoreNodes(Model):
    """The managed node group that runs the hub, the controllers and nothing of the users'."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)] = ("t3a.medium",)
    min: Annotated[int, Field(ge=1)] = 2
    max: Annotated[int, Field(ge=1)] = 4
    desired: Annotated[int, Field(ge=1)] | None = None
    arch: Arch = "amd64"
    disk: Disk = Disk()
    release: str | None = None
    """A fixed EKS-optimised AMI release such as 1.35.2-20260724; default: what EKS gives at creation."""


class AdminBox(Model):
    """An optional EC2 host inside the VPC, reached by SSM only, for people who cannot use their laptop."""

    instance_type: InstanceType = "t3a.micro"
    disk: Disk = Disk(size_gib=20)


class Endpoint(Model):
    """Who can reach the Kubernetes API."""

    public_cidrs: tuple[Cidr, ...] = ()
    """Addresses that reach the API from outside; empty means only from inside the VPC."""
    open_to_the_world: bool = False
    """Must be said aloud before 0.0.0.0/0 may stand in public_cidrs."""


class ExistingCluster(Model):
    """An EKS cluster somebody else owns (the inputs of the DCV seed)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
    admin_role_arn: ArnText | None = None
    oidc_provider_arn: ArnText
    oidc_issuer: Annotated[str, Field(pattern=r"^[a-z0-9.-]+/.+$")]
    """Host and path, without https://."""
    security_group_id: Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")]
    node_role_arn: ArnText


class Cluster(Model):
    """The EKS cluster."""

    existing: ExistingCluster | None = None
    """Use this cluster and create none."""
    version: Annotated[str, Field(pattern=r"^1\.\d{2}$")] = "1.35"
    """In quotes, or YAML turns 1.30 into 1.3."""
    support: Literal["STANDARD", "EXTENDED"] = "STANDARD"
    """EXTENDED costs six times as much per hour and lets an old version live on."""
    endpoint: Endpoint = Endpoint()
    log_types: tuple[Literal["api", "audit", "authenticator", "controllerManager", "scheduler"], ...] = (
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    )
    log_retention_days: RetentionDays = 90
    admins: tuple[ArnText, ...] = ()
    """ARNs of roles or users that administer the cluster (access entries, policy AmazonEKSClusterAdminPolicy)."""
    viewers: tuple[ArnText, ...] = ()
    """ARNs that may look (AmazonEKSAdminViewPolicy)."""
    service_cidr: Cidr = "172.20.0.0/16"
    autoscaler: Literal["karpenter", "cluster-autoscaler"] = "karpenter"
    core: CoreNodes = CoreNodes()
    addons: dict[Key, str] = Field(default_factory=dict)
    """Fixed add-on versions; an add-on not named here gets EKS's default for the cluster version."""
    admin_box: AdminBox | None = None
