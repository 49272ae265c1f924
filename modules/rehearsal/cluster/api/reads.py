"""GET: one object, a list, or what happens to it from now on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from modules.rehearsal.cluster.api.answers import Answer, ApiError, Document, Request
from modules.rehearsal.cluster.api.documents import shown
from modules.rehearsal.cluster.api.paths import Target
from modules.rehearsal.cluster.api.selectors import Matches, selected
from modules.rehearsal.cluster.world import Held, Key, World

#: How long a watch lasts that says nothing, and the longest there is: who has gone away shows only when something is written.
_WATCH_SECONDS = 300.0
_LOOK_EVERY = 0.05


def get_one(world: World, target: Target) -> Answer:
    """An object. Raises ApiError 404."""
    held = world.objects.get(target.key)
    if held is None:
        raise target.missing()
    return Answer(shown(world, held))


def get_list(world: World, target: Target, request: Request) -> Answer:
    """All objects of a kind, in a namespace or everywhere, that the selectors choose."""
    items = [document for _, document in sorted(_now(world, target, selected(request.query)).items())]
    kind = {"kind": f"{target.resource.kind}List", "apiVersion": target.resource.api_version}
    return Answer({**kind, "metadata": {"resourceVersion": str(world.version)}, "items": [each.document for each in items]})


def watch(world: World, target: Target, request: Request) -> Answer:
    """A stream of {"type", "object"}: from `resourceVersion` on, or without one all there is first. Ends after `timeoutSeconds`.

    Raises ApiError 400 for a version that is no number, 410 for one from which on not everything is known.
    """
    matches, since = selected(request.query), request.query.get("resourceVersion", "") or "0"
    seconds = request.query.get("timeoutSeconds", "") or str(int(_WATCH_SECONDS))
    for what, number in (("resource version", since), ("timeoutSeconds", seconds)):
        if not number.isdigit():
            raise ApiError(400, f'invalid {what} "{number}"')
    if int(since) and (int(since) > world.version or _forgotten(world, int(since))):
        raise ApiError(410, f"too old resource version: {since} ({world.version})")
    known = _then(world, target, matches, int(since)) if int(since) else {}
    return Answer(stream=_events(world, target, matches, known, min(float(seconds), _WATCH_SECONDS)))


class _Seen(NamedTuple):
    """A document, and what says whether it is another: its status may change without its version."""

    uid: str
    state: str
    document: Document


def _now(world: World, target: Target, matches: Matches) -> dict[Key, _Seen]:
    of_kind = ((key, held) for key, held in world.of_kind(target.resource.kind) if target.namespace in ("", key.namespace))
    seen = {key: _seen(world, held) for key, held in of_kind}
    return {key: each for key, each in seen.items() if matches(each.document)}


def _seen(world: World, held: Held) -> _Seen:
    document = shown(world, held)
    return _Seen(held.uid, f"{held.version} {document.get('status')}", document)


def _then(world: World, target: Target, matches: Matches, since: int) -> dict[Key, _Seen]:
    """What a client of that version knows; what has changed since in any state but its present one."""
    gone = {key: held for version, key, held in world.gone if version > since and held.born <= since and key.kind == target.resource.kind}
    known = {key: _seen(world, held) for key, held in gone.items() if target.namespace in ("", key.namespace)}
    known = {key: each for key, each in known.items() if matches(each.document)}
    for key, each in _now(world, target, matches).items():
        held = world.objects[key]
        if held.born <= since:
            known[key] = each if held.version <= since else each._replace(state="")
    return known


def _forgotten(world: World, since: int) -> bool:
    return len(world.gone) == world.gone.maxlen and since < world.gone[0][0]


def _events(world: World, target: Target, matches: Matches, known: dict[Key, _Seen], seconds: float) -> Iterator[Document]:
    deadline, looked_at = time.monotonic() + seconds, -1
    while True:
        with world.lock:
            version = world.version
            now = known if version == looked_at else _now(world, target, matches)
        yield from _between(known, now, version)
        known, looked_at = now, version
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(_LOOK_EVERY, left))


def _between(before: dict[Key, _Seen], after: dict[Key, _Seen], version: int) -> Iterator[Document]:
    if before is after:
        return
    for key, old in before.items():
        if key not in after or after[key].uid != old.uid:
            metadata = {**old.document["metadata"], "resourceVersion": str(version)}
            yield {"type": "DELETED", "object": {**old.document, "metadata": metadata}}
    for key, new in after.items():
        if key not in before or before[key].uid != new.uid:
            yield {"type": "ADDED", "object": new.document}
        elif before[key].state != new.state:
            yield {"type": "MODIFIED", "object": new.document}
