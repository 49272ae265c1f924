"""The nodes: as many core nodes are Ready as the group keeps at least, and no node is not."""

from __future__ import annotations

from typing import Any

from modules.common.errors import HubError
from modules.common.scheduling import placement
from modules.ops.verify.check import Check
from modules.ops.verify.objects import condition, list_or_skip, name_of
from modules.ops.verify.scene import Scene


def _run(scene: Scene) -> str:
    nodes = list_or_skip(scene, "/api/v1/nodes", "nodes")
    ready = [node for node in nodes if _is(node, "Ready")]
    core = [node for node in ready if _is_core(scene, node)]
    least = 1 if scene.config.cluster.existing else scene.config.cluster.core.min
    look = "kubectl describe nodes, and the node group's health in the EKS console"
    if len(core) < least:
        kind = "nodes" if scene.config.cluster.existing else "core nodes"
        raise HubError(f"{len(core)} of at least {least} {kind} are Ready", fix=look)
    if bad := [f"{name_of(node)} ({_why(node)})" for node in nodes if node not in ready]:
        raise HubError(f"not Ready: {', '.join(bad)}", fix=look)
    return f"{len(ready)} Ready, {len(core)} of them for the hub itself"


def _is(node: dict[str, Any], kind: str) -> bool:
    found = condition(node, kind)
    return found is not None and found.get("status") == "True"


def _why(node: dict[str, Any]) -> str:
    found = condition(node, "Ready") or {}
    return str(found.get("reason") or found.get("message") or "it says nothing")


def _is_core(scene: Scene, node: dict[str, Any]) -> bool:
    labels = node["metadata"].get("labels") or {}
    return scene.config.cluster.existing is not None or placement("core", None).labels.items() <= labels.items()


NODES = Check("nodes", _run, after=("cluster",))
