"""How these verbs speak of time, and of the way to a desktop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modules.common import desktops as refs
from modules.config.models import HubConfig
from modules.ops.progress import human

_DAY_SECONDS = 86400


def ago(then: datetime | None, now: datetime) -> str:
    """`48 s ago`, `3 days ago`; "" for never."""
    if then is None:
        return ""
    seconds = max((now - then).total_seconds(), 0.0)
    if seconds < 2 * _DAY_SECONDS:
        return f"{human(round(seconds)) if seconds >= 9.5 else f'{seconds:.0f} s'} ago"
    return f"{seconds // _DAY_SECONDS:.0f} days ago"


def moment(then: datetime | None) -> str | None:
    """A time as agents write it."""
    return then.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if then else None


def way_in(config: HubConfig, outputs: Mapping[str, Any]) -> str:
    """The URL of the load balancer, or the command that opens a way to a node."""
    url = outputs.get(refs.URL_OUTPUT)
    return str(url) if url else f"./hub desktop connect {config.env}"
