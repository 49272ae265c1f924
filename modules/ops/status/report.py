"""A status in words: one screen, the address first, what is wrong in colour, what could not be read at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modules.ops.progress import short

#: As ./hub verify counts: ACM renews 60 days before the end, so one with less left is one whose renewal has failed for weeks.
_CERTIFICATE_DAYS = 14
_FINE_RELEASE = ("deployed", "")
_WIDTH = 12
Line = tuple[str, str]


def lines(document: dict[str, Any]) -> list[Line]:
    """The object of --json as (style, text); style "" or "warn"."""
    env, stacks = document["env"], document["stacks"]
    if not any(each["resources"] is None or each["resources"] for each in stacks.values()):
        return [("", f"{env}: nothing is applied. ./install.sh {env}"), *_stacks(env, stacks)]
    return [*_facts(document), *_stacks(env, stacks), *_unread(document["unread"])]


def _facts(document: dict[str, Any]) -> Iterator[Line]:
    for name, url in document["urls"].items():
        yield _row("address" if name == "hub" else name, url)
    if document["cluster"]:
        yield _cluster(document["cluster"])
    if document["versions"]["releases"]:
        yield _releases(document["versions"]["releases"])
    if document["nodes"] is not None:
        yield _nodes(document)
    if document["users"]:
        yield _row("users", _users(**document["users"]))
    for line in document["stuck"] or ():
        yield _row("stuck", line, "warn")
    if document["certificate"]:
        yield _certificate(**document["certificate"])
    if document["cost"]:
        yield _cost(document["env"], **document["cost"])


def _row(name: str, text: str, style: str = "") -> Line:
    return style, f"{name:<{_WIDTH}} {text}" if len(name) <= _WIDTH else f"{name}  {text}"


def _cluster(cluster: dict[str, Any]) -> Line:
    support = cluster["support"]
    said, style = f"{cluster['version']}, {cluster['status']}", "" if cluster["status"] == "ACTIVE" else "warn"
    about = "" if support["exact"] in (True, None) else "about "
    ends = {
        "standard": f"standard support until {about}{support['standard_ends']}",
        "extended": f"extended support, which costs more, until {about}{support['extended_ends']}: ./hub upgrade",
        "ended": f"support ended {about}{support['extended_ends']}: ./hub upgrade",
        "unknown": "support dates of this version are not in the catalog",
    }
    return _row("kubernetes", f"{said}; {ends[support['now']]}", style if support["now"] == "standard" else "warn")


def _releases(releases: dict[str, dict[str, str]]) -> Line:
    style = "" if all(each["status"] in _FINE_RELEASE for each in releases.values()) else "warn"
    return _row("charts", ", ".join(_release(name, each) for name, each in releases.items()), style)


def _release(name: str, each: dict[str, str]) -> str:
    app = f" (app {each['app']})" if each["app"] and each["app"] != each["version"] else ""
    return f"{name} {each['version']}{app}" + ("" if each["status"] in _FINE_RELEASE else f" [{each['status']}]")


def _nodes(document: dict[str, Any]) -> Line:
    nodes = document["nodes"]
    ready = sum(each["ready"] for each in nodes)
    pools = ", ".join(f"{name} {_size(each)}" for name, each in document["pools"].items())
    return _row("nodes", f"{ready} of {len(nodes)} ready" + (f": {pools}" if pools else ""), "" if ready == len(nodes) else "warn")


def _size(pool: dict[str, Any]) -> str:
    wanted = pool.get("wanted")
    size = f"{pool['nodes']}" if wanted in (None, pool["nodes"]) else f"{pool['nodes']} of {wanted}"
    return size if pool.get("status") in (None, "ACTIVE") else f"{size} [{pool['status']}]"


def _users(online: int, starting: int) -> str:
    return f"{online} online" + (f", {starting} starting" if starting else "")


def _certificate(name: str, status: str, renewal: str | None, ends: str | None, days_left: int | None) -> Line:
    if ends is None or days_left is None:
        return _row("certificate", f"{name}, {status}", "" if status == "ISSUED" else "warn")
    failed = f"; renewal {renewal}" if renewal in ("FAILED", "PENDING_VALIDATION") else ""
    style = "" if status == "ISSUED" and days_left >= _CERTIFICATE_DAYS and not failed else "warn"
    said = "" if status == "ISSUED" else f", {status}"
    return _row("certificate", f"{name}{said}, until {ends} ({days_left} days){failed}", style)


def _cost(env: str, idle_month: float, storage_month: float, unknown: list[str], priced: str) -> Line:
    more = f", {len(unknown)} without a known price not counted" if unknown else ""
    said = f"about ${idle_month:,.0f} a month idle, ${storage_month:,.0f} for kept data (assumed{more})"
    return _row("cost", f"{said}; ./hub cost {env} says of what")


def _stacks(env: str, stacks: dict[str, Any]) -> Iterator[Line]:
    for name, each in stacks.items():
        count = each["resources"]
        yield _row(short(env, name), "not read" if count is None else f"{count} resources" if count else "not applied", "")
        for key, value in each["outputs"].items():
            yield "", f"  {key:<30} {value}"


def _unread(unread: dict[str, str]) -> Iterator[Line]:
    """One line a reason: a cluster that does not answer is not five faults."""
    names: dict[str, list[str]] = {}
    for name, why in unread.items():
        names.setdefault(why, []).append(name)
    for why, these in names.items():
        yield _row("not read", f"{', '.join(these)}: {why}", "warn")
