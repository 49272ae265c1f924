"""What an API server and its controllers insist on beyond the shape of an object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from modules.rehearsal.cluster.world import CONTROL_PLANE, Held, Key, Manifest, World, key_of
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.quantities import quantity

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_LB_CONTROLLER = "aws-load-balancer-controller"
#: Objects whose finalizer only this chart's controller takes away.
_FINALIZERS = {"NodePool": "karpenter", "NodeClaim": "karpenter", "EC2NodeClass": "karpenter"}
#: Fields the API server lets nobody change; https://kubernetes.io/docs/reference/kubernetes-api/
_IMMUTABLE: dict[str, tuple[tuple[str, ...], ...]] = {
    "StorageClass": (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
    "RoleBinding": (("roleRef",),),
    "Secret": (("type",),),
    "DaemonSet": (("spec", "selector"),),
    "Deployment": (("spec", "selector"),),
    "PersistentVolume": (("spec", "csi"), ("spec", "nfs")),
    "PersistentVolumeClaim": (("spec", "volumeName"), ("spec", "storageClassName"), ("spec", "accessModes")),
}


def admit(world: World, manifest: Manifest) -> None:
    """Raises Refused when a new object may not be: it exists, its namespace or its kind does not, or it is a second default class."""
    key = key_of(manifest)
    world.need_namespace(key.namespace)
    group = manifest["apiVersion"].rpartition("/")[0]
    if "." in group and not group.endswith(".k8s.io") and key.kind not in world.custom_kinds:
        raise Refused(Problem(f'no matches for kind "{key.kind}" in version "{manifest["apiVersion"]}"', "ensure CRDs are installed first"))
    if key in world.objects:
        raise Refused(Problem(f'{plural(key.kind)} "{key.name}" already exists'))
    one_default_class(world, manifest)


def one_default_class(world: World, manifest: Manifest) -> None:
    """Raises Refused when this would be the second default StorageClass: the API server would allow it and take the newer one."""
    if manifest["kind"] != "StorageClass" or not _is_default(manifest):
        return
    others = [key.name for key, held in world.of_kind("StorageClass") if key != key_of(manifest) and _is_default(held.manifest)]
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


def release_object(world: World, key: Key) -> None:
    """Remove an object, with what follows from it. Raises Refused when a finalizer would hold it for ever."""
    held = world.objects[key]
    if key.kind == "Namespace":
        _empty_namespace(world, key)
    controller = _FINALIZERS.get(key.kind)
    if controller and not world.has_release_of(controller):
        raise Refused(Problem(f"timed out waiting for {key} to be deleted", f"its finalizer needs the release {controller}, which is gone"))
    if key.kind == "Service" and _is_load_balancer(held.manifest) and not world.has_release_of(_LB_CONTROLLER):
        detail = f"its finalizer service.k8s.aws/resources needs the release {_LB_CONTROLLER}, which is gone"
        raise Refused(Problem(f"timed out waiting for {key} to be deleted", detail))
    if key.kind == "PersistentVolume" and held.status.get("phase") == "Bound":
        detail = "its finalizer kubernetes.io/pv-protection waits until the claim is deleted"
        raise Refused(Problem(f'timed out waiting for persistent volume "{key.name}" to be deleted', detail))
    if key.kind == "PersistentVolumeClaim":
        volume = world.objects.get(Key("PersistentVolume", "", held.status.get("volumeName", "")))
        if volume is not None:
            volume.status = {"phase": "Released"}
    world.drop(key)


def plural(kind: str) -> str:
    """The resource name of a built-in kind, as the API's messages have it."""
    lower = kind.lower()
    return lower[:-1] + "ies" if lower.endswith("policy") else lower + ("es" if lower.endswith("s") else "s")


def _empty_namespace(world: World, key: Key) -> None:
    """The API server would delete what stands in a namespace with it; that Terraform still knows it means a wrong order."""
    left = world.inside(key.name)
    if left:
        raise Refused(Problem(f'namespace "{key.name}" still holds {", ".join(map(str, left))}', "delete these first"))
    for inside in [each for each in world.objects if each.namespace == key.name]:
        world.drop(inside)


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


def _bind(world: World, held: Held) -> Problem | None:
    """The volume controller's part: a claim that names a volume gets that one or none; another waits for its first pod."""
    spec, name = held.manifest["spec"], held.manifest["metadata"]["name"]
    held.status = {"phase": "Pending"}
    if not spec.get("volumeName"):
        problem = _class_of(world, spec)
        return Problem(f'timeout while waiting for PersistentVolumeClaim "{name}" to be bound', problem)
    volume = world.objects.get(Key("PersistentVolume", "", spec["volumeName"]))
    reason = f'persistentvolume "{spec["volumeName"]}" not found' if volume is None else _misfit(spec, volume, key_of(held.manifest))
    if volume is None or reason:
        return Problem(f'timeout while waiting for PersistentVolumeClaim "{name}" to be bound', reason)
    held.status = {"phase": "Bound", "volumeName": spec["volumeName"]}
    volume.status = {"phase": "Bound", "claim": str(key_of(held.manifest))}
    return None


def _class_of(world: World, spec: dict[str, Any]) -> str:
    name = spec.get("storageClassName")
    if name is None:
        name = next((key.name for key, held in world.of_kind("StorageClass") if _is_default(held.manifest)), None)
    if name is None:
        return "no persistent volumes available for this claim and no storage class is set"
    if Key("StorageClass", "", name) not in world.objects:
        return f'storageclass.storage.k8s.io "{name}" not found'
    return f"the class {name} waits for the first pod that uses the claim; set wait_until_bound = false"


def _misfit(claim: dict[str, Any], volume: Held, key: Key) -> str:
    """Why a claim cannot have a volume; "" when it can."""
    spec = volume.manifest["spec"]
    reference = spec.get("claimRef")
    wanted, there = claim.get("resources", {}).get("requests", {}).get("storage", "0"), spec["capacity"].get("storage", "0")
    reasons = (
        (volume.status.get("phase") in ("Bound", "Released"), f"volume is {volume.status.get('phase')}"),
        ((claim.get("storageClassName") or "") != (spec.get("storageClassName") or ""), "storageClassName does not match"),
        (not set(claim["accessModes"]) <= set(spec["accessModes"]), "incompatible accessMode"),
        ((quantity(wanted) or 0) > (quantity(there) or 0), f"requested PV is too small: {there} < {wanted}"),
        (bool(reference) and (reference.get("namespace"), reference["name"]) != (key.namespace, key.name), "volume is for another claim"),
        (spec.get("volumeMode", "Filesystem") != claim.get("volumeMode", "Filesystem"), "incompatible volumeMode"),
    )
    return next((reason for wrong, reason in reasons if wrong), "")


def _is_default(manifest: Manifest) -> bool:
    return bool((manifest["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true")


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
    "PersistentVolumeClaim": _bind,
}
