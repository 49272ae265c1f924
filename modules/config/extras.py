"""The optional parts: Dask, desktops, Ray, Vault, the process launcher, application roles."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from modules.config._base import (
    ArnText,
    BucketName,
    Cidr,
    Cpu,
    FixedTag,
    InstanceType,
    K8sName,
    Key,
    Memory,
    Model,
    RolePattern,
    SecretName,
)


class Dask(Model):
    """dask-gateway beside the hub."""

    namespace: K8sName = "dask"
    """Kubernetes namespace of the gateway, schedulers and workers."""
    worker_cores: Annotated[tuple[int, int], Field(description="[least, most] a user may ask for.")] = (1, 4)
    worker_memory: tuple[Memory, Memory] = ("1G", "8G")
    """[least, most] a user may ask for."""
    idle_timeout_seconds: Annotated[int, Field(ge=0)] = 1800
    """An idle Dask cluster is stopped after this; 0 never."""
    max_cores_per_user: Annotated[int, Field(gt=0)] = 64
    """Over all Dask clusters of one user."""
    max_memory_per_user: Memory = "256G"
    """Over all Dask clusters of one user."""
    max_clusters_per_user: Annotated[int, Field(gt=0)] = 4
    """Dask clusters one user may run at once."""
    worker_pool: Key
    """Pool or node group of the workers; spot is fine."""
    scheduler_pool: Key | None = None
    """Pool or node group of the schedulers, on-demand; default: the core nodes."""
    gpu_pool: Key | None = None
    """Pool or node group of GPU workers; none means that none are offered."""


class Desktop(Model):
    """DCV remote desktops, one a node. Fields also take the DCV seed's parameter names."""

    image: str = Field(validation_alias=AliasChoices("image", "dcv-image-uri"))
    """Image with a fixed tag or digest."""
    app_image: str | None = Field(default=None, validation_alias=AliasChoices("app_image", "app-image-uri"))
    """Image of an application that is shown on every desktop (chart helm/desktop-app); null for none. With a fixed tag or digest."""
    namespace: K8sName = Field(default="dcv", validation_alias=AliasChoices("namespace", "dcv-namespace"))
    """Kubernetes namespace of the desktops."""
    node_port: Annotated[int, Field(ge=30000, le=32767)] = Field(default=31980, validation_alias=AliasChoices("node_port", "dcv-nodeport"))
    """One number for TCP and UDP (QUIC)."""
    cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)]
    """Who reaches the desktops. There is no default to the world."""
    open_to_the_world: bool = False
    """Must be said aloud before cidrs may hold every address."""
    pool: Key | None = None
    """The pool or node group with purpose: desktop. Required, but on an existing cluster, whose nodes are found by their labels."""
    exposure: Literal["node-port", "nlb"] = "node-port"
    """How desktops are reached: a port of the node, or a network load balancer."""
    load_balancer: Literal["internet-facing", "internal"] = "internet-facing"
    """With exposure: nlb. `internal` is reached from the VPC and what is connected to it only."""
    project: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "hubsmith"
    """First part of parameter names, `/<project>/<env>/<module>`."""
    module: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "dcv"
    """Last part of parameter names."""
    credentials: tuple[SecretName, ...] = ("dcv-credentials",)
    """One JSON secret {UserName, Password}, or two: dcv-cred-user and dcv-cred-passwd."""
    cpu: Cpu = 4
    """CPUs of one desktop."""
    memory: Memory = "16G"
    """Memory of one desktop."""
    gpu: Annotated[int, Field(ge=0)] = 1
    """GPUs of one desktop; 0 renders in software."""
    seats: Annotated[int, Field(ge=0)] = 1
    """Desktops kept up, one a node, until `./hub desktop start|stop` says otherwise; 0 brings them up on demand only."""
    stop_idle_hours: Annotated[int, Field(ge=1)] | None = None
    """Seats go to 0 after this long without a connection, so that the pool scales to zero; null never."""
    host_path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]+$")] = "/var/addf/dcv-eks"
    """Directory on the node that desktops share with application pods: sockets and X cookies."""


class RayCluster(Model):
    """One Ray cluster."""

    kind: Literal["static", "kuberay"] = "static"
    """`static`: a head and a fixed number of workers. `kuberay`: the operator scales them."""
    namespace: K8sName = "ray"
    """Kubernetes namespace of the cluster."""
    image: str
    """The same image for cluster and notebooks: client and cluster versions must agree."""
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "2.60.0"
    """Ray's version in the image; the notebooks' must be the same."""
    workers: Annotated[int, Field(ge=0)] = 4
    """Workers at the start."""
    max_workers: Annotated[int, Field(ge=0)] | None = None
    """Only for kuberay, which scales between workers and this."""
    pool: Key
    """The pool or node group with purpose: ray."""
    instance_type: InstanceType
    """Sizes of head and workers are derived from it."""
    writable_root: bool = False
    """For images whose programs write elsewhere than in /tmp."""


class Vault(Model):
    """HashiCorp Vault with KMS auto-unseal."""

    namespace: K8sName = "vault"
    """Kubernetes namespace of Vault."""
    pool: Key
    """The pool or node group with purpose: vault."""
    replicas: Literal[1, 3, 5] = 3
    """Raft members, one a node."""
    storage_size: Annotated[str, Field(pattern=r"^\d+Gi$")] = "10Gi"
    """Of each member's volume."""
    shared_user_policy: bool = False
    """As the seed had it: every pod may read every user's role."""
    user_roles: tuple[RolePattern, ...] = ()
    """ARNs of the roles people may link, where a `*` stands for any characters; empty: roles named hubsmith-vault-…, in any account."""


class Launcher(Model):
    """The process launcher (Hydroplane's API)."""

    image: str
    """The launcher's own image (images/launcher), without the tag."""
    tag: FixedTag
    """Its fixed tag."""
    namespace: K8sName = "launcher"
    """Kubernetes namespace of the service."""
    process_namespaces: Annotated[tuple[K8sName, ...], Field(min_length=1)] = ("processes",)
    """Namespaces processes may run in; the first is where they go that name none."""
    run_as_non_root: bool = False
    """Refuse images that run as root; the processes' namespaces are then `restricted`."""
    max_processes_per_user: Annotated[int, Field(gt=0)] = 10
    """Processes one user may have at once."""
    ttl_hours: Annotated[int, Field(gt=0)] | None = 24
    """A process ends after this; null never."""
    cpu: Cpu = 0.5
    """CPUs reserved for a process that asks for none."""
    memory: Memory = "512M"
    """Memory reserved for a process that asks for none."""
    total_cpu: Annotated[float, Field(gt=0)] = 64
    """CPUs that all processes of one namespace may reserve."""
    total_memory: Memory = "256G"
    """Memory that all processes of one namespace may reserve."""
    secrets: tuple[SecretName, ...] = ()
    """Secrets that any process may be given, as processes name them; `./hub secrets set` knows each as `launcher-<name>`."""
    pool: Key | None = None
    """Pool or node group of the processes; default: wherever there is room."""
    public_cidrs: tuple[Cidr, ...] = ()
    """Who reaches public processes; empty means no process may be public."""
    open_to_the_world: bool = False
    """Must be said aloud before public_cidrs may hold every address."""
    public_pool: Key | None = None
    """The pool with purpose: public, where public processes go. Required with public_cidrs, but on an existing cluster."""
    operators: tuple[ArnText, ...] = ()
    """ARNs of the users and roles that may run `hydroplane` outside the cluster (`./hub launcher config`)."""


class BucketGrant(Model):
    """Access to one bucket, or one prefix of it."""

    name: BucketName
    """The bucket."""
    prefix: str = ""
    """Only keys below this; empty means all."""
    access: Literal["read", "write"] = "read"
    """`write` includes read and delete."""


class AppRole(Model):
    """An IAM role for named service accounts (IRSA)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$")] | None = None
    """Default: `<cluster>_<key>`."""
    service_accounts: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[a-z0-9*-]+$")], ...], Field(min_length=1)]
    """`namespace:name`, exact: accounts of the hub's namespace or of `default`, which are made, or a Ray cluster's `<name>-daft`."""
    allow_patterns: bool = False
    """Must be said aloud before a name may hold a `*`; the policy check reports each."""
    buckets: tuple[BucketGrant, ...] = ()
    """Buckets it may use."""
    statements: tuple[dict[str, Any], ...] = ()
    """Raw IAM statements (Sid, Effect, Action, Resource, Condition)."""
    managed_policies: tuple[ArnText, ...] = ()
    """ARNs of policies to attach."""
