"""The cluster as the stand-in kubernetes and helm providers see it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from modules.rehearsal.cluster import objects, patches, references, releases
from modules.rehearsal.cluster.judging import errors, judged, raised
from modules.rehearsal.cluster.laws import release_object
from modules.rehearsal.cluster.manifests import KINDS, manifest_of
from modules.rehearsal.cluster.world import Key, Manifest, World
from modules.rehearsal.standin.backend import Problem, Refused, Values
from modules.rehearsal.standin.wire import UNKNOWN, is_known
from modules.rehearsal.verdicts.charts import Rendered, render
from modules.rehearsal.verdicts.given import Chart, chart_of
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import known_schemas
from modules.rehearsal.verdicts.tally import Tally

_HELM = "helm_release"


class Clusters(Protocol):
    """Where worlds are found (worlds.Worlds)."""

    def at(self, address: str) -> World:
        """The World behind a URL."""


class ClusterBackend:
    """One launch of a provider. folder: where Terraform runs, for charts that lie beside the stack.
    patience: seconds a workload waits for what its pods name, which Terraform may be making at the same time."""

    def __init__(self, worlds: Clusters, folder: Path | None = None, judge: Judge | None = None, patience: float = 5.0) -> None:
        self._worlds, self._folder, self._address = worlds, folder, ""
        self._patience = patience
        self._judge = judge or Judge(known_schemas())

    def configure(self, provider: str, config: Values) -> Sequence[Problem]:
        """Remember which cluster; an address that is not known yet is one nobody can dial."""
        settings: Any = config if provider == "kubernetes" else config.get("kubernetes") or {}
        if isinstance(settings, list):
            settings = settings[0] if settings else {}
        host = settings.get("host") if settings is not UNKNOWN else UNKNOWN
        self._address = host if isinstance(host, str) else ""
        return ()

    def validate(self, kind: str, config: Values) -> Sequence[Problem]:
        """Mistakes in what is known in full already. A release's values need only chart, version and values."""
        if kind == _HELM:
            asked = {name: config.get(name) for name in ("chart", "version", "values")}
            return errors(self._of_release(chart_of(asked), Tally())) if is_known(asked) else ()
        config = {**config, "data_wo": None, "binary_data_wo": None}
        if kind in patches.KINDS or not is_known(config):
            return ()
        if not config["metadata"][0].get("name"):
            return ()
        # Which namespaces there are, and how they are labelled, is known only when the cluster is asked.
        manifest = manifest_of(kind, config)
        privileged = {"pod-security.kubernetes.io/enforce": "privileged"}
        place = {manifest["metadata"].get("namespace", ""): privileged}
        return errors(self._judge.manifest(manifest, Tally(), namespaces=place))

    def plan(self, kind: str, prior: Values | None, config: Values) -> Sequence[Problem]:
        """Nothing: the real providers of plain resources ask no cluster during a plan either."""
        return ()

    def create(self, kind: str, planned: Values, config: Values) -> tuple[Values, Sequence[Problem]]:
        """Judge, then make."""
        self._wait_for_neighbours(kind, planned)
        with self._world("create", kind, planned) as world:
            if kind == _HELM:
                chart, made, problems = self._release(world, planned)
                return releases.install(world, planned, chart, made), problems
            if kind in patches.KINDS:
                return patches.apply(world, kind, None, planned), ()
            manifest = objects.manifest_for(kind, planned, config)
            problems = self._judged(world, manifest)
            return objects.create(world, kind, planned, manifest), problems

    def update(self, kind: str, prior: Values, planned: Values, config: Values) -> tuple[Values, Sequence[Problem]]:
        """Judge, then change."""
        self._wait_for_neighbours(kind, planned)
        with self._world("update", kind, prior) as world:
            if kind == _HELM:
                chart, made, problems = self._release(world, planned)
                return releases.upgrade(world, planned, chart, made), problems
            if kind in patches.KINDS:
                return patches.apply(world, kind, prior, planned), ()
            manifest = objects.manifest_for(kind, planned, config)
            problems = self._judged(world, manifest)
            return objects.update(world, kind, prior, planned, manifest), problems

    def delete(self, kind: str, prior: Values) -> None:
        """Remove it; what is gone already is no error."""
        with self._world("delete", kind, prior) as world:
            if kind == _HELM:
                releases.uninstall(world, prior)
            elif kind in patches.KINDS:
                patches.remove(world, kind, prior)
            elif (key := objects.key_for(kind, prior)) in world.objects:
                release_object(world, key)

    def read(self, kind: str, state: Values) -> Values | None:
        """The state as the cluster has it now; None when it is gone."""
        with self._world("read", kind, state) as world:
            if kind == _HELM:
                return releases.read(world, state)
            return patches.read(world, kind, state) if kind in patches.KINDS else objects.read(world, kind, state)

    def find(self, kind: str, import_id: str) -> Values | None:
        """The state of something that Terraform has not made. Annotations and labels alone cannot be imported."""
        with self._at() as world:
            if kind == _HELM:
                return releases.found(world, import_id)
            return objects.found(world, kind, import_id) if kind in KINDS else None

    @contextmanager
    def _at(self) -> Iterator[World]:
        if not self._address:
            detail = 'Get "http://localhost/api/v1": dial tcp 127.0.0.1:80: connect: connection refused'
            raise Refused(Problem("Kubernetes cluster unreachable: the provider has no host", detail))
        world = self._worlds.at(self._address)
        with world.lock:
            yield world

    @contextmanager
    def _world(self, verb: str, kind: str, values: Values) -> Iterator[World]:
        with self._at() as world:
            world.may_fail(verb, _key(kind, values))
            yield world

    def _wait_for_neighbours(self, kind: str, planned: Values) -> None:
        """Let what a workload's pods name be made first, for as long as patience lasts; whether it was is judged after."""
        if kind not in references.AWAITING:
            return
        manifest, deadline = manifest_of(kind, planned), time.monotonic() + self._patience
        while time.monotonic() < deadline:
            with self._at() as world:
                if not references.missing_for(world, manifest):
                    return
            time.sleep(0.02)

    def _release(self, world: World, planned: Values) -> tuple[Chart, tuple[Manifest, ...], Sequence[Problem]]:
        """(the chart, the objects that are known of a release, warnings). Raises Refused for wrong values or objects."""
        chart = chart_of(planned)
        if not chart.path:
            return chart, (), raised(self._judge.values(chart, world.tally))
        namespace, name = releases.place_of(planned)
        rendered = render(chart, name, namespace, self._folder, world.minor)
        made = rendered.manifests or ()
        problems = [*self._judge.own_values(chart, rendered.schema, world.tally), *self._not_rendered(chart, rendered, world.tally)]
        for manifest in made:
            problems += judged(self._judge, world, manifest)
        return replace(chart, version=rendered.version), made, raised(problems)

    def _of_release(self, chart: Chart, tally: Tally) -> list[Problem]:
        return [] if chart.path else self._judge.values(chart, tally)

    def _not_rendered(self, chart: Chart, rendered: Rendered, tally: Tally) -> Iterator[Problem]:
        if rendered.why_not and tally.skip(chart.name, rendered.why_not):
            made = "put together from its values" if rendered.manifests is not None else "what it makes goes UNCHECKED"
            yield Problem(f"{chart.name}: {rendered.why_not}; {made}", "Put helm on PATH, or its path in HUB_HELM.", warning=True)

    def _judged(self, world: World, manifest: Manifest) -> Sequence[Problem]:
        return raised(judged(self._judge, world, manifest))


def _key(kind: str, values: Values) -> Key:
    if kind == _HELM:
        return Key("HelmRelease", *releases.place_of(values))
    return patches.key_for(values) if kind in patches.KINDS else objects.key_for(kind, values)
