"""The volume controller's part: which claim gets which volume, and what becomes of a volume whose claim goes."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.cluster.world import TERRAFORM, Held, Key, Manifest, World, key_of
from modules.rehearsal.standin.backend import Problem
from modules.rehearsal.verdicts.quantities import quantity

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def is_default(manifest: Manifest) -> bool:
    """Whether a StorageClass is the one for claims that name none."""
    return bool((manifest["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true")


def new_claim(world: World, held: Held) -> Problem | None:
    """A claim gets the volume it names or none, else the one that is kept for it; another waits for its first pod."""
    spec, key = held.manifest["spec"], key_of(held.manifest)
    held.status = {"phase": "Pending"}
    name = spec.get("volumeName") or _kept_for(world, held)
    if not name:
        return _waits(key, _class_of(world, spec))
    volume = world.objects.get(Key("PersistentVolume", "", name))
    reason = f'persistentvolume "{name}" not found' if volume is None else _misfit(spec, volume, key, held.uid)
    if volume is None or reason:
        return _waits(key, reason)
    _bind(held, volume)
    return None


def new_volume(world: World, held: Held) -> Problem | None:
    """A volume is for anybody, or for the claim it names, which may be waiting for it."""
    held.status = {"phase": "Available"}
    reference = held.manifest["spec"].get("claimRef")
    claim = world.objects.get(Key("PersistentVolumeClaim", reference.get("namespace", ""), reference["name"])) if reference else None
    if claim is not None and claim.status.get("phase") == "Pending":
        new_claim(world, claim)
    return None


def changed_volume(world: World, held: Held) -> None:
    """Released for good, until somebody takes the old claim's uid off; https://kubernetes.io/docs/concepts/storage/persistent-volumes/"""
    if held.status.get("phase") == "Released" and not (held.manifest["spec"].get("claimRef") or {}).get("uid"):
        new_volume(world, held)


def gone_claim(world: World, held: Held) -> None:
    """The volume of a claim that goes: deleted with its disk where its policy is Delete, else kept, for that claim alone."""
    key = Key("PersistentVolume", "", held.status.get("volumeName", ""))
    volume = world.objects.get(key)
    if volume is None:
        return
    if volume.manifest["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
        world.drop(key)
    else:
        volume.status = {"phase": "Released"}


def _bind(claim: Held, volume: Held) -> None:
    metadata = claim.manifest["metadata"]
    if claim.owner != TERRAFORM:
        claim.manifest["spec"]["volumeName"] = volume.manifest["metadata"]["name"]
    claim.status = {"phase": "Bound", "volumeName": volume.manifest["metadata"]["name"]}
    # What Terraform made keeps the shape that Terraform gave it: its provider would take the reference for drift.
    if volume.owner != TERRAFORM:
        reference = {"kind": "PersistentVolumeClaim", "namespace": metadata["namespace"], "name": metadata["name"], "uid": claim.uid}
        volume.manifest["spec"]["claimRef"] = reference
    volume.status = {"phase": "Bound", "claim": str(key_of(claim.manifest))}


def _kept_for(world: World, claim: Held) -> str:
    """The volume that names this claim and fits it: one that does not is passed over in silence, and the claim gets a new one."""
    key = key_of(claim.manifest)
    for found, held in world.of_kind("PersistentVolume"):
        if _names(held.manifest["spec"].get("claimRef"), key) and not _misfit(claim.manifest["spec"], held, key, claim.uid):
            return found.name
    return ""


def _names(reference: dict[str, Any] | None, key: Key) -> bool:
    return bool(reference) and ((reference or {}).get("namespace"), (reference or {}).get("name")) == (key.namespace, key.name)


def _waits(key: Key, why: str) -> Problem:
    return Problem(f'timeout while waiting for PersistentVolumeClaim "{key.name}" to be bound', why)


def _class_of(world: World, spec: dict[str, Any]) -> str:
    name = spec.get("storageClassName")
    if name is None:
        name = next((key.name for key, held in world.of_kind("StorageClass") if is_default(held.manifest)), None)
    if name is None:
        return "no persistent volumes available for this claim and no storage class is set"
    if Key("StorageClass", "", name) not in world.objects:
        return f'storageclass.storage.k8s.io "{name}" not found'
    return f"the class {name} waits for the first pod that uses the claim; set wait_until_bound = false"


def _misfit(claim: dict[str, Any], volume: Held, key: Key, uid: str) -> str:
    """Why a claim cannot have a volume; "" when it can."""
    spec = volume.manifest["spec"]
    reference = spec.get("claimRef") or {}
    wanted, there = claim.get("resources", {}).get("requests", {}).get("storage", "0"), spec["capacity"].get("storage", "0")
    reasons = (
        (volume.status.get("phase") in ("Bound", "Released"), f"volume is {volume.status.get('phase')}"),
        ((claim.get("storageClassName") or "") != (spec.get("storageClassName") or ""), "storageClassName does not match"),
        (not set(claim["accessModes"]) <= set(spec["accessModes"]), "incompatible accessMode"),
        ((quantity(wanted) or 0) > (quantity(there) or 0), f"requested PV is too small: {there} < {wanted}"),
        (bool(reference) and not _names(reference, key), "volume is for another claim"),
        (reference.get("uid") not in (None, "", uid), "volume is for another claim of the same name"),
        (spec.get("volumeMode", "Filesystem") != claim.get("volumeMode", "Filesystem"), "incompatible volumeMode"),
    )
    return next((reason for wrong, reason in reasons if wrong), "")
