"""The processes of an env, as Kubernetes has them: two lists a namespace, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modules.common import launcher as refs
from modules.config.extras import Launcher
from modules.ops.cluster_api import ClusterApi

Thing = Mapping[str, Any]


@dataclass(frozen=True)
class Process:
    """One process. state: running, starting, failed or stopping. owner: "" when nobody wrote one down."""

    name: str
    namespace: str
    owner: str
    group: str
    state: str
    reason: str
    created: datetime
    expires: str


def processes_of(api: ClusterApi, settings: Launcher) -> tuple[Process, ...]:
    """All of them, by namespace and name. Raises HubError when the cluster does not let us look."""
    return tuple(process for namespace in settings.process_namespaces for process in _in_namespace(api, namespace))


def _in_namespace(api: ClusterApi, namespace: str) -> Iterator[Process]:
    wanted = {"labelSelector": refs.PROCESS_LABEL}
    deployments = api.items(f"/apis/apps/v1/namespaces/{namespace}/deployments", f"the processes in {namespace}", **wanted)
    pods = api.items(f"/api/v1/namespaces/{namespace}/pods", f"the pods in {namespace}", **wanted)
    by_process: dict[str, list[Thing]] = {}
    for pod in pods:
        by_process.setdefault(_labels(pod).get(refs.PROCESS_LABEL, ""), []).append(pod)
    for each in sorted(deployments, key=lambda each: str(each["metadata"]["name"])):
        yield _process(each, by_process.get(_labels(each).get(refs.PROCESS_LABEL, ""), []))


def _process(deployment: Thing, pods: Iterable[Thing]) -> Process:
    meta = deployment["metadata"]
    notes = meta.get("annotations") or {}
    state, reason = _state(deployment, pods)
    return Process(
        name=str(meta["name"]),
        namespace=str(meta.get("namespace", "")),
        owner=str(notes.get(refs.OWNER, "")),
        group=_labels(deployment).get(refs.GROUP_LABEL, ""),
        state=state,
        reason=reason,
        created=_moment(meta.get("creationTimestamp")),
        expires=str(notes.get(refs.EXPIRES, "")),
    )


def _state(deployment: Thing, pods: Iterable[Thing]) -> tuple[str, str]:
    """Coarser than the launcher's own: what an operator needs to see where to look."""
    if deployment["metadata"].get("deletionTimestamp"):
        return "stopping", ""
    if (deployment.get("status") or {}).get("readyReplicas"):
        return "running", ""
    for reason in (found for pod in pods for found in _troubles(pod.get("status") or {})):
        return "failed", reason
    return "starting", ""


def _troubles(status: Thing) -> Iterator[str]:
    """Why a pod's containers do not run."""
    for container in status.get("containerStatuses") or ():
        at = container.get("state") or {}
        waiting, ended = at.get("waiting") or {}, at.get("terminated")
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            yield str(waiting["reason"])
        if ended:
            yield f"ended with {ended.get('exitCode', 'an unknown code')}"


def _labels(thing: Thing) -> dict[str, str]:
    return dict(thing["metadata"].get("labels") or {})


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else datetime.fromtimestamp(0, UTC)
