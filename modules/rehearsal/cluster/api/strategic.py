"""Strategic merge patch: lists merge by the keys that Kubernetes' own schemas name, and are replaced where they name none.

Of the directives, $patch (replace, delete, merge), $retainKeys and $deleteFromPrimitiveList are followed; the order that
$setElementOrder asks for is not: what is new comes last.
https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from modules.rehearsal.cluster.api.answers import ApiError

Schema = dict[str, Any]

_FROM_LIST = "$deleteFromPrimitiveList/"


def strategic_merge(document: dict[str, Any], patch: dict[str, Any], kind: str, api_version: str) -> dict[str, Any]:
    """`document`, an object of a built-in kind, with the patch merged in. Raises ApiError 422 for an element without its key."""
    return _merged(document, patch, _schema_of(kind, api_version))


def _merged(old: dict[str, Any], patch: dict[str, Any], schema: Schema) -> dict[str, Any]:
    directive = patch.get("$patch", "merge")
    if directive != "merge":
        return {} if directive == "delete" else {name: value for name, value in patch.items() if name != "$patch"}
    kept = patch.get("$retainKeys")
    now = {name: value for name, value in old.items() if kept is None or name in kept}
    for name, value in patch.items():
        if name.startswith(_FROM_LIST):
            field = name.removeprefix(_FROM_LIST)
            now[field] = [each for each in now.get(field) or () if each not in value]
        elif name.startswith("$"):
            continue
        elif value is None:
            now.pop(name, None)
        else:
            now[name] = _value(now.get(name), value, (schema.get("properties") or {}).get(name, {}))
    return now


def _value(old: Any, new: Any, field: Schema) -> Any:
    if isinstance(new, dict):
        return _merged(old if isinstance(old, dict) else {}, new, _resolved(field))
    return _listed(old if isinstance(old, list) else [], new, field) if isinstance(new, list) else new


def _listed(old: list[Any], new: list[Any], field: Schema) -> list[Any]:
    if {"$patch": "replace"} in new:
        return [each for each in new if each != {"$patch": "replace"}]
    if "merge" not in field.get("x-kubernetes-patch-strategy", ""):
        return new
    key = field.get("x-kubernetes-patch-merge-key")
    if key is None:
        return [*old, *(each for each in new if each not in old)]
    merged, shape = list(old), _resolved(field.get("items") or {})
    for each in new:
        if not isinstance(each, dict) or key not in each:
            raise ApiError(422, f"map: {each} does not contain declared merge key: {key}")
        index = next((number for number, held in enumerate(merged) if held.get(key) == each[key]), None)
        if each.get("$patch") == "delete":
            merged = [held for held in merged if held.get(key) != each[key]]
        elif index is None:
            merged.append(_merged({}, each, shape))
        else:
            merged[index] = _merged(merged[index], each, shape)
    return merged


def _resolved(field: Schema) -> Schema:
    reference = str(field.get("$ref", ""))
    return _definitions().get(reference.rpartition("/")[2], {}) if reference else field


def _schema_of(kind: str, api_version: str) -> Schema:
    group, _, version = api_version.rpartition("/")
    wanted = {"group": group, "version": version, "kind": kind}
    return next((each for each in _definitions().values() if wanted in (each.get("x-kubernetes-group-version-kind") or ())), {})


@lru_cache(maxsize=1)
def _definitions() -> dict[str, Schema]:
    from kubernetes_validate.utils import latest_version, schema_contents

    newest = latest_version()
    found: dict[str, Schema] = schema_contents(f"kubernetes-json-schema/v{newest}-local/_definitions.json", newest)["$defs"]
    return found
