"""All verdicts on one release or one manifest, in order, counted."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from modules.rehearsal.standin.backend import Problem
from modules.rehearsal.verdicts.custom import CHART_KINDS, check_custom
from modules.rehearsal.verdicts.given import Chart
from modules.rehearsal.verdicts.objects import check_object
from modules.rehearsal.verdicts.ours import check_ours
from modules.rehearsal.verdicts.pod_security import check_pod_security
from modules.rehearsal.verdicts.schemas import Schema, Schemas
from modules.rehearsal.verdicts.semantic import check_semantics
from modules.rehearsal.verdicts.tally import Tally
from modules.rehearsal.verdicts.values import check_values

Manifest = dict[str, Any]


class Judge:
    """schemas: where those of other projects are. What it could not judge becomes a warning once a tally, and is counted."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def values(self, chart: Chart, tally: Tally) -> list[Problem]:
        """Errors in the values of a chart from a repository, or the warning that nobody could tell."""
        schema = self._schemas.values(chart.name, chart.version)
        if schema is not None:
            tally.values += 1
            tally.checked(chart.name)
            return check_values(chart.name, chart.values, schema)
        if not chart.values:
            return []
        others = self._schemas.other_versions(chart.name)
        has = f" (there is one of {', '.join(others)})" if others else ""
        return self._unchecked(tally, chart.name, f"no schema of version {chart.version or 'unknown'} found{has}", "its values")

    def own_values(self, chart: Chart, schema: Schema | None, tally: Tally) -> list[Problem]:
        """Errors in the values of a chart of ours, which has its schema with it."""
        if schema is None:
            return []
        tally.values += 1
        return check_values(chart.name, chart.values, schema)

    def manifest(
        self,
        manifest: Manifest,
        tally: Tally,
        *,
        minor: str = "1.35",
        namespaces: Mapping[str, Mapping[str, str]] | None = None,
        crd: tuple[str, str] | None = None,
        old: Manifest | None = None,
    ) -> list[Problem]:
        """Errors in one manifest.

        namespaces: the labels of each that is there. crd: of a custom kind, the chart that brought it, and its version.
        old: the object as it is now, for an update.
        """
        if crd is not None:
            return self._custom(manifest, tally, crd, old)
        tally.manifests += 1
        shown = without_data(manifest)
        mistakes = check_object(shown, minor)
        # Of something that is not even of the right shape, the other checks would only say the same again, or stumble.
        told = namespaces or {}
        return _problems(manifest, mistakes or check_semantics(shown) + check_ours(shown, told) + check_pod_security(shown, told))

    def _custom(self, manifest: Manifest, tally: Tally, crd: tuple[str, str], old: Manifest | None) -> list[Problem]:
        chart, version = crd
        found = self._schemas.crds(CHART_KINDS[chart].source, version).get(manifest["kind"])
        if found is None:
            return self._unchecked(tally, manifest["kind"], f"no CRD of {chart} {version} found", "such objects")
        mistakes, rules = check_custom(manifest, found, old)
        tally.manifests += 1
        tally.rules += rules
        tally.checked(manifest["kind"])
        return _problems(manifest, mistakes)

    def _unchecked(self, tally: Tally, what: str, why: str, which: str) -> list[Problem]:
        if not tally.skip(what, why):
            return []
        fix = f"{why}. Run ./hub schemas fetch, or name a folder that has it in HUB_SCHEMAS."
        return [Problem(f"{what}: {which} go UNCHECKED", fix, warning=True)]


def without_data(manifest: Manifest) -> Manifest:
    """A manifest that may be shown and quoted: a Secret's data has the right shape, and nothing in it."""
    if manifest["kind"] != "Secret":
        return manifest
    empty = base64.b64encode(b"").decode()
    return {**manifest, **{part: dict.fromkeys(manifest[part], empty) for part in ("data", "stringData") if manifest.get(part)}}


def _problems(manifest: Manifest, mistakes: list[str]) -> list[Problem]:
    namespace = manifest["metadata"].get("namespace")
    name = f"{manifest['kind']} {namespace + '/' if namespace else ''}{manifest['metadata'].get('name')}"
    return [Problem(f"{name}: {mistake}") for mistake in mistakes]
