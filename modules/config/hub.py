"""The JupyterHub release: images, profiles, culling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from modules.common.quantity import memory_bytes
from modules.config._base import Cidr, Cpu, FixedTag, InstanceType, K8sName, Key, Memory, Model, Port


class Image(Model):
    """A single-user image."""

    repo: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*(:[0-9]+/)?[a-z0-9./_-]*$")]
    """Registry and repository, without the tag."""
    tag: FixedTag
    """A fixed tag; floating ones such as latest are refused."""
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
    """What the spawn page calls it; unique."""
    description: str = ""
    """The line below the name."""
    default: bool = False
    """Exactly one profile of the hub."""
    cpu: Annotated[tuple[Cpu, Cpu], AfterValidator(_ordered_cpu)]
    """[guarantee, limit]."""
    memory: Annotated[tuple[Memory, Memory], AfterValidator(_ordered_memory)]
    """[guarantee, limit]."""
    gpu: Annotated[int, Field(ge=0, le=16)] = 0
    """Whole GPUs; on a time-sliced pool 1, one share of a card."""
    pool: Key
    """The pool, or in cluster-autoscaler mode the node group, that its servers run on."""
    instance_types: tuple[InstanceType, ...] = ()
    """Only on these types of the pool."""
    images: tuple[Key, ...] = ()
    """Images to choose from; empty means the hub's default image."""
    groups: tuple[str, ...] = ()
    """Shown only to members; empty means to everybody."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Environment variables of its servers."""
    desktop: bool = False
    """Programs of its servers draw on the desktop of their node; the pool is one with purpose: desktop."""


class Culling(Model):
    """Stopping servers nobody uses."""

    enabled: bool = True
    """Whether idle servers are stopped at all."""
    timeout_seconds: Annotated[int, Field(ge=60)] = 3600
    """Idle for this long means unused."""
    every_seconds: Annotated[int, Field(ge=30)] = 300
    """How often to look."""
    max_age_hours: Annotated[int, Field(ge=0)] = 0
    """0 means no limit."""


class SingleUser(Model):
    """Every user's server."""

    namespace_role: bool = True
    """Give servers the env's single-user IRSA role (shared and scratch buckets)."""
    service_account: K8sName | None = None
    """Servers run as this account of the hub's namespace, with the role that `roles` gives it; null: as one of ours, see namespace_role."""
    start_timeout_seconds: Annotated[int, Field(ge=60)] = 900
    """How long a server may take to start; a new node with a large image takes minutes."""
    default_url: str = "/lab"
    """Where a user lands."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Environment variables of all servers. Never a secret."""
    root: bool = False
    """Root and sudo in notebooks, as the DANDI seed had it. Loosens the pod security of every user."""
    fuse: bool = False
    """/dev/fuse in notebooks."""
    post_start: tuple[str, ...] = ()
    """Shell lines after a server starts, such as a git pull of teaching material."""
    extra_egress_ports: tuple[Port, ...] = ()
    """Ports of the cluster's own services that notebooks may reach besides the hub's, such as a database's 5432. Ray needs none."""


class Hub(Model):
    """JupyterHub."""

    namespace: K8sName = "jupyterhub"
    """Kubernetes namespace of the hub and of users' servers."""
    images: Annotated[dict[Key, Image], Field(min_length=1)]
    """Single-user images, by the name profiles use."""
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)]
    """What the spawn page offers, in this order."""
    culling: Culling = Culling()
    """Stopping servers nobody uses."""
    singleuser: SingleUser = SingleUser()
    """What all users' servers share."""
    database_size: Annotated[str, Field(pattern=r"^\d+Gi$")] = "10Gi"
    """Volume of the hub's database."""
    placeholders: Annotated[int, Field(ge=0)] = 0
    """Warm seats kept ready."""
    prepull: bool = False
    """Pull the default image on every node ahead of time."""
    load_balancer: Literal["internet-facing", "internal"] = "internet-facing"
    """`internal` is reached from the VPC and what is connected to it only."""
    load_balancer_cidrs: tuple[Cidr, ...] = ()
    """Who reaches the hub's load balancer; empty means everybody, who then meets the login."""
