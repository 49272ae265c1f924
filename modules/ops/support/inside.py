"""Pods and events of the cluster in a few words each. Names of people's servers and claims become numbers."""

from __future__ import annotations

import re
from typing import Any

from modules.ops.status.inside import Api, is_ready

#: Of the newest events; a cluster keeps them for an hour.
_EVENTS = 300
#: KubeSpawner's templates, pod_name_template and pvc_name_template, as z2jh sets them.
_PERSON = re.compile(r"\b(jupyter|claim)-([a-z0-9][a-z0-9.-]*)")


class People:
    """Gives each person's pod or claim the same number everywhere in a bundle."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def hide(self, value: Any) -> Any:
        """`value`, strings or data, with numbers instead of names."""
        if isinstance(value, dict):
            return {key: self.hide(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.hide(each) for each in value]
        return _PERSON.sub(self._numbered, value) if isinstance(value, str) else value

    def _numbered(self, match: re.Match[str]) -> str:
        number = self._numbers.setdefault(match[2], len(self._numbers) + 1)
        return f"{match[1]}-user-{number}"


def pods(api: Api) -> list[dict[str, Any]]:
    """Where every pod is, how it does, and why not. Neither environment nor arguments: these hold values."""
    return [_pod(each) for each in api.items("/api/v1/pods", "the pods")]


def _pod(document: dict[str, Any]) -> dict[str, Any]:
    meta, spec, status = document["metadata"], document.get("spec") or {}, document.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return {
        "pod": f"{meta.get('namespace')}/{meta['name']}",
        "phase": status.get("phase"),
        "ready": is_ready(status),
        "node": spec.get("nodeName"),
        "restarts": sum(int(each.get("restartCount", 0)) for each in containers),
        "images": [each.get("image") for each in spec.get("containers") or ()],
        "why": [reason for each in containers for reason in _reasons(each)] or _conditions(status),
        "deleting": meta.get("deletionTimestamp"),
    }


def _reasons(container: dict[str, Any]) -> list[str]:
    states = (container.get("state") or {}, container.get("lastState") or {})
    found = [state.get(name) or {} for state in states for name in ("waiting", "terminated")]
    return [f"{container.get('name')}: {each['reason']} {each.get('message') or ''}".strip() for each in found if each.get("reason")]


def _conditions(status: dict[str, Any]) -> list[str]:
    bad = [each for each in status.get("conditions") or () if each.get("status") == "False" and each.get("message")]
    return [f"{each.get('type')}: {each['message']}" for each in bad]


def events(api: Api) -> list[dict[str, Any]]:
    """The newest events: when, about what, and what was said."""
    found = [_event(each) for each in api.items("/api/v1/events", "the events")]
    return sorted(found, key=lambda each: str(each["last"]))[-_EVENTS:]


def _event(document: dict[str, Any]) -> dict[str, Any]:
    about = document.get("involvedObject") or {}
    return {
        "last": document.get("lastTimestamp") or document.get("eventTime") or document["metadata"].get("creationTimestamp"),
        "type": document.get("type"),
        "about": f"{about.get('kind')} {about.get('namespace')}/{about.get('name')}",
        "reason": document.get("reason"),
        "message": document.get("message"),
        "count": document.get("count"),
    }
