"""What state a process is in, and why: told from its Deployment and its newest pod, as Kubernetes describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from modules.launcher.models import Status
from modules.launcher.runtime import labels

Thing = Mapping[str, Any]
#: While a container waits for one of these it is on its way; any other reason to wait means that it cannot go on by itself.
_ON_THE_WAY = {"", "ContainerCreating", "PodInitializing"}
_MESSAGE_MAX = 300


class State(NamedTuple):
    """reason: a sentence, None when there is nothing to say."""

    status: Status
    reason: str | None = None


def newest(pods: Iterable[Thing]) -> Thing | None:
    """The pod that counts: the last made of those that are not being removed, and not one that was evicted if there is another."""
    alive = [each for each in pods if not labels.metadata(each).get("deletionTimestamp")]
    return max(alive, key=lambda each: (_phase(each) not in ("Failed", "Succeeded"), labels.created(each)), default=None)


def state(deployment: Thing, pod: Thing | None) -> State:
    """The state of a process whose Deployment exists."""
    if labels.metadata(deployment).get("deletionTimestamp"):
        return State(Status.STOPPING)
    if pod is None:
        return _without_pod(deployment)
    if _phase(pod) == "Failed":
        return State(Status.FAILED, _sentence(pod.get("status") or {}, "the pod failed"))
    container = _container(pod)
    if container is None:
        return _unscheduled(pod)
    return _of_container(container, pod)


def _without_pod(deployment: Thing) -> State:
    for condition in _conditions(deployment):
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return State(Status.FAILED, _sentence(condition, "no pod can be made"))
    return State(Status.STARTING, "no pod has been made yet")


def _unscheduled(pod: Thing) -> State:
    for condition in _conditions(pod):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return State(Status.STARTING, _sentence(condition, "no node has room yet"))
    return State(Status.STARTING, "the node has not started the container yet")


def _of_container(container: Thing, pod: Thing) -> State:
    at, restarts = container.get("state") or {}, int(container.get("restartCount") or 0)
    again = f"restarted {restarts} time{'s' if restarts > 1 else ''}" if restarts else ""
    waiting, ended = at.get("waiting"), at.get("terminated")
    if waiting is not None:
        reason = str(waiting.get("reason") or "")
        if reason in _ON_THE_WAY:
            return State(Status.STARTING, _join(_sentence(waiting, "the container is being made"), again))
        return State(Status.FAILED, _join(_sentence(waiting, reason), _last_end(container), again))
    if ended is not None:
        return State(Status.FAILED, _join(_end(ended), again))
    if "running" in at and container.get("ready") and _phase(pod) == "Running":
        return State(Status.RUNNING, _join(again, _last_end(container)) if restarts else None)
    return State(Status.STARTING, _join("the container is not ready yet", again))


def _container(pod: Thing) -> Thing | None:
    found = (pod.get("status") or {}).get("containerStatuses") or []
    # A mesh may have put a container of its own beside the process', even before it.
    own = [each for each in found if each.get("name") == labels.label(pod, labels.PROCESS)]
    return next(iter([*own, *found]), None)


def _last_end(container: Thing) -> str:
    ended = (container.get("lastState") or {}).get("terminated")
    return f"before that, {_end(ended)}" if ended else ""


def _end(ended: Thing) -> str:
    reason = str(ended.get("reason") or "")
    why = f" ({reason})" if reason not in ("", "Error", "Completed") else ""
    return f"the program ended with exit code {ended.get('exitCode', 'unknown')}{why}"


def _sentence(source: Thing, otherwise: str) -> str:
    """The reason and the message that Kubernetes gives, shortened."""
    parts = [str(source.get(key) or "") for key in ("reason", "message")]
    return ": ".join(filter(None, parts))[:_MESSAGE_MAX] or otherwise


def _join(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _phase(pod: Thing) -> str:
    return str((pod.get("status") or {}).get("phase") or "")


def _conditions(thing: Thing) -> list[Thing]:
    found = (thing.get("status") or {}).get("conditions")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
