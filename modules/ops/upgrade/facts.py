"""What an upgrade is judged on, as values: all that AWS and the cluster were asked, at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

#: The budget that holds running notebooks while node groups are replaced (see guard.py); it is ours, so it blocks nobody's plan.
GUARD = "hubsmith-upgrade-guard"


@dataclass(frozen=True)
class Addon:
    """One EKS add-on. pinned: the version hub.yaml fixes, None for EKS's default. choices: what EKS offers for a Kubernetes
    version, newest first, and default: the one it would install; both by Kubernetes version."""

    name: str
    version: str
    status: str = "ACTIVE"
    pinned: str | None = None
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    default: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """One managed node group. is_core: whether it runs the hub and nothing of the users'."""

    name: str
    version: str
    status: str = "ACTIVE"
    size: int = 0
    is_core: bool = False


@dataclass(frozen=True)
class Node:
    """One node. kubelet: its version, as the node says it. group, pool: what made it, "" for something else.

    is_held: whether we keep Karpenter from replacing it. is_going: whether it is being deleted.
    """

    name: str
    kubelet: str
    group: str = ""
    pool: str = ""
    is_held: bool = False
    is_going: bool = False


@dataclass(frozen=True)
class Server:
    """One running single-user server. pod: its namespace and name, as "hub/jupyter-ada"."""

    user: str
    node: str
    since: datetime | None = None
    pod: str = ""


@dataclass(frozen=True)
class Budget:
    """One PodDisruptionBudget. rule: as it was written, such as "minAvailable 1". pods: how many it is about."""

    namespace: str
    name: str
    rule: str
    allowed: int
    pods: int
    healthy: int


@dataclass(frozen=True)
class ApiUse:
    """An API version in use that a later Kubernetes does not have. removed: the first without it. seen: by whom, in words."""

    api: str
    removed: str
    seen: str
    instead: str = ""


@dataclass(frozen=True)
class Insight:
    """One of EKS's own upgrade insights that does not pass. version: the Kubernetes version it warns of."""

    name: str
    version: str
    status: str
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything the planner looks at.

    file_version: cluster.version of hub.yaml. file_line: where that stands, as "envs/x/hub.yaml line 21".
    controllers: versions of Karpenter and cluster-autoscaler as they run. free: free addresses of the cluster's subnets.
    grace: by pool, how long Karpenter lets a notebook hold a node it has begun to replace. unread: what could not be asked.
    """

    today: date
    cluster: str
    version: str
    file_version: str
    file_line: str = "hub.yaml"
    status: str = "ACTIVE"
    support: str = "STANDARD"
    is_ours: bool = True
    autoscaler: str = "karpenter"
    core_release: str | None = None
    addons: tuple[Addon, ...] = ()
    groups: tuple[Group, ...] = ()
    nodes: tuple[Node, ...] = ()
    servers: tuple[Server, ...] = ()
    budgets: tuple[Budget, ...] = ()
    uses: tuple[ApiUse, ...] = ()
    insights: tuple[Insight, ...] = ()
    git_repo_pods: tuple[str, ...] = ()
    controllers: dict[str, str] = field(default_factory=dict)
    free: dict[str, int] = field(default_factory=dict)
    grace: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def servers_on(self, nodes: tuple[Node, ...]) -> tuple[Server, ...]:
        """The user servers that run on these nodes."""
        names = {each.name for each in nodes}
        return tuple(each for each in self.servers if each.node in names)

    def nodes_of(self, group: str) -> tuple[Node, ...]:
        """The nodes of one managed node group."""
        return tuple(each for each in self.nodes if each.group == group)

    @property
    def pool_nodes(self) -> tuple[Node, ...]:
        """The nodes Karpenter made."""
        return tuple(each for each in self.nodes if each.pool)
