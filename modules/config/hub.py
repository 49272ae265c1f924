"""The JupyterHub release: images, profiles, culling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from modules.config._base import Cidr, Cpu, FixedTag, InstanceType, K8sName, Key, Memory, Model, Port, memory_bytes


class Image(Model):
    """A single-user image."""

    repo: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*(:[0-9]+/)?[a-z0-9./_-]*$")]
    tag: FixedTag
    label: str = ""
    """What the spawn page calls it; default: the key."""
    default: bool = False
    """Exactly one image of the hub."""


def _ordered_cpu(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError(f"guarantee {pair[0]:g} is above limit {pair[1]:g}; write [guarantee, limit]")
    return pair


def _ordered_memory(pair: tuple[str, str]) -> tuple[str, str]:
    if memory_bytes(pair[0]) > memory_bytes(pair[1]):
        raise ValueError(f"guarantee {pair[0]} is above limit {pair[1]}; write [guarantee, limit]")
    return pair


class Profile(Model):
    """One choice on the spawn page."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: str = ""
    default: bool = False
    """Exactly one profile of the hub."""
    cpu: Annotated[tuple[Cpu, Cpu], AfterValidator(_ordered_cpu)]
    """[guarantee, limit]."""
    memory: Annotated[tuple[Memory, Memory], AfterValidator(_ordered_memory)]
    """[guarantee, limit]."""
    gpu: Annotated[int, Field(ge=0, le=16)] = 0
    pool: Key
    """The pool, or in cluster-autoscaler mode the node group, that its servers run on."""
    instance_types: tuple[InstanceType, ...] = ()
    """Only on these types of the pool."""
    images: tuple[Key, ...] = ()
    """Images to choose from; empty means the hub's default image."""
    groups: tuple[str, ...] = ()
    """Shown only to members; empty means to everybody."""
    environment: dict[str, str] = Field(default_factory=dict)


class Culling(Model):
    """Stopping servers nobody uses."""

    enabled: bool = True
    timeout_seconds: Annotated[int, Field(ge=60)] = 3600
    every_seconds: Annotated[int, Field(ge=30)] = 300
    max_age_hours: Annotated[int, Field(ge=0)] = 0
    """0 means no limit."""


class SingleUser(Model):
    """Every user's server."""

    namespace_role: bool = True
    """Give servers the env's single-user IRSA role (shared and scratch buckets)."""
    start_timeout_seconds: Annotated[int, Field(ge=60)] = 900
    default_url: str = "/lab"
    environment: dict[str, str] = Field(default_factory=dict)
    root: bool = False
    """Root and sudo in notebooks, as the DANDI seed had it. Loosens the pod security of every user."""
    fuse: bool = False
    """/dev/fuse in notebooks."""
    post_start: tuple[str, ...] = ()
    """Shell lines after a server starts, such as a git pull of teaching material."""
    extra_egress_ports: tuple[Port, ...] = ()
    """Ports of the cluster's own services that notebooks may reach besides the hub's, such as Ray's 10001."""


class Hub(Model):
    """JupyterHub."""

    namespace: K8sName = "jupyterhub"
    images: Annotated[dict[Key, Image], Field(min_length=1)]
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)]
    culling: Culling = Culling()
    singleuser: SingleUser = SingleUser()
    database_size: Annotated[str, Field(pattern=r"^\d+Gi$")] = "10Gi"
    placeholders: Annotated[int, Field(ge=0)] = 0
    """Warm seats kept ready."""
    prepull: bool = False
    load_balancer: Literal["internet-facing", "internal"] = "internet-facing"
    load_balancer_cidrs: tuple[Cidr, ...] = ()
    """Who reaches the hub's load balancer; empty means everybody, who then meets the login."""
