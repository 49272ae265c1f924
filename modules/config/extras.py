"""The optional parts: Dask, desktops, Ray, Vault, the process launcher, application roles."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from modules.config._base import ArnText, BucketName, Cidr, Cpu, FixedTag, InstanceType, K8sName, Key, Memory, Model, SecretName


class Dask(Model):
    """dask-gateway beside the hub."""

    worker_cores: Annotated[tuple[int, int], Field(description="[least, most] a user may ask for.")] = (1, 4)
    worker_memory: tuple[Memory, Memory] = ("1G", "8G")
    idle_timeout_seconds: Annotated[int, Field(ge=0)] = 1800
    max_cores_per_user: Annotated[int, Field(gt=0)] = 64
    max_memory_per_user: Memory = "256G"
    max_clusters_per_user: Annotated[int, Field(gt=0)] = 4
    worker_pool: Key
    """Pool or node group of the workers; spot is fine."""
    scheduler_pool: Key | None = None
    """Pool or node group of the schedulers, on-demand; default: the core nodes."""
    gpu_pool: Key | None = None


class Desktop(Model):
    """DCV remote desktops. Fields also take the DCV seed's parameter names."""

    image: str = Field(validation_alias=AliasChoices("image", "dcv-image-uri"))
    """Image with a fixed tag or digest."""
    app_image: str | None = Field(default=None, validation_alias=AliasChoices("app_image", "app-image-uri"))
    namespace: K8sName = Field(default="dcv", validation_alias=AliasChoices("namespace", "dcv-namespace"))
    node_port: Annotated[int, Field(ge=30000, le=32767)] = Field(default=31980, validation_alias=AliasChoices("node_port", "dcv-nodeport"))
    """One number for TCP and UDP (QUIC)."""
    cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)]
    """Who reaches the desktops. There is no default to the world."""
    pool: Key
    exposure: Literal["node-port", "nlb"] = "node-port"
    project: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "hubsmith"
    module: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "dcv"
    credentials: tuple[SecretName, ...] = ("dcv-credentials",)
    """One JSON secret {UserName, Password}, or two: dcv-cred-user and dcv-cred-passwd."""
    cpu: Cpu = 4
    memory: Memory = "16G"
    gpu: Annotated[int, Field(ge=0)] = 1


class RayCluster(Model):
    """One Ray cluster."""

    kind: Literal["static", "kuberay"] = "static"
    namespace: K8sName = "ray"
    image: str
    """The same image for cluster and notebooks: client and cluster versions must agree."""
    workers: Annotated[int, Field(ge=0)] = 4
    max_workers: Annotated[int, Field(ge=0)] | None = None
    """Only for kuberay, which scales between workers and this."""
    pool: Key
    instance_type: InstanceType
    """Sizes of head and workers are derived from it."""


class Vault(Model):
    """HashiCorp Vault with KMS auto-unseal."""

    namespace: K8sName = "vault"
    pool: Key
    replicas: Literal[1, 3, 5] = 3
    storage_size: Annotated[str, Field(pattern=r"^\d+Gi$")] = "10Gi"
    shared_user_policy: bool = False
    """As the seed had it: every pod may read every user's role."""


class Launcher(Model):
    """The process launcher (Hydroplane's API)."""

    image: str
    tag: FixedTag
    namespace: K8sName = "launcher"
    process_namespaces: Annotated[tuple[K8sName, ...], Field(min_length=1)] = ("processes",)
    max_processes_per_user: Annotated[int, Field(gt=0)] = 10
    ttl_hours: Annotated[int, Field(gt=0)] | None = 24
    public_cidrs: tuple[Cidr, ...] = ()
    """Who reaches public processes; empty means no process may be public."""
    pool: Key | None = None


class BucketGrant(Model):
    """Access to one bucket, or one prefix of it."""

    name: BucketName
    prefix: str = ""
    access: Literal["read", "write"] = "read"


class AppRole(Model):
    """An IAM role for named service accounts (IRSA)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$")] | None = None
    """Default: <cluster>_<key>."""
    service_accounts: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[a-z0-9*-]+$")], ...], Field(min_length=1)]
    """`namespace:name`, exact."""
    allow_patterns: bool = False
    """Must be said aloud before a name may hold a `*`; the policy check reports each."""
    buckets: tuple[BucketGrant, ...] = ()
    statements: tuple[dict[str, Any], ...] = ()
    """Raw IAM statements (Sid, Effect, Action, Resource, Condition)."""
    managed_policies: tuple[ArnText, ...] = ()
