"""Bodies of requests: read, and laid over what is there when they are patches."""

from __future__ import annotations

import json
from typing import Any

from modules.rehearsal.cluster.api.answers import ApiError, Document, Request
from modules.rehearsal.cluster.api.kinds import BUILT_IN, SCALE, Resource
from modules.rehearsal.cluster.api.merging import json_patch, merge_patch
from modules.rehearsal.cluster.api.strategic import strategic_merge

_JSON, _MERGE = "application/json-patch+json", "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_PLAIN = ("", "application/json", "application/yaml")


def body_of(request: Request) -> Document:
    """The object a request carries. Raises ApiError 400 for what cannot be read, 415 for another format."""
    if request.content_type not in _PLAIN:
        raise _unknown_format(*_PLAIN[1:])
    document = _read(request)
    if not isinstance(document, dict):
        raise ApiError(400, "the body is no object")
    return document


def patched(resource: Resource, document: Document, request: Request) -> Document:
    """`document` with the request's patch applied. Raises ApiError: 400, 415 for a format that the kind has not, 422."""
    kind, strategic = request.content_type, resource in (*BUILT_IN, SCALE)
    if kind not in (_JSON, _MERGE, *([_STRATEGIC] if strategic else [])):
        raise _unknown_format(_JSON, _MERGE, *([_STRATEGIC] if strategic else []))
    patch: Any = _read(request)
    if kind == _JSON:
        changed = json_patch(document, patch)
    elif not isinstance(patch, dict):
        raise ApiError(400, "the patch is no object")
    elif kind == _MERGE:
        changed = merge_patch(document, patch)
    else:
        changed = strategic_merge(document, patch, document["kind"], document["apiVersion"])
    if not isinstance(changed, dict):
        raise ApiError(422, "what the patch leaves is no object")
    # A patch that says nothing of the version is for whichever is there.
    if not _names_version(patch) and isinstance(changed.get("metadata"), dict):
        changed["metadata"] = {name: value for name, value in changed["metadata"].items() if name != "resourceVersion"}
    return changed


def _names_version(patch: Any) -> bool:
    if isinstance(patch, list):
        return any(each.get("path") == "/metadata/resourceVersion" for each in patch)
    metadata = patch.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("resourceVersion"))


def _read(request: Request) -> Any:
    try:
        if request.content_type != "application/yaml":
            return json.loads(request.body)
        import yaml

        return yaml.safe_load(request.body)
    except Exception as error:
        raise ApiError(400, "the body cannot be read") from error


def _unknown_format(*accepted: str) -> ApiError:
    return ApiError(415, f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}")
