"""What an API server refuses, without what only this project refuses on top: people launch images without a tag."""

from __future__ import annotations

import re
from typing import Any

from modules.rehearsal.standin.backend import Problem
from modules.rehearsal.verdicts.judge import Judge, Manifest, without_data
from modules.rehearsal.verdicts.objects import check_object
from modules.rehearsal.verdicts.pod_security import check_pod_security
from modules.rehearsal.verdicts.schemas import known_schemas
from modules.rehearsal.verdicts.semantic import check_semantics
from modules.rehearsal.verdicts.tally import Tally

#: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
_SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


class ApiServer(Judge):
    """Names, ports, pod security, and the published schemas too unless they are not asked: they take 50 ms an object."""

    def __init__(self, *, schemas: bool = True) -> None:
        super().__init__(known_schemas())
        self._by_schemas = schemas

    def manifest(self, manifest: Manifest, tally: Tally, **more: Any) -> list[Problem]:
        """Errors in one manifest; see Judge.manifest."""
        tally.manifests += 1
        shown, namespaces = without_data(manifest), more.get("namespaces") or {}
        mistakes = check_object(shown, more.get("minor", "1.35")) if self._by_schemas else []
        mistakes = mistakes or [*check_semantics(shown), *check_pod_security(shown, namespaces), *_name(manifest)]
        return [Problem(f"{manifest['kind']} {manifest['metadata']['name']}", each) for each in mistakes]


def _name(manifest: Manifest) -> list[str]:
    name = manifest["metadata"]["name"]
    if manifest["kind"] != "Service" or _SERVICE_NAME.fullmatch(name):
        return []
    return [f"metadata.name: {name!r} is no DNS-1035 label"]
