"""Holding people's servers while nodes are replaced: a budget that refuses evictions, and a mark that Karpenter heeds.

The budget asks for more servers than there can be, for a count is all that Kubernetes takes for pods without a controller
(https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors). Culling and people who
stop their own server delete the pod, which no budget hinders.
"""

from __future__ import annotations

from typing import Any

from modules.ops.upgrade.facts import GUARD, Server
from modules.ops.upgrade.gather_cluster import HELD_BY_US, HOLD, SERVERS, Api

_MERGE = "application/merge-patch+json"
_MORE_THAN_THERE_ARE = 1_000_000


def guard(api: Api, namespace: str) -> None:
    """Refuse the eviction of every single-user server. Raises HubError when the cluster refuses."""
    path = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    doing = f"protect the servers in {namespace}"
    if api.ask("GET", f"{path}/{GUARD}", doing) is None:
        api.ask("POST", path, doing, body=_budget(namespace))


def unguard(api: Api, namespace: str) -> None:
    """Let evictions through again."""
    api.ask("DELETE", f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/{GUARD}", f"release the servers in {namespace}")


def hold(api: Api, node: str) -> None:
    """Keep Karpenter from replacing a node of its own accord. A node that has gone meanwhile is no error."""
    _mark(api, node, "true")


def release(api: Api, node: str) -> None:
    """Take the mark away again."""
    _mark(api, node, None)


def end(api: Api, server: Server) -> None:
    """Stop one server as the hub does, with the grace its pod asks for."""
    namespace, _, pod = server.pod.partition("/")
    api.ask("DELETE", f"/api/v1/namespaces/{namespace}/pods/{pod}", f"end the server of {server.user}")


def _mark(api: Api, node: str, value: str | None) -> None:
    body = {"metadata": {"annotations": {HOLD: value, HELD_BY_US: value}}}
    api.ask("PATCH", f"/api/v1/nodes/{node}", f"mark the node {node}", body=body, kind=_MERGE)


def _budget(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": GUARD, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "hubsmith"}},
        "spec": {"minAvailable": _MORE_THAN_THERE_ARE, "selector": {"matchLabels": SERVERS}},
    }
