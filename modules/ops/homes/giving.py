"""What has to happen in a cluster so that every claim of the hub's and of Vault's finds the volume it had. Decides; touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from modules.common.homes import Purpose, storage_class
from modules.config.models import HubConfig
from modules.ops.homes.volumes import Volume

DRIVER = "ebs.csi.aws.com"
#: On every node, by the cloud's own controller; the driver's own zone label is not on nodes that are yet to be made.
_ZONE = "topology.kubernetes.io/zone"
_MEBI = 2**20
_UNITS = {"Ki": 2**10, "Mi": _MEBI, "Gi": 2**30, "Ti": 2**40}

Manifest = dict[str, Any]


class Action(StrEnum):
    """make: a PersistentVolume for a volume that the cluster does not know. free: a Released one, for its claim again.
    hold: one that would be deleted with its claim."""

    MAKE = "make"
    FREE = "free"
    HOLD = "hold"


@dataclass(frozen=True)
class Step:
    """name: of the PersistentVolume. body: what is sent, whole for `make`, else a merge patch. grow: GiB the volume must have first, 0
    for none: a claim passes over a volume that is smaller than it asks for, and gets a new, empty one."""

    action: Action
    volume: Volume
    name: str
    body: Manifest
    grow: int = 0

    @property
    def gives_back(self) -> bool:
        """Whether somebody has a volume again who had none."""
        return self.action is not Action.HOLD


@dataclass(frozen=True)
class Left:
    """A volume that stays as it is, and why."""

    volume: Volume
    why: str


@dataclass(frozen=True)
class Giving:
    """steps: to take. left: volumes that no claim gets. settled: volumes whose claims have them, or only need to ask."""

    steps: tuple[Step, ...] = ()
    left: tuple[Left, ...] = ()
    settled: tuple[Volume, ...] = ()


def plan_giving(config: HubConfig, volumes: Iterable[Volume], persistent: Iterable[Manifest]) -> Giving:
    """The steps for `volumes` (each claim's newest first, as find_volumes gives them) where the cluster has `persistent` already."""
    known = {_handle(each): each for each in persistent if _handle(each)}
    taken = {_claim(each): handle for handle, each in known.items() if _is_held(each)}
    steps: list[Step] = []
    left: list[Left] = []
    settled: list[Volume] = []
    for claim, group in groupby(volumes, key=lambda volume: (volume.namespace, volume.claim)):
        candidates = list(group)
        chosen = _chosen(config, candidates, known, taken.get(claim))
        for volume in candidates:
            if volume is not chosen:
                left.append(Left(volume, _why_left(config, volume, chosen, taken.get(claim))))
            elif (step := _step(config, volume, known.get(volume.id))) is not None:
                steps.append(step)
            else:
                settled.append(volume)
    return Giving(tuple(steps), tuple(left), tuple(settled))


def _chosen(config: HubConfig, candidates: list[Volume], known: Mapping[str, Manifest], taken: str | None) -> Volume | None:
    """The volume a claim has, else its newest that nothing else uses."""
    if candidates[0].namespace != _namespace(config, candidates[0].purpose):
        return None
    if taken is not None:
        return next((volume for volume in candidates if volume.id == taken), None)
    return next((volume for volume in candidates if volume.id in known or volume.state == "available"), None)


def _why_left(config: HubConfig, volume: Volume, chosen: Volume | None, taken: str | None) -> str:
    here = _namespace(config, volume.purpose)
    if volume.namespace != here:
        whose = "Vault" if volume.purpose is Purpose.VAULT else "the hub"
        return f"was made for namespace {volume.namespace or 'unknown'}, {f'{whose} is in {here}' if here else 'and this env has no Vault'}"
    if taken is not None:
        return f"its claim has {taken}"
    return f"{chosen.id} is newer" if chosen else f"is {volume.state}" + (f" by {volume.node}" if volume.node else "")


def _step(config: HubConfig, volume: Volume, there: Manifest | None) -> Step | None:
    kind, size = _class(config, volume.purpose), max(volume.gib, _wanted(config, volume.purpose))
    grow = size if size > volume.gib else 0
    if there is None:
        name = f"{config.deployment}-{volume.id}"
        return Step(Action.MAKE, volume, name, _persistent_volume(name, volume, kind, size), grow)
    spec, name = there["spec"], there["metadata"]["name"]
    held = {} if spec.get("persistentVolumeReclaimPolicy") == "Retain" else {"persistentVolumeReclaimPolicy": "Retain"}
    if _is_held(there):
        # Its claim has it, or may have it: size and class are settled between the two.
        return Step(Action.HOLD, volume, name, {"spec": held}) if held else None
    # Nulls take a field away in a merge patch. The claim that comes is another than the one that went, so it has another uid.
    changed = {"claimRef": {"uid": None, "resourceVersion": None}, "storageClassName": kind, "capacity": {"storage": f"{size}Gi"}}
    return Step(Action.FREE, volume, name, {"spec": {**held, **changed}}, grow)


def _persistent_volume(name: str, volume: Volume, kind: str, gib: int) -> Manifest:
    where = {"matchExpressions": [{"key": _ZONE, "operator": "In", "values": [volume.zone]}]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": DRIVER}},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": f"{gib}Gi"},
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": volume.namespace, "name": volume.claim},
            "csi": {"driver": DRIVER, "volumeHandle": volume.id, "fsType": "ext4"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [where]}},
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": kind,
            "volumeMode": "Filesystem",
        },
    }


def _class(config: HubConfig, purpose: Purpose) -> str:
    return storage_class(purpose, config.deployment, shared_cluster=config.cluster.existing is not None)


def _namespace(config: HubConfig, purpose: Purpose) -> str:
    """Where the claims of a purpose are; "" where the env has no such part."""
    if purpose is Purpose.VAULT:
        return str(config.vault.namespace) if config.vault else ""
    return str(config.hub.namespace)


def _wanted(config: HubConfig, purpose: Purpose) -> int:
    """GiB that a new claim would ask for, rounded up as EBS does."""
    sizes: dict[Purpose, str] = {Purpose.HOME: config.storage.homes.size, Purpose.DATABASE: config.hub.database_size}
    if config.vault:
        sizes[Purpose.VAULT] = config.vault.storage_size
    text = sizes.get(purpose, "0Gi")
    return -(-int(text[:-2]) * _UNITS[text[-2:]] // _UNITS["Gi"])


def _handle(persistent: Manifest) -> str:
    """The volume behind a PersistentVolume, "" where it is none of EBS, or about to go."""
    csi = persistent["spec"].get("csi") or {}
    going = persistent["metadata"].get("deletionTimestamp")
    return str(csi.get("volumeHandle", "")) if csi.get("driver") == DRIVER and not going else ""


def _claim(persistent: Manifest) -> tuple[str, str]:
    reference = persistent["spec"].get("claimRef") or {}
    return str(reference.get("namespace", "")), str(reference.get("name", ""))


def _is_held(persistent: Manifest) -> bool:
    """Whether a claim has this volume, or will get it as soon as it asks."""
    phase = (persistent.get("status") or {}).get("phase")
    return phase == "Bound" or not (persistent["spec"].get("claimRef") or {}).get("uid")
