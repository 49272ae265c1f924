"""Adopting what lives in the cluster: nothing of ours reads its API, so Terraform's own refusals say what is there.

A create that is answered "already exists" names its address; the id to import it by follows from the document, where
names are written out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from modules.ops.adopt.model import Adoption
from modules.ops.cluster_access import is_in_cluster
from modules.ops.events import Diagnostic
from modules.ops.failures.terraform import classify

#: Kinds that belong to no namespace, as far as our stacks make them.
_CLUSTER_WIDE = frozenset(
    f"kubernetes_{kind}_v1" for kind in ("namespace", "storage_class", "persistent_volume", "cluster_role", "cluster_role_binding")
)
#: Kinds that only set fields of somebody else's object, and cannot be imported.
_PARTS = frozenset({"kubernetes_annotations", "kubernetes_labels"})
_NAME_OF = re.compile(r"\$\{(?P<kind>kubernetes_\w+)\.(?P<name>[\w-]+)\.metadata\[0\]\.name\}")


def existing(errors: Sequence[Diagnostic], document: Mapping[str, Any], env: str) -> tuple[Adoption, ...]:
    """What the cluster said is there already, of the resources in one stack's `document`."""
    found = []
    for error in errors:
        if is_in_cluster(error.address) and classify(error, env).kind == "exists":
            import_id = import_id_of(document, error.address)
            if import_id:
                found.append(Adoption(error.address, import_id))
    return tuple(found)


def import_id_of(document: Mapping[str, Any], address: str) -> str | None:
    """`namespace/name` or `name` of one resource in a cluster; None where the document does not tell."""
    kind, _, key = address.partition(".")
    body = (document.get("resource") or {}).get(kind, {}).get(key)
    if body is None or kind in _PARTS:
        return None
    metadata = body if kind == "helm_release" else _metadata(body)
    name = _text(document, metadata.get("name"))
    namespace = _text(document, metadata.get("namespace", "default"))
    if kind in _CLUSTER_WIDE:
        return name
    return f"{namespace}/{name}" if name and namespace else None


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("metadata") or {}
    first: Mapping[str, Any] = found[0] if isinstance(found, list) else found
    return first


def _text(document: Mapping[str, Any], value: Any) -> str | None:
    """A name that is written out, or that of another object of the same stack."""
    match = _NAME_OF.fullmatch(str(value or ""))
    if match:
        body = (document.get("resource") or {}).get(match["kind"], {}).get(match["name"], {})
        value = _metadata(body).get("name")
    return str(value) if value and "${" not in str(value) else None
