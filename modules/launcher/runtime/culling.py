"""Which objects have outlived their time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from modules.launcher.runtime import labels


def is_over(thing: Mapping[str, Any], now: datetime, max_age: timedelta | None) -> bool:
    """Whether a Deployment or a Service is to go: its own time has come, or it is older than any may be.

    An object without a date is not judged by its age, or one odd answer would stop everybody's processes.
    """
    expires = labels.moment(labels.annotation(thing, labels.EXPIRES))
    if expires is not None and expires <= now:
        return True
    made = labels.created(thing)
    return max_age is not None and made > labels.EPOCH and made + max_age <= now
