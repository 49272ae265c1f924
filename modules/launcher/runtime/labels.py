"""How a process is found again: Hydroplane's two labels, and what we note beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modules.common import launcher as refs
from modules.launcher.protocols import Principal

PROCESS, GROUP = refs.PROCESS_LABEL, refs.GROUP_LABEL
#: A label, so that one user's processes can be selected; its value is made from the name, which a label could not hold (`ann@lab.org`).
OWNER_ID = "hydroplane/owner-id"
#: Annotations: the owner's name as it is; when the process ends; which call made the object, so that a roll-back takes only its own.
OWNER, EXPIRES, LAUNCH = refs.OWNER, refs.EXPIRES, "hydroplane/launch"
#: Of a time that nobody wrote down.
EPOCH = datetime.fromtimestamp(0, UTC)
_SLUG_MAX = 40


def owner_id(name: str) -> str:
    """A label value for a user's name: readable as far as it can be, and another for every other name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_SLUG_MAX].strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{slug}-{digest}" if slug else digest


def selector(process: str = "", group: str | None = None, who: Principal | None = None) -> str:
    """A label selector of one process, one group or all; of `who`'s alone, unless that is an admin."""
    wanted = [f"{PROCESS}={process}" if process else PROCESS]
    if group is not None:
        wanted.append(f"{GROUP}={group}")
    if who is not None and not who.admin:
        wanted.append(f"{OWNER_ID}={owner_id(who.name)}")
    return ",".join(wanted)


def metadata(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object's metadata, {} when it has none."""
    found = thing.get("metadata")
    return found if isinstance(found, Mapping) else {}


def label(thing: Mapping[str, Any], key: str) -> str | None:
    """One label of an object."""
    return _entry(thing, "labels", key)


def annotation(thing: Mapping[str, Any], key: str) -> str | None:
    """One annotation of an object."""
    return _entry(thing, "annotations", key)


def moment(text: object) -> datetime | None:
    """A time as Kubernetes and we write it; None for anything else, also for a time without its zone."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def created(thing: Mapping[str, Any]) -> datetime:
    """When an object was made."""
    return moment(metadata(thing).get("creationTimestamp")) or EPOCH


def is_mine(thing: Mapping[str, Any], who: Principal) -> bool:
    """Whether the caller may touch this object; one without an owner is an admin's."""
    return who.admin or label(thing, OWNER_ID) == owner_id(who.name)


def _entry(thing: Mapping[str, Any], field: str, key: str) -> str | None:
    entries = metadata(thing).get(field)
    found = entries.get(key) if isinstance(entries, Mapping) else None
    return str(found) if found is not None else None
