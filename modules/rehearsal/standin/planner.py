"""What Terraform would call a plan for one resource: pure functions over a schema block and values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modules.rehearsal.standin.backend import Values
from modules.rehearsal.standin.schema import Block
from modules.rehearsal.standin.wire import UNKNOWN, without_unknown

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Plan:
    """unchanged: the prior state is to be returned byte for byte. replaced: paths that make this a new object."""

    planned: Values
    unchanged: bool
    replaced: tuple[Path, ...]


def make_plan(block: Block, prior: Values | None, proposed: Values, config: Values) -> Plan:
    """The plan for one resource. proposed: Terraform's own merge of prior state and configuration."""
    filled = _fill(block, proposed, config, prior)
    if prior is None:
        return Plan(filled, False, ())
    if same(block, filled, prior):
        return Plan(prior, True, ())
    return Plan(_forget(block, filled, config), False, tuple(_replaced(block, prior, filled)))


def same(block: Block, one: Values | None, other: Values | None) -> bool:
    """Whether two states say the same: the order of sets does not count, and empty is the same as absent."""
    return bool(_plain(block, one) == _plain(block, other))


def unsettable(block: Block, config: Values, path: Path = ()) -> Iterator[Path]:
    """Paths that a configuration sets although only the cluster may. Terraform leaves this check to providers."""
    for name, attribute in block["attributes"].items():
        value, inner = config.get(name), _nested(attribute)
        if value is not None and attribute.get("computed") and not attribute.get("optional"):
            yield (*path, name)
        elif inner:
            yield from _each_unsettable(inner, value, (*path, name))
    for name, entry in block["block_types"].items():
        yield from _each_unsettable(entry["block"], config.get(name), (*path, name))


def _each_unsettable(block: Block, value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        yield from unsettable(block, value, path)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield from unsettable(block, item, (*path, index))


def complete(block: Block, values: Values) -> Values:
    """`values` with every attribute and block the schema has, null or empty where nothing is known, write-only ones null."""
    whole: Values = {}
    for name, attribute in block["attributes"].items():
        value = None if attribute.get("write_only") else values.get(name)
        inner = _nested(attribute)
        whole[name] = _each(value, lambda item, inner=inner: complete(inner, item)) if inner else without_unknown(value)
    for name, entry in block["block_types"].items():
        found = values.get(name)
        if found is None or found is UNKNOWN:
            whole[name] = None if entry["nesting_mode"] == "single" else []
        else:
            whole[name] = _each(found, lambda item, inner=entry["block"]: complete(inner, item))
    return whole


def _fill(block: Block, proposed: Values, config: Values, prior: Values | None) -> Values:
    """The proposed state with defaults, and UNKNOWN for what only the cluster will tell. prior: None for what is new."""
    filled: Values = {}
    for name, attribute in block["attributes"].items():
        value, wanted = proposed.get(name), config.get(name)
        if attribute.get("write_only"):
            filled[name] = None
        elif wanted is None:
            filled[name] = _unset(attribute, value, is_new=prior is None)
        elif (inner := _nested(attribute)) and wanted is not UNKNOWN:
            filled[name] = _fill_each(inner, value, wanted, (prior or {}).get(name), attribute["nested_type"]["nesting_mode"])
        else:
            filled[name] = value
    for name, entry in block["block_types"].items():
        filled[name] = _fill_each(entry["block"], proposed.get(name), config.get(name), (prior or {}).get(name), entry["nesting_mode"])
    return filled


def _unset(attribute: Mapping[str, Any], value: Any, *, is_new: bool) -> Any:
    """The planned value of an attribute that the configuration leaves out. value: the prior one, as Terraform proposes it."""
    if "default" in attribute:
        return attribute["default"]
    return UNKNOWN if attribute.get("computed") and is_new and value is None else value


def _fill_each(block: Block, proposed: Any, config: Any, prior: Any, mode: str) -> Any:
    """`_fill` for one object or each of a list, every one with its own part of configuration and prior state."""
    if isinstance(proposed, dict):
        return _fill(block, proposed, config if isinstance(config, dict) else {}, prior if isinstance(prior, dict) else None)
    if not isinstance(proposed, list):
        return proposed
    wanted, before = (each if isinstance(each, list) else [] for each in (config, prior))
    # Elements of a set have no place: nobody can say which is new, so that none may become unknown once there was one.
    befores = [{}] * len(proposed) if mode == "set" and before else [*before, *[None] * len(proposed)]
    wants = [*wanted, *[{}] * len(proposed)]
    return [_fill(block, *three) if isinstance(three[0], dict) else three[0] for three in zip(proposed, wants, befores, strict=False)]


def _forget(block: Block, filled: Values, config: Values) -> Values:
    """A change makes the volatile attributes unknown again, unless the configuration sets them."""
    volatile = {name: UNKNOWN for name, attribute in block["attributes"].items() if attribute.get("volatile") and config.get(name) is None}
    return {**filled, **volatile}


def _replaced(block: Block, prior: Values, planned: Values, path: Path = ()) -> Iterator[Path]:
    """Paths of everything that differs and may not change in place."""
    for name, attribute in block["attributes"].items():
        # Some may change in place unless another attribute of the same block was set.
        fixed = attribute.get("force_new") or prior.get(attribute.get("force_new_if", ""))
        if fixed and _normal(attribute, prior.get(name)) != _normal(attribute, planned.get(name)):
            yield (*path, name)
    for name, entry in block["block_types"].items():
        before, after, inner = prior.get(name), planned.get(name), entry["block"]
        if entry.get("force_new"):
            if _plain_each(inner, before, entry["nesting_mode"]) != _plain_each(inner, after, entry["nesting_mode"]):
                yield (*path, name)
        elif entry["nesting_mode"] == "list" and isinstance(before, list) and isinstance(after, list):
            for index, (one, other) in enumerate(zip(before, after, strict=False)):
                yield from _replaced(inner, one, other, (*path, name, index))


def _nested(attribute: Mapping[str, Any]) -> Block | None:
    """The nested attributes of an attribute, as a block without blocks."""
    nested = attribute.get("nested_type")
    return {"attributes": nested["attributes"], "block_types": {}} if nested else None


def _each(value: Any, change: Any) -> Any:
    """`change` applied to an object, or to every object of a list."""
    if isinstance(value, dict):
        return change(value)
    return [_each(item, change) for item in value] if isinstance(value, list) else without_unknown(value)


def _plain(block: Block, values: Any) -> Any:
    """Values in a form that compares by meaning."""
    if not isinstance(values, dict):
        return values
    plain = {name: _normal(attribute, values.get(name)) for name, attribute in block["attributes"].items()}
    for name, entry in block["block_types"].items():
        plain[name] = _plain_each(entry["block"], values.get(name), entry["nesting_mode"])
    return plain


def _plain_each(block: Block, value: Any, mode: str) -> Any:
    if not isinstance(value, list):
        return _plain(block, value)
    items = [_plain(block, each) for each in value]
    return (sorted(items, key=_sort_key) if mode == "set" else items) or None


def _normal(attribute: Mapping[str, Any], value: Any) -> Any:
    if value in ([], {}):
        return None
    if inner := _nested(attribute):
        return _plain_each(inner, value, attribute["nested_type"]["nesting_mode"])
    kind = attribute["type"]
    is_set = isinstance(kind, list) and kind[0] == "set" and isinstance(value, list)
    return sorted(value, key=_sort_key) if is_set else value


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
