"""Everything a status says, as one JSON object: what the states hold, and what AWS and the cluster answer at this moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from modules.config.models import HubConfig
from modules.config.nodes import node_pool_names
from modules.ops.say import VERSION
from modules.ops.status import account, inside
from modules.ops.status.applied import releases, urls
from modules.ops.status.looks import SECONDS, Look, Seen, look_around
from modules.ops.status.stacks import Stacks
from modules.ops.teardown.ground import ground
from modules.ops.teardown.namespaces import stuck_in_words
from modules.ops.verify.scene import Scene


@dataclass(frozen=True)
class Status:
    """stacks: as their states have them. seen: what was looked at; empty where nothing is applied."""

    config: HubConfig
    stacks: Stacks
    seen: Seen = field(default_factory=Seen)

    @property
    def unread(self) -> dict[str, str]:
        """By what could not be read, why, each in one line."""
        states = {f"state of {name}": " ".join(why.split()) for name, why in self.stacks.unread.items()}
        return states | self.seen.unread

    @property
    def exit_code(self) -> int:
        """1 where a state cannot be read, for then nothing is known of that stack. Nothing there, or a silent cluster, is an answer."""
        return 1 if self.stacks.unread else 0

    def document(self) -> dict[str, Any]:
        """The object of --json; null stands for what could not be read or is not there, and `unread` says which."""
        found = self.seen.found
        cluster = found.get("cluster")
        return {
            "env": self.config.env,
            "command": "status",
            "exit": self.exit_code,
            "stacks": self._stacks(),
            "urls": urls(self.config, self.stacks),
            "versions": {
                "hubsmith": VERSION,
                "kubernetes": cluster["version"] if cluster else None,
                "releases": releases(self.stacks),
            },
            "cluster": cluster,
            "pools": pools(self.config, found),
            "nodes": found.get("nodes"),
            "users": found.get("users"),
            "stuck": found.get("namespaces"),
            "certificate": found.get("certificate"),
            "cost": idle_cost(self.config),
            "unread": self.unread,
        }

    def _stacks(self) -> dict[str, Any]:
        known = {
            name: {"resources": len(state.resources) if state else 0, "outputs": self.stacks.shown(name)}
            for name, state in self.stacks.states.items()
        }
        return known | {name: {"resources": None, "outputs": {}} for name in self.stacks.unread}


def look(scene: Scene, stacks: Stacks, seconds: float = SECONDS) -> Seen:
    """What AWS and the cluster say, asked side by side. seconds: after which silence counts as an answer."""
    config = scene.config
    ours = ground(config, stacks.applied.values()).namespaces
    certificate = stacks.output(config.env, "network", "certificate_arn")
    looks: dict[str, Look] = {
        "cluster": lambda: account.cluster(scene.client, config, datetime.now(UTC).date()),
        "node groups": lambda: account.node_groups(scene.client, config),
        "certificate": lambda: account.certificate(scene.client, certificate),
        "nodes": lambda: inside.nodes(scene.cluster),
        "users": lambda: inside.users(scene.cluster),
        "namespaces": lambda: stuck_in_words(scene.cluster, ours),
    }
    return look_around(looks, seconds)


def pools(config: HubConfig, found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By name, every Karpenter pool of hub.yaml and every node group of EKS, with its nodes; null nodes where none could be counted."""
    groups = {each["name"]: each for each in found.get("node groups") or ()}
    karpenter = {name for key, pool in config.pools.items() for name in node_pool_names(key, pool)}
    counted = inside.by_pool(found["nodes"]) if "nodes" in found else None
    names = [*groups, *sorted(karpenter - groups.keys())]
    names += sorted(name for name in counted or () if name and name not in names)
    return {name: groups.get(name, {}) | {"kind": _kind(name, groups, karpenter)} | _count(name, counted) for name in names}


def _kind(name: str, groups: Collection[str], karpenter: Collection[str]) -> str:
    return "node group" if name in groups else "karpenter" if name in karpenter else "unknown"


def _count(name: str, counted: dict[str, list[dict[str, Any]]] | None) -> dict[str, int | None]:
    if counted is None:
        return {"nodes": None, "ready": None}
    nodes = counted.get(name, [])
    return {"nodes": len(nodes), "ready": sum(each["ready"] for each in nodes)}


def idle_cost(config: HubConfig) -> dict[str, Any]:
    """What the env costs a month while nobody works, and its kept data, in USD. unknown: what the catalog knows no price of."""
    from modules.ops.cost.estimate import estimate

    found = estimate(config)
    return {
        "idle_month": round(found.idle, 2),
        "storage_month": round(found.storage, 2),
        "unknown": list(found.unknown),
        "priced": found.priced.isoformat(),
    }
