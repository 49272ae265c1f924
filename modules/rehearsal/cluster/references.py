"""What the pods of a workload need in their namespace; without it they never start, and Terraform waits in vain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modules.rehearsal.cluster.world import Key, Manifest, World
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.fields import containers, pods

#: Where a volume's source names an object: source to (field, kind).
_SOURCES = {
    "configMap": ("name", "ConfigMap"),
    "secret": ("secretName", "Secret"),
    "persistentVolumeClaim": ("claimName", "PersistentVolumeClaim"),
}
_KEY_REFERENCES = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret", "configMapRef": "ConfigMap", "secretRef": "Secret"}
#: The resources and the kinds whose rollout Terraform waits for.
WORKLOADS = ("kubernetes_daemon_set_v1", "kubernetes_deployment_v1")
_WORKLOADS = ("DaemonSet", "Deployment")


def can_roll_out(world: World, manifest: Manifest) -> None:
    """Raises Refused, as a rollout's deadline would, when a pod of this workload names what is not there."""
    namespace, name = manifest["metadata"].get("namespace"), manifest["metadata"]["name"]
    missing = missing_for(world, manifest)
    if missing:
        raise Refused(Problem(f"Waiting for rollout of {namespace}/{name} to finish: context deadline exceeded", "; ".join(missing)))


def missing_for(world: World, manifest: Manifest) -> list[str]:
    """One sentence for each thing that pods of this workload name and that is not there."""
    if manifest["kind"] not in _WORKLOADS:
        return []
    namespace = manifest["metadata"]["namespace"]
    return [f'{kind} "{wanted}" not found' for kind, wanted in _wanted(manifest) if Key(kind, namespace, wanted) not in world.objects]


def _wanted(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """(kind, name) of everything that must be there. What is marked optional need not."""
    for _, pod in pods(manifest):
        yield "ServiceAccount", pod.get("serviceAccountName") or "default"
        for volume in pod.get("volumes") or ():
            for source, (field, kind) in _SOURCES.items():
                yield from _named(kind, volume.get(source), field)
    for _, container in containers(manifest):
        for variable in container.get("env") or ():
            for reference, kind in _KEY_REFERENCES.items():
                yield from _named(kind, (variable.get("valueFrom") or {}).get(reference), "name")
        for source in container.get("envFrom") or ():
            for reference, kind in _KEY_REFERENCES.items():
                yield from _named(kind, source.get(reference), "name")


def _named(kind: str, reference: Any, field: str) -> Iterator[tuple[str, str]]:
    if reference and not reference.get("optional"):
        yield kind, reference[field]
