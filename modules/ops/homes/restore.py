"""Giving volumes back: PersistentVolumes for those that the cluster has lost, and freedom for those that it keeps for nobody."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from modules.common.errors import HubError
from modules.common.homes import OF_STACK, Purpose
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import doing
from modules.ops.homes.giving import Action, Giving, Manifest, Step, plan_giving
from modules.ops.homes.volumes import find_volumes, owners
from modules.ops.target import Target

if TYPE_CHECKING:
    from modules.ops.cluster_api import ClusterApi

_VOLUMES = "/api/v1/persistentvolumes"
_PATCH = "application/merge-patch+json"
#: EC2 calls a volume's new size usable within seconds, https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html
_GROW_SECONDS, _PAUSE_SECONDS = 120.0, 2.0
_USABLE = frozenset({"optimizing", "completed"})


def look(root: Path, config: HubConfig, target: Target, purposes: Collection[Purpose] = tuple(Purpose)) -> tuple[Giving, ClusterApi | None]:
    """What is to be given back, and the cluster to do it in; no cluster is asked where no volume is left.

    purposes: of the volumes looked for. Raises HubError when EC2 or the cluster refuses, or there is no cluster.
    """
    volumes = [volume for volume in find_volumes(target.session, config) if volume.purpose in purposes]
    if not volumes:
        return Giving(), None
    from modules.ops.cluster_api import open_cluster

    cluster = open_cluster(root, config, target)
    return plan_giving(config, volumes, persistent_volumes(cluster)), cluster


def persistent_volumes(cluster: ClusterApi) -> list[Manifest]:
    """Every PersistentVolume of a cluster. Raises HubError when it refuses."""
    return cluster.items(_VOLUMES, "the PersistentVolumes")


def give(session: boto3.Session, config: HubConfig, cluster: ClusterApi, giving: Giving) -> None:
    """Take the steps. Raises HubError at the first that EC2 or the cluster refuses; taking them again is safe."""
    for step in giving.steps:
        if step.grow:
            _grow(client(session, "ec2", config.region), step)
        what = f"give back {step.volume.what} ({step.volume.id})"
        if step.action is Action.MAKE:
            cluster.ask("POST", _VOLUMES, what, body=step.body)
        else:
            cluster.ask("PATCH", f"{_VOLUMES}/{step.name}", what, body=step.body, kind=_PATCH)


class HomesBack:
    """What an install does for homes: before the hub can make an empty one, those of before are put in place. And so for Vault."""

    def __init__(self, root: Path, config: HubConfig, target: Target) -> None:
        self._root, self._config, self._target = root, config, target
        #: What was done, for the report.
        self.lines: tuple[str, ...] = ()

    def before(self, stack: str) -> None:
        """Called when the turn of a stack comes. Raises HubError, so that no hub starts over homes that are not there."""
        for name, purposes in OF_STACK.items():
            if stack == f"{self._config.env}-{name}":
                giving, cluster = look(self._root, self._config, self._target, purposes)
                if cluster is not None:
                    give(self._target.session, self._config, cluster, giving)
                # The two stacks are made side by side.
                self.lines += tuple(said(giving))


def said(giving: Giving, *, would: bool = False) -> list[str]:
    """What was given back, in lines; nothing where there was nothing to do. would: for a dry run."""
    back = [step.volume for step in giving.steps if step.gives_back]
    lines = []
    if back:
        verb = "would be given back" if would else "given back"
        lines.append(f"{len(back)} volume{'' if len(back) == 1 else 's'} {verb}: {owners(back)}")
    for step in giving.steps:
        if step.grow:
            verb = "would grow" if would else "grew"
            lines.append(f"{step.volume.what} {verb} from {step.volume.gib} to {step.grow} GiB, the size in hub.yaml")
        if step.action is Action.HOLD:
            lines.append(f"{step.volume.what} {'would be' if would else 'is'} kept from now on when its claim goes")
    return lines + [f"{left.volume.what}: {left.volume.id} is not used: {left.why}" for left in giving.left]


def _grow(ec2: Any, step: Step) -> None:
    """Make a volume larger; the file system on it follows when it is next mounted."""
    with doing(f"grow the volume {step.volume.id} to {step.grow} GiB"):
        ec2.modify_volume(VolumeId=step.volume.id, Size=step.grow)
        deadline = time.monotonic() + _GROW_SECONDS
        while not _is_grown(ec2, step):
            if time.monotonic() > deadline:
                what = f"{step.volume.id} is still not {step.grow} GiB large after {_GROW_SECONDS:.0f} s"
                raise HubError(what, fix="run the same command again when EC2 is done")
            time.sleep(_PAUSE_SECONDS)


def _is_grown(ec2: Any, step: Step) -> bool:
    """Whether the new size can be used. A volume that was never changed has no modification to describe."""
    found = ec2.describe_volumes_modifications(VolumeIds=[step.volume.id])["VolumesModifications"]
    return any(each.get("TargetSize") == step.grow and each.get("ModificationState") in _USABLE for each in found)
