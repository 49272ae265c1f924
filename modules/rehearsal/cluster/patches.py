"""kubernetes_annotations and kubernetes_labels: a few keys on an object that somebody else made."""

from __future__ import annotations

import copy
from typing import Any

from modules.rehearsal.cluster import laws
from modules.rehearsal.cluster.manifests import Values
from modules.rehearsal.cluster.world import Key, Manifest, World
from modules.rehearsal.standin.backend import Problem, Refused

KINDS = {"kubernetes_annotations": "annotations", "kubernetes_labels": "labels"}


def key_for(values: Values) -> Key:
    """The object that is written on."""
    metadata = values["metadata"][0]
    return Key(values["kind"], metadata.get("namespace") or "", metadata["name"])


def apply(world: World, kind: str, prior: Values | None, planned: Values) -> Values:
    """Write the keys, remove those that are no longer wanted, and give the state. Raises Refused when there is no such object."""
    part, key = KINDS[kind], key_for(planned)
    if key not in world.objects:
        raise Refused(Problem("The resource does not exist", f'The resource "{key.name}" ({key.kind}) does not exist'))
    wanted, was = planned.get(part) or {}, (prior or {}).get(part) or {}
    manifest = _written(world.objects[key].manifest, part, wanted, set(was) - set(wanted))
    laws.one_default_class(world, manifest)
    world.change(key, manifest)
    place = f",namespace={key.namespace}" if key.namespace else ""
    return {**planned, "id": f"apiVersion={planned['api_version']},kind={key.kind}{place},name={key.name}"}


def remove(world: World, kind: str, prior: Values) -> None:
    """Take the keys off again; the object stays."""
    key, part = key_for(prior), KINDS[kind]
    if key in world.objects:
        world.change(key, _written(world.objects[key].manifest, part, {}, set(prior.get(part) or {})))


def read(world: World, kind: str, state: Values) -> Values | None:
    """The state with the keys as they are now; None when the object is gone."""
    part, held = KINDS[kind], world.objects.get(key_for(state))
    if held is None:
        return None
    there: dict[str, Any] = held.manifest["metadata"].get(part) or {}
    return {**state, part: {name: there[name] for name in state.get(part) or {} if name in there}}


def _written(manifest: Manifest, part: str, wanted: dict[str, str], gone: set[str]) -> Manifest:
    changed = copy.deepcopy(manifest)
    there = {name: value for name, value in (changed["metadata"].get(part) or {}).items() if name not in gone}
    changed["metadata"][part] = {**there, **wanted}
    return changed
