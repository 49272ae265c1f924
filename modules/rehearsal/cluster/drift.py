"""A resource's state after somebody changed its object: the old state, with what differs taken over from the manifest."""

from __future__ import annotations

import base64
from typing import Any

from modules.rehearsal.cluster.manifests import KINDS, Manifest, Values, camel, field_of, is_block, manifest_of, metadata_of


def state_now(kind: str, state: Values, manifest: Manifest) -> Values:
    """`state`, unchanged in everything in which `manifest` is what the state would have sent.

    A block that the state has none of is not added: only what Terraform manages can drift.
    """
    before = manifest_of(kind, state)
    if before == manifest:
        return state
    now, rule = dict(state), KINDS[kind]
    now["metadata"] = [{**state["metadata"][0], **_labels(state, manifest, metadata_of(state, rule))}]
    if rule.kind in ("Secret", "ConfigMap"):
        now.update(_data(state, manifest, secret=rule.kind == "Secret"))
    elif rule.spec:
        now["spec"] = [_drifted(state["spec"][0], before["spec"], manifest.get("spec", {}), rule.kind)]
    else:
        own = {name: value for name, value in state.items() if name != "metadata"}
        now.update(_drifted(own, before, manifest, rule.kind))
    return now


def _labels(state: Values, manifest: Manifest, sent: Manifest) -> Values:
    found = {part: manifest["metadata"].get(part) for part in ("labels", "annotations")}
    return {part: value for part, value in found.items() if (value or {}) != (sent.get(part) or {})}


def _data(state: Values, manifest: Manifest, *, secret: bool) -> Values:
    """What is write-only is in no state, so nobody can see it drift."""
    held = manifest.get("data") or {}
    if state.get("data") is None and (secret or not held):
        return {}
    texts = {name: base64.b64decode(text or "").decode() for name, text in held.items()} if secret else held
    return {"data": texts}


def _drifted(block: Values, before: Manifest, after: Manifest, parent: str) -> Values:
    now = dict(block)
    for name, value in block.items():
        if name == "persistent_volume_source" and value:
            now[name] = [_drifted(value[0], before, after, name)]
        elif is_block(value):
            field, many = field_of(name, parent)
            now[name] = _blocks(value, _listed(before.get(field), many), _listed(after.get(field), many), name)
        else:
            field = camel(name, parent)
            if before.get(field) != after.get(field):
                now[name] = _back(name, value, after.get(field))
    return now


def _blocks(state: list[Values], before: list[Manifest], after: list[Manifest], name: str) -> list[Values]:
    """One block for each that is there now; an added one is shaped like the first."""
    if before == after:
        return state
    shaped = [(state[i], before[i]) if i < len(before) else (state[0], before[0]) for i in range(len(after))]
    return [_drifted(block or {}, old, new, name) for (block, old), new in zip(shaped, after, strict=True)]


def _listed(value: Any, many: bool) -> list[Manifest]:
    if value is None:
        return []
    return value if many else [value]


def _back(name: str, value: Any, found: Any) -> Any:
    """The API's value as Terraform types it: numbers that it keeps as text become text."""
    if isinstance(value, str) and isinstance(found, int) and not isinstance(found, bool):
        return f"{found:04o}" if name in ("mode", "default_mode") else str(found)
    return found
