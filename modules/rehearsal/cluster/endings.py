"""How objects end: a finalizer holds one, what is held holds its namespace, and both go when the last finalizer is taken off."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from modules.rehearsal.cluster import helm_storage, volumes
from modules.rehearsal.cluster.world import Held, Key, World

#: What a finalizer begins with, and the chart whose controller takes it off as soon as it may; any other waits for somebody.
_TAKEN_OFF_BY = {
    "karpenter.sh/": "karpenter",
    "karpenter.k8s.aws/": "karpenter",
    "service.k8s.aws/": "aws-load-balancer-controller",
    "ingress.k8s.aws/": "aws-load-balancer-controller",
    "ray.io/": "kuberay-operator",
}


def end(world: World, key: Key) -> str:
    """Ask an object to go; "" when it is gone, else what holds it."""
    held = world.objects[key]
    inside = [each for each in world.objects if key.kind == "Namespace" and each.namespace == key.name]
    for each in inside:
        if each in world.objects:
            end(world, each)
    waits = ", ".join(_finalizers(world, held)) or ("what is in it" if _inside(world, key) else "")
    if not waits:
        drop(world, key)
        return ""
    held.deleting = held.deleting or time.time()
    _say(world, key)
    return waits


def go_on(world: World, key: Key) -> None:
    """After a change: an object that was asked to go, and that nothing holds any more, is gone."""
    held = world.objects.get(key)
    if held is not None and held.deleting and not _finalizers(world, held) and not _inside(world, key):
        drop(world, key)


def drop(world: World, key: Key) -> None:
    """Forget an object, with what follows from that."""
    if key.kind == "PersistentVolumeClaim":
        volumes.gone_claim(world, world.objects[key])
    world.drop(key)
    helm_storage.dropped(world, key)
    home = Key("Namespace", "", key.namespace)
    if key.namespace and home in world.objects and world.objects[home].deleting:
        _say(world, home)
        go_on(world, home)


def _finalizers(world: World, held: Held) -> list[str]:
    """Those that nobody takes off by himself."""
    found = held.manifest["metadata"].get("finalizers") or ()
    return [each for each in found if not any(each.startswith(name) and world.has_release_of(by) for name, by in _TAKEN_OFF_BY.items())]


def _inside(world: World, key: Key) -> list[Held]:
    return [held for each, held in world.objects.items() if key.kind == "Namespace" and each.namespace == key.name]


def _say(world: World, key: Key) -> None:
    """A namespace's conditions, in the namespace controller's words.

    https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/namespace/deletion/status_condition_utils.go
    """
    if key.kind != "Namespace":
        return
    kinds = Counter(f"{held.manifest['kind'].lower()}s." for held in _inside(world, key))
    marks = Counter(each for held in _inside(world, key) for each in held.manifest["metadata"].get("finalizers") or ())
    some = "Some content in the namespace has finalizers remaining"
    content = ", ".join(f"{kind} has {count} resource instances" for kind, count in sorted(kinds.items()))
    left = ", ".join(f"{mark} in {count} resource instances" for mark, count in sorted(marks.items()))
    conditions: list[dict[str, Any]] = [
        {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "reason": "ResourcesDiscovered", "message": "All resources found"},
        _condition("NamespaceContentRemaining", "SomeResourcesRemain", f"Some resources are remaining: {content}", bool(kinds)),
        _condition(
            "NamespaceFinalizersRemaining",
            "SomeFinalizersRemain",
            f"{some}: {left}",
            bool(marks),
        ),
    ]
    world.tell(key, {"phase": "Terminating", "conditions": conditions})


def _condition(kind: str, reason: str, message: str, holds: bool) -> dict[str, Any]:
    return {"type": kind, "status": str(holds), "reason": reason if holds else "Gone", "message": message if holds else ""}
