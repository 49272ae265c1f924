"""helm_release: installed, upgraded and removed as Helm would, with the CRDs and objects that are known of its chart."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from modules.rehearsal.cluster import helm_storage, laws
from modules.rehearsal.cluster.manifests import Values
from modules.rehearsal.cluster.world import Key, Manifest, Release, World, key_of
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.standin.wire import UNKNOWN
from modules.rehearsal.verdicts.custom import CHART_KINDS
from modules.rehearsal.verdicts.given import Chart


def place_of(values: Values) -> tuple[str, str]:
    """(namespace, name) of a release."""
    namespace = values.get("namespace")
    return (namespace if isinstance(namespace, str) and namespace else "default"), values["name"]


def install(world: World, planned: Values, chart: Chart, made: Sequence[Manifest]) -> Values:
    """Install `chart` with the objects `made` of it. Raises Refused, leaving nothing, as with `atomic`."""
    namespace, name = place_of(planned)
    helm_storage.need_rest(world, namespace, name)
    if (namespace, name) in world.releases:
        raise Refused(Problem("installation failed", "cannot re-use a name that is still in use"))
    _ensure_namespace(world, namespace, create=bool(planned.get("create_namespace")))
    now = int(time.time())
    _add_kinds(world, chart, skip_crds=bool(planned.get("skip_crds")))
    made = [_marked(each, namespace, name) for each in made]
    _build(world, made, f"release {namespace}/{name}")
    release = Release(name, namespace, chart.name, chart.version, json.dumps(chart.values), 1, now, now, objects=tuple(map(key_of, made)))
    world.releases[namespace, name] = release
    world.log.append(f"create HelmRelease/{namespace}/{name}")
    return told(planned, release)


def upgrade(world: World, planned: Values, chart: Chart, made: Sequence[Manifest]) -> Values:
    """Another revision of a release. Raises Refused."""
    namespace, name = place_of(planned)
    release = world.releases.get((namespace, name))
    if release is None:
        raise Refused(Problem("upgrade failed", f'"{name}" has no deployed releases'))
    helm_storage.need_rest(world, namespace, name)
    owner, made = f"release {namespace}/{name}", [_marked(each, namespace, name) for each in made]
    kept = {key_of(each) for each in made}
    for manifest in made:
        key = key_of(manifest)
        if key in release.objects and key in world.objects:
            laws.admit_change(world, world.objects[key].manifest, manifest)
            world.change(key, manifest)
        else:
            _build(world, [manifest], owner)
    _tear_down(world, [key for key in release.objects if key not in kept])
    release.chart, release.version, release.values = chart.name, chart.version, json.dumps(chart.values)
    release.revision, release.last, release.objects = release.revision + 1, int(time.time()), tuple(map(key_of, made))
    release.status = "deployed"
    world.log.append(f"update HelmRelease/{namespace}/{name}")
    return told(planned, release)


def uninstall(world: World, prior: Values) -> None:
    """Remove a release and its objects. Raises Refused when its CRDs are still in use or its objects would hang."""
    namespace, name = place_of(prior)
    release = world.releases.get((namespace, name))
    if release is None:
        return
    kinds = [kind for kind, (_, chart, _) in world.custom_kinds.items() if chart == release.chart and chart.endswith("-crd")]
    in_use = [key for kind in kinds for key, _ in world.of_kind(kind)]
    if in_use:
        detail = f"CRDs of {name} are in use: {', '.join(map(str, in_use))}. Delete these first."
        raise Refused(Problem(f"uninstallation completed with 1 error(s): timed out waiting for {in_use[0].kind}s to go", detail))
    _tear_down(world, release.objects)
    for kind in kinds:
        del world.custom_kinds[kind]
    del world.releases[namespace, name]
    helm_storage.forget(world, namespace, name)
    world.log.append(f"delete HelmRelease/{namespace}/{name}")


def read(world: World, state: Values) -> Values | None:
    """The state as the release is now; None when it is gone."""
    release = world.releases.get(place_of(state))
    return told({**state, "version": release.version}, release) if release else None


def found(world: World, import_id: str) -> Values | None:
    """The state of a release by "<namespace>/<name>"; None when there is none."""
    namespace, _, name = import_id.rpartition("/")
    release = world.releases.get((namespace or "default", name))
    if release is None:
        return None
    return told({"name": name, "namespace": release.namespace, "chart": release.chart, "version": release.version}, release)


def told(state: Values, release: Release) -> Values:
    """A state with what Helm has to say of the release in it."""
    metadata = {
        "app_version": "",
        "chart": release.chart,
        "first_deployed": release.first,
        "last_deployed": release.last,
        "name": release.name,
        "namespace": release.namespace,
        "notes": "",
        "revision": release.revision,
        "values": release.values,
        "version": release.version,
    }
    made = {**state, "id": release.name, "namespace": release.namespace, "metadata": metadata, "status": release.status}
    if not isinstance(made.get("version"), str):
        made["version"] = release.version
    unknown = [name for name, value in made.items() if value is UNKNOWN]
    return {**made, **dict.fromkeys(unknown)}


def _marked(manifest: Manifest, namespace: str, name: str) -> Manifest:
    """As Helm marks what it makes as its own. https://helm.sh/docs/chart_best_practices/labels/"""
    metadata = manifest["metadata"]
    notes = {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace}
    labels = {"app.kubernetes.io/managed-by": "Helm", **(metadata.get("labels") or {})}
    return {**manifest, "metadata": {**metadata, "labels": labels, "annotations": {**(metadata.get("annotations") or {}), **notes}}}


def _ensure_namespace(world: World, namespace: str, *, create: bool) -> None:
    if create and Key("Namespace", "", namespace) not in world.objects:
        manifest: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        laws.settle(world, world.put(manifest, "helm"), wait=False)
    try:
        world.need_namespace(namespace)
    except Refused as refused:
        raise Refused(Problem("installation failed", f"create: failed to create: {refused}")) from refused


def _add_kinds(world: World, chart: Chart, *, skip_crds: bool) -> None:
    """The chart's CRDs: always of a chart that holds nothing else, otherwise unless told to skip them."""
    crds = CHART_KINDS.get(chart.name)
    if crds is None or (skip_crds and not chart.name.endswith("-crd")):
        return
    for kind, group in crds.kinds.items():
        world.custom_kinds.setdefault(kind, (group, chart.name, chart.version))


def _build(world: World, made: Sequence[Manifest], owner: str) -> None:
    """Make all objects or none."""
    done: list[Key] = []
    try:
        for manifest in made:
            laws.admit(world, manifest)
            laws.settle(world, world.put(manifest, owner), wait=False)
            done.append(key_of(manifest))
    except Refused as refused:
        for key in done:
            world.drop(key)
        said = "\n".join(f"{each.summary}\n{each.detail}".strip() for each in refused.problems)
        detail = f'unable to build kubernetes objects from release manifest: resource name: "{manifest["metadata"]["name"]}": {said}'
        raise Refused(Problem("installation failed", detail)) from refused


def _tear_down(world: World, keys: Sequence[Key]) -> None:
    for key in reversed(keys):
        if key in world.objects:
            laws.release_object(world, key)
