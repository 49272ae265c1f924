"""What EKS says of the health of add-ons and node groups: a status, and issues in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modules.common.errors import HubError

_FIX = "wait while it is CREATING or UPDATING; otherwise do what EKS says of it, then ./install.sh again"


def issues_of(thing: Mapping[str, Any]) -> str:
    """The issues of a cluster, an add-on or a node group, as EKS words them; "" for none."""
    return "; ".join(str(each.get("message") or each.get("code")) for each in thing.get("health", {}).get("issues", ()))


def check_healthy(things: Iterable[Mapping[str, Any]], name: str) -> None:
    """Raises HubError unless each is ACTIVE and without issues. name: the field that names one."""
    bad = []
    for thing in things:
        issues = issues_of(thing)
        if thing["status"] != "ACTIVE" or issues:
            bad.append(f"{thing[name]} is {thing['status']}" + (f" ({issues})" if issues else ""))
    if bad:
        raise HubError(", ".join(bad), fix=_FIX)
