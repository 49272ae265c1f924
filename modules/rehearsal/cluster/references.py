"""What an object names in its namespace and cannot do without: pods never start, and Terraform waits in vain; a binding gives nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modules.rehearsal.cluster.world import Key, Manifest, World
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.fields import containers, fits, pods, select

#: Where a volume's source names an object: the pattern from the volume to (the field with its name, its kind).
_SOURCES = {
    "configMap": ("name", "ConfigMap"),
    "secret": ("secretName", "Secret"),
    "persistentVolumeClaim": ("claimName", "PersistentVolumeClaim"),
    "projected.sources.*.configMap": ("name", "ConfigMap"),
    "projected.sources.*.secret": ("name", "Secret"),
}
#: Where a container names one, and whether a single key of it.
_VARIABLES = {
    "env.*.valueFrom.configMapKeyRef": "ConfigMap",
    "env.*.valueFrom.secretKeyRef": "Secret",
    "envFrom.*.configMapRef": "ConfigMap",
    "envFrom.*.secretRef": "Secret",
}
#: The resources that wait a while for what they name, which Terraform may be making at the same time.
AWAITING = ("kubernetes_daemon_set_v1", "kubernetes_deployment_v1", "kubernetes_role_binding_v1")
_WORKLOADS = ("DaemonSet", "Deployment")


class Reference(NamedTuple):
    """keys: of its data, each of which must be there."""

    kind: str
    namespace: str
    name: str
    keys: tuple[str, ...] = ()


def can_roll_out(world: World, manifest: Manifest) -> None:
    """Raises Refused, as a rollout's deadline would, when a pod of this workload names what is not there.

    That is all a rollout is here: no node runs a pod, so whether an image exists, a probe passes or a node has room is taken on trust,
    and counted so (Tally.trust).
    """
    if manifest["kind"] not in _WORKLOADS:
        return
    namespace, name = manifest["metadata"].get("namespace"), manifest["metadata"]["name"]
    missing = missing_for(world, manifest)
    if missing:
        raise Refused(Problem(f"Waiting for rollout of {namespace}/{name} to finish: context deadline exceeded", "; ".join(missing)))
    world.tally.trust(f"rollout of {manifest['kind']} {namespace}/{name}", "no node runs pods here; what they name is there")


def gives_something(world: World, manifest: Manifest) -> None:
    """Raises Refused for a RoleBinding to a Role or of a ServiceAccount not there: the API server takes it for nothing."""
    missing = missing_for(world, manifest) if manifest["kind"] == "RoleBinding" else []
    if missing:
        name = f"{manifest['metadata']['namespace']}/{manifest['metadata']['name']}"
        raise Refused(Problem(f"RoleBinding {name} would give nobody anything: {'; '.join(missing)}"))


def missing_for(world: World, manifest: Manifest) -> list[str]:
    """One sentence for each thing that this workload's pods, or this RoleBinding, name and that is not there or does not fit."""
    if manifest["kind"] == "RoleBinding":
        return [sentence for each in _bound(manifest) for sentence in _missing(world, each)]
    if manifest["kind"] not in _WORKLOADS:
        return []
    found = [sentence for each in dict.fromkeys(_wanted(manifest)) for sentence in _missing(world, each)]
    return found + list(_elsewhere(world, manifest))


def _missing(world: World, wanted: Reference) -> Iterator[str]:
    held = world.objects.get(Key(wanted.kind, wanted.namespace, wanted.name))
    if held is None:
        yield f'{wanted.kind} "{wanted.name}" not found'
        return
    data = {**(held.manifest.get("data") or {}), **(held.manifest.get("binaryData") or {}), **(held.manifest.get("stringData") or {})}
    yield from (f'{wanted.kind} "{wanted.name}" has no key "{key}"' for key in wanted.keys if key not in data)


def _bound(manifest: Manifest) -> Iterator[Reference]:
    """A ClusterRole may come with a chart whose objects nobody sees here, so that only a Role must be there."""
    namespace, role = manifest["metadata"]["namespace"], manifest.get("roleRef") or {}
    if role.get("kind") == "Role":
        yield Reference("Role", namespace, role.get("name", ""))
    for subject in manifest.get("subjects") or ():
        if subject.get("kind") == "ServiceAccount":
            yield Reference("ServiceAccount", subject.get("namespace") or "", subject.get("name", ""))


def _wanted(manifest: Manifest) -> Iterator[Reference]:
    """Everything that must be there. What is marked optional need not. Pull secrets that are missing keep no pod from trying."""
    namespace = manifest["metadata"]["namespace"]
    for _, pod in pods(manifest):
        yield Reference("ServiceAccount", namespace, pod.get("serviceAccountName") or "default")
        for source, (field, kind) in _SOURCES.items():
            for _, named in select(pod, f"volumes.*.{source}"):
                keys = tuple(item["key"] for item in named.get("items") or ())
                yield from _needed(kind, namespace, named, field, keys)
    for _, container in containers(manifest):
        for source, kind in _VARIABLES.items():
            for _, named in select(container, source):
                yield from _needed(kind, namespace, named, "name", (named["key"],) if "key" in named else ())


def _needed(kind: str, namespace: str, named: Mapping[str, Any], field: str, keys: tuple[str, ...]) -> Iterator[Reference]:
    if not named.get("optional"):
        yield Reference(kind, namespace, named[field], keys)


def _elsewhere(world: World, manifest: Manifest) -> Iterator[str]:
    """Claims on a volume that is on no node where the pods may go."""
    namespace = manifest["metadata"]["namespace"]
    for _, pod in pods(manifest):
        for _, claim in select(pod, "volumes.*.persistentVolumeClaim.claimName"):
            held = world.objects.get(Key("PersistentVolumeClaim", namespace, claim))
            volume = world.objects.get(Key("PersistentVolume", "", held.status.get("volumeName", ""))) if held else None
            if volume is not None and not _meets(volume.manifest, pod.get("nodeSelector") or {}):
                yield f'PersistentVolume "{volume.manifest["metadata"]["name"]}" is on other nodes than those the pods ask for'


def _meets(volume: Manifest, selector: Mapping[str, str]) -> bool:
    """Whether some node that `selector` allows may have the volume. What the selector leaves open, a node may have either way."""
    terms = [term for _, term in select(volume, "spec.nodeAffinity.required.nodeSelectorTerms.*")]
    return not terms or any(
        all(fits(each, selector) for each in term.get("matchExpressions") or () if each.get("key") in selector) for term in terms
    )
