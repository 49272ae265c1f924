"""What an API server and its controllers insist on beyond the shape of an object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from modules.rehearsal.cluster import endings, volumes
from modules.rehearsal.cluster.node_ports import need_free
from modules.rehearsal.cluster.world import CONTROL_PLANE, Held, Key, Manifest, World, key_of
from modules.rehearsal.standin.backend import Problem, Refused

_LB_CONTROLLER = "aws-load-balancer-controller"
#: The words of the provider's wait, terraform-plugin-sdk's retry.TimeoutError.
_STILL_THERE = "timeout while waiting for resource to be gone (last state: 'Terminating', timeout: 5m0s)"
#: Objects whose finalizer only this chart's controller takes away.
_FINALIZERS = {"NodePool": "karpenter", "NodeClaim": "karpenter", "EC2NodeClass": "karpenter"}
#: Fields the API server lets nobody change; https://kubernetes.io/docs/reference/kubernetes-api/
_IMMUTABLE: dict[str, tuple[tuple[str, ...], ...]] = {
    "StorageClass": (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
    "RoleBinding": (("roleRef",),),
    "Secret": (("type",),),
    "DaemonSet": (("spec", "selector"),),
    "Deployment": (("spec", "selector"),),
    "PersistentVolume": tuple(("spec", field) for field in ("csi", "nfs", "hostPath", "local", "nodeAffinity", "volumeMode")),
    "PersistentVolumeClaim": (("spec", "volumeName"), ("spec", "storageClassName"), ("spec", "accessModes")),
}


def admit(world: World, manifest: Manifest) -> None:
    """Raises Refused when a new object may not be: it exists, its namespace or its kind does not, or it takes what
    another has: the default class, a node port."""
    key = key_of(manifest)
    world.need_namespace(key.namespace)
    home = world.objects.get(Key("Namespace", "", key.namespace))
    if home is not None and home.deleting:
        why = f"unable to create new content in namespace {key.namespace} because it is being terminated"
        raise Refused(Problem(f'{plural(key.kind)} "{key.name}" is forbidden: {why}'))
    group = manifest["apiVersion"].rpartition("/")[0]
    if "." in group and not group.endswith(".k8s.io") and key.kind not in world.custom_kinds:
        raise Refused(Problem(f'no matches for kind "{key.kind}" in version "{manifest["apiVersion"]}"', "ensure CRDs are installed first"))
    if key in world.objects:
        raise Refused(Problem(f'{plural(key.kind)} "{key.name}" already exists'))
    need_free(world, manifest)
    one_default_class(world, manifest)


def admit_change(world: World, old: Manifest, new: Manifest) -> None:
    """Raises Refused when an object may not become another: by what nobody may change, or by what others have."""
    unchanged(old, new)
    need_free(world, new)
    one_default_class(world, new)


def one_default_class(world: World, manifest: Manifest) -> None:
    """Raises Refused when this would be the second default StorageClass: the API server would allow it and take the newer one."""
    if manifest["kind"] != "StorageClass" or not volumes.is_default(manifest):
        return
    others = [key.name for key, held in world.of_kind("StorageClass") if key != key_of(manifest) and volumes.is_default(held.manifest)]
    if others:
        detail = f"{others[0]} is the default already; claims that name no class would go to whichever is newer."
        raise Refused(Problem(f'StorageClass "{manifest["metadata"]["name"]}" would be a second default', detail))


def unchanged(old: Manifest, new: Manifest) -> None:
    """Raises Refused when a field differs that nobody may change."""
    for path in _IMMUTABLE.get(old["kind"], ()):
        before, after = _at(old, path), _at(new, path)
        if before is not None and before != after:
            raise Refused(Problem(f'{old["kind"]} "{old["metadata"]["name"]}" is invalid: {".".join(path)}: field is immutable'))


def settle(world: World, held: Held, *, wait: bool) -> None:
    """What controllers do with a new object. wait: Terraform would wait for them. Raises Refused when it would wait in vain."""
    act = _CONTROLLERS.get(held.manifest["kind"])
    if act is not None:
        problem = act(world, held)
        if problem and wait:
            raise Refused(problem)


def settle_change(world: World, held: Held) -> None:
    """What controllers do with an object that somebody changed."""
    if held.manifest["kind"] == "PersistentVolume":
        volumes.changed_volume(world, held)
    endings.go_on(world, key_of(held.manifest))


def release_object(world: World, key: Key, *, wait: bool = True) -> None:
    """Remove an object, with what follows from it. Raises Refused when a finalizer would hold it for ever.

    wait: False for whoever only asks it to go, as the API does: one that something holds stays, and says so.
    """
    held = world.objects[key]
    if key.kind == "Namespace":
        _none_of_ours(world, key)
    controller = _FINALIZERS.get(key.kind)
    if controller and not world.has_release_of(controller):
        raise Refused(Problem(f"timed out waiting for {key} to be deleted", f"its finalizer needs the release {controller}, which is gone"))
    if key.kind == "Service" and _is_load_balancer(held.manifest) and not world.has_release_of(_LB_CONTROLLER):
        detail = f"its finalizer service.k8s.aws/resources needs the release {_LB_CONTROLLER}, which is gone"
        raise Refused(Problem(f"timed out waiting for {key} to be deleted", detail))
    if key.kind == "PersistentVolume" and held.status.get("phase") == "Bound":
        detail = "its finalizer kubernetes.io/pv-protection waits until the claim is deleted"
        raise Refused(Problem(f'timed out waiting for persistent volume "{key.name}" to be deleted', detail))
    waits = endings.end(world, key)
    if waits and wait:
        raise Refused(Problem(_STILL_THERE, f"{key} is held by {waits}"))


def plural(kind: str) -> str:
    """The resource name of a built-in kind, as the API's messages have it."""
    lower = kind.lower()
    return lower[:-1] + "ies" if lower.endswith("policy") else lower + ("es" if lower.endswith("s") else "s")


def _none_of_ours(world: World, key: Key) -> None:
    """The API server would delete what stands in a namespace with it; that Terraform still knows it means a wrong order."""
    left = world.inside(key.name)
    if left:
        raise Refused(Problem(f'namespace "{key.name}" still holds {", ".join(map(str, left))}', "delete these first"))


def _new_namespace(world: World, held: Held) -> Problem | None:
    name = held.manifest["metadata"]["name"]
    held.status = {"phase": "Active"}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
    world.put(account, CONTROL_PLANE)
    return None


def _balance(world: World, held: Held) -> Problem | None:
    """The LB controller's part: a host name for a Service of type LoadBalancer."""
    if not _is_load_balancer(held.manifest):
        return None
    if not world.has_release_of(_LB_CONTROLLER):
        return Problem(
            "Waiting for service to get an external IP timed out: no controller", f"the release {_LB_CONTROLLER} is not installed"
        )
    metadata = held.manifest["metadata"]
    namespace, name = metadata["namespace"], metadata["name"]
    digest = hashlib.sha256(held.uid.encode()).hexdigest()
    # Cut and joined as the controller names a load balancer: 8 of the namespace, 8 of the name, a digest.
    host = f"k8s-{namespace[:8]}-{name.replace('-', '')[:8]}-{digest[:10]}-{digest[10:26]}.elb.{world.region}.amazonaws.com"
    held.status = {"loadBalancer": {"ingress": [{"hostname": host}]}}
    return None


def _is_load_balancer(manifest: Manifest) -> bool:
    return bool(manifest.get("spec", {}).get("type") == "LoadBalancer")


def _at(manifest: Manifest, path: tuple[str, ...]) -> Any:
    value: Any = manifest
    for part in path:
        value = (value or {}).get(part)
    return value


_CONTROLLERS: dict[str, Callable[[World, Held], Problem | None]] = {
    "Namespace": _new_namespace,
    "Service": _balance,
    "PersistentVolume": volumes.new_volume,
    "PersistentVolumeClaim": volumes.new_claim,
}
