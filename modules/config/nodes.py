"""Where pods run: Karpenter node pools, managed node groups, and how they are replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field

from modules.config._base import ArnText, Cidr, Family, InstanceType, Key, Memory, Model, Taint
from modules.config.network import RetentionDays
from modules.config.pod_logs import PodLogs

Capacity = Literal["spot", "on-demand"]
Arch = Literal["amd64", "arm64"]
Accelerator = Literal["nvidia", "nvidia-time-sliced", "neuron"]


class Disk(Model):
    """The root volume of a node; always gp3 and encrypted."""

    size_gib: Annotated[int, Field(ge=20, le=16384)] = 100
    """GiB."""
    iops: Annotated[int, Field(ge=3000, le=16000)] = 3000
    """Operations a second; 3000 are free."""
    throughput_mib: Annotated[int, Field(ge=125, le=1000)] = 125
    """MiB a second; 125 are free."""


class Disruption(Model):
    """When Karpenter may take a node away."""

    consolidate: Literal["WhenEmpty", "WhenEmptyOrUnderutilized"] = "WhenEmpty"
    """`WhenEmpty` never moves a running notebook."""
    after: Annotated[str, Field(pattern=r"^\d+(s|m|h)$")] = "60s"
    """How long a node must have been empty (or underused)."""
    budget_nodes: Annotated[int, Field(ge=0)] = 1
    """At most this many nodes at once, as an absolute number: a percentage of a small pool rounds to all or none."""
    expire_after: Annotated[str, Field(pattern=r"^(\d+h|Never)$")] = "720h"
    """A node is replaced at this age, for fresh images; Never keeps it."""
    termination_grace: Annotated[str, Field(pattern=r"^\d+(m|h)$")] = "24h"
    """How long a pod marked do-not-disrupt may hold an expired node."""


class Limits(Model):
    """What one pool may grow to: the last guard of the bill. Karpenter counts each capacity of a pool by itself."""

    cpu: Annotated[int, Field(gt=0)] = 1000
    """vCPUs of all its nodes together."""
    memory: Memory = "1000G"
    """Memory of all its nodes together."""
    gpu: Annotated[int, Field(ge=0)] | None = None
    """GPUs of all its nodes together; null means no limit of its own."""


class Pool(Model):
    """A Karpenter NodePool and its EC2NodeClass."""

    families: Annotated[tuple[Family, ...], Field(min_length=1)]
    """Instance families to choose from."""
    sizes: Annotated[tuple[str, ...], Field(min_length=1)]
    """Instance sizes of those families, such as xlarge."""
    capacity: Annotated[tuple[Capacity, ...], Field(min_length=1)] = ("on-demand",)
    """In order of preference; `[spot, on-demand]` falls back when there is no spot."""
    arch: Arch = "amd64"
    """Architecture of the families."""
    gpu: Accelerator | None = None
    """What accelerator the families carry."""
    gpu_time_slices: Annotated[int, Field(ge=2, le=16)] | None = None
    """Pods that share one card; only with gpu: nvidia-time-sliced."""
    purpose: Literal["user", "core", "dask-worker", "ray", "vault", "desktop", "public"] = "user"
    """Sets the pool's standing labels and taint (hub.jupyter.org/dedicated=user and so on)."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Added to the standing labels."""
    taints: tuple[Taint, ...] = ()
    """Added to the standing taint."""
    limits: Limits = Limits()
    """What the pool may grow to."""
    disruption: Disruption = Disruption()
    """When nodes may be taken away."""
    ami: Annotated[str, Field(pattern=r"^(al2023|bottlerocket)@v[0-9][0-9A-Za-z.-]*$")] = "al2023@v20260724"
    """An alias pinned by date; never latest, which replaces every node on a day nobody chose."""
    disk: Disk = Disk(size_gib=200)
    """Root volume."""
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    """2 lets pods reach instance metadata; only the desktop pool needs it, for the DCV licence check."""
    weight: Annotated[int, Field(ge=1, le=100)] = 10
    """Among pools a pod fits, the heaviest is tried first."""
    zones: tuple[str, ...] = ()
    """Restrict to these zones; empty means all zones of the network."""


def node_pool_names(key: str, pool: Pool) -> tuple[str, ...]:
    """Names of the Karpenter NodePools that one pool becomes, in the order of its capacities: one each, for Karpenter weighs NodePools."""
    return (key,) if len(pool.capacity) == 1 else tuple(f"{key}-{capacity}" for capacity in pool.capacity)


class NodeGroup(Model):
    """An EKS managed node group, for cluster-autoscaler mode or for a fixed set of nodes."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)]
    """Types EKS chooses from."""
    min: Annotated[int, Field(ge=0)] = 0
    """Nodes at least; 0 scales from nothing."""
    max: Annotated[int, Field(ge=1)] = 1
    """Nodes at most."""
    desired: Annotated[int, Field(ge=0)] | None = None
    """Only the number at creation: the autoscaler owns it afterwards. Default: min."""
    capacity: Capacity = "on-demand"
    """Spot nodes can be taken away with two minutes' notice."""
    arch: Arch = "amd64"
    """Architecture of the types."""
    gpu: Accelerator | None = None
    """What accelerator the types carry."""
    purpose: Literal["user", "core", "dask-worker", "ray", "vault", "desktop", "public"] = "user"
    """Sets the standing labels and taint, as for pools."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Added to the standing labels."""
    taints: tuple[Taint, ...] = ()
    """Added to the standing taint."""
    disk: Disk = Disk()
    """Root volume."""
    hop_limit: Annotated[int, Field(ge=1, le=2)] = 1
    """2 lets pods reach instance metadata; only desktops need it."""
    zones: tuple[str, ...] = ()
    """Restrict to these zones; EBS homes follow their user only inside one zone."""
    max_unavailable: Annotated[int, Field(ge=1)] = 1
    """Nodes replaced at once in an update."""


class CoreNodes(Model):
    """The managed node group that runs the hub, the controllers and nothing of the users'."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)] = ("t3a.medium",)
    """Types EKS chooses from, in this order."""
    min: Annotated[int, Field(ge=1)] = 2
    """Nodes at least; two keep the hub up while one is lost. With 1 every controller runs once, and a check says what must fit."""
    max: Annotated[int, Field(ge=1)] = 4
    """Nodes at most."""
    desired: Annotated[int, Field(ge=1)] | None = None
    """Nodes at creation. Default: min."""
    arch: Arch = "amd64"
    """Architecture of the types."""
    disk: Disk = Disk()
    """Root volume."""
    release: str | None = None
    """A fixed EKS-optimised AMI release such as 1.35.2-20260724; default: what EKS gives at creation."""


class AdminBox(Model):
    """An optional EC2 host inside the VPC, reached by SSM only, for people who cannot use their laptop."""

    instance_type: InstanceType = "t3a.micro"
    """Its type."""
    disk: Disk = Disk(size_gib=20)
    """Its root volume."""
    access: Literal["viewer", "admin"] = "viewer"
    """What a shell on it may do in the cluster: look at all but secrets, or administer. On an existing cluster its owner grants it."""


class Endpoint(Model):
    """Who can reach the Kubernetes API."""

    public_cidrs: tuple[Cidr, ...] = ()
    """Addresses that reach the API from outside; empty means only from inside the VPC."""
    open_to_the_world: bool = False
    """Must be said aloud before 0.0.0.0/0 may stand in public_cidrs."""


def _without_scheme(issuer: str) -> str:
    return issuer.removeprefix("https://").rstrip("/")


class ExistingCluster(Model):
    """An EKS cluster somebody else owns. Fields also take the DCV seed's parameter names."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")] = Field(
        validation_alias=AliasChoices("name", "eks-cluster-name")
    )
    """Its name."""
    admin_role_arn: ArnText | None = Field(default=None, validation_alias=AliasChoices("admin_role_arn", "eks-cluster-admin-role-arn"))
    """Role that may administer it, when the deployer may not."""
    oidc_provider_arn: ArnText = Field(validation_alias=AliasChoices("oidc_provider_arn", "eks-oidc-arn"))
    """Its IAM OIDC provider."""
    oidc_issuer: Annotated[str, Field(pattern=r"^(https://)?[a-z0-9.-]+/.+$"), AfterValidator(_without_scheme)] = Field(
        validation_alias=AliasChoices("oidc_issuer", "eks-cluster-open-id-connect-issuer")
    )
    """Host and path; https:// before it is dropped."""
    security_group_id: Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")] = Field(
        validation_alias=AliasChoices("security_group_id", "eks-cluster-security-group-id")
    )
    """Its cluster security group."""
    node_role_arn: ArnText = Field(validation_alias=AliasChoices("node_role_arn", "eks-node-role-arn"))
    """Role of its nodes."""
    handler_role_arn: ArnText | None = Field(default=None, validation_alias=AliasChoices("handler_role_arn", "eks-handler-role-arn"))
    """Used for nothing: the role of the seed's kubectl Lambda, taken so that its parameters can be pasted whole."""
    load_balancer_controller: bool = False
    """Whether it runs the AWS Load Balancer Controller, which desktop.exposure: nlb needs."""


class Cluster(Model):
    """The EKS cluster."""

    existing: ExistingCluster | None = None
    """Use this cluster and create none."""
    version: Annotated[str, Field(pattern=r"^1\.\d{2}$")] = "1.35"
    """In quotes, or YAML turns 1.30 into 1.3."""
    support: Literal["STANDARD", "EXTENDED"] = "STANDARD"
    """EXTENDED costs six times as much per hour and lets an old version live on."""
    endpoint: Endpoint = Endpoint()
    """Who reaches the Kubernetes API."""
    log_types: tuple[Literal["api", "audit", "authenticator", "controllerManager", "scheduler"], ...] = (
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    )
    """Control-plane logs that CloudWatch gets."""
    log_retention_days: RetentionDays = 90
    """How long CloudWatch keeps them."""
    pod_logs: PodLogs = PodLogs()
    """Logs of pods in CloudWatch."""
    admins: tuple[ArnText, ...] = ()
    """ARNs of roles or users that administer the cluster (access entries, policy AmazonEKSClusterAdminPolicy)."""
    viewers: tuple[ArnText, ...] = ()
    """ARNs that may look (AmazonEKSAdminViewPolicy)."""
    service_cidr: Cidr = "172.20.0.0/16"
    """Addresses of Kubernetes services; overlaps nothing you want to reach."""
    autoscaler: Literal["karpenter", "cluster-autoscaler"] = "karpenter"
    """`karpenter` runs pools; `cluster-autoscaler` runs node_groups only."""
    core: CoreNodes = CoreNodes()
    """The nodes of the hub and the controllers."""
    addons: dict[Key, str] = Field(default_factory=dict)
    """Fixed add-on versions; an add-on not named here gets EKS's default for the cluster version."""
    admin_box: AdminBox | None = None
    """None when absent."""
