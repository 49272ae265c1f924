"""The pods of a Ray cluster: how many there are, and why one does not start."""

from __future__ import annotations

from typing import Any

from modules.ops.cluster_api import ClusterApi

Document = dict[str, Any]
#: The states of a container that is merely on its way.
_ON_ITS_WAY = ("ContainerCreating", "PodInitializing")


def pods_of(cluster: ClusterApi, namespace: str, labels: dict[str, str]) -> list[Document]:
    """The pods with `labels` that have not ended. Raises HubError when the cluster does not let us look."""
    selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    found = cluster.items(f"/api/v1/namespaces/{namespace}/pods", f"the pods in namespace {namespace}", labelSelector=selector)
    return [each for each in found if (each.get("status") or {}).get("phase") not in ("Succeeded", "Failed")]


def troubles_of(pods: list[Document]) -> tuple[str, ...]:
    """A sentence for every reason that keeps a pod from starting, each once with one pod's name."""
    sentences: dict[str, str] = {}
    for pod in pods:
        if reason := _reason(pod.get("status") or {}):
            sentences.setdefault(reason, f"{pod['metadata']['name']}: {reason}")
    return tuple(sentences.values())


def _reason(status: Document) -> str:
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason") or "no node takes it")
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for each in containers:
        waiting = (each.get("state") or {}).get("waiting")
        if waiting and waiting.get("reason") not in _ON_ITS_WAY:
            return ": ".join(filter(None, (waiting.get("reason"), waiting.get("message")))) or "waits"
    return ""
