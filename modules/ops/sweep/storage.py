"""Disks and their snapshots, and the ways to a file system. Homes, databases and the file system itself are data and stay."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from modules.common import homes
from modules.common.tags import ADDRESS, DEPLOYMENT
from modules.ops.aws_clients import Clients, pages
from modules.ops.inventory import plain_tags
from modules.ops.sweep.ec2 import Filter, listed, of_deployment, tag, tags_of
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope

#: On every volume the EBS CSI driver makes for a snapshot, https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
_CSI_SNAPSHOT = "CSIVolumeSnapshotName"
#: On every access point the EFS CSI driver makes, https://github.com/kubernetes-sigs/aws-efs-csi-driver#storage-class-parameters
_CSI_POINT = "efs.csi.aws.com/cluster"
#: Values of one filter, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
_FILTER_MAX = 200
_FREE: Filter = {"Name": "status", "Values": ["available"]}


def volumes(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Free volumes of claims of this cluster that is gone; those whose claim's name says that they are kept stay."""
    if not scope.cluster:
        return
    ec2 = clients.get("ec2")
    claimed = [tag(homes.CLAIM_TAG), _FREE]
    wanted = [[tag(scope.cluster_tag, "owned"), _FREE], of_deployment(scope, *claimed)]
    for item in listed(ec2, "describe_volumes", "Volumes", "VolumeId", *wanted):
        tags = tags_of(item)
        # Terraform's own disks are data, whether a state knows them or not.
        if scope.is_ours(tags) and ADDRESS not in tags and homes.purpose_by(tags) is None:
            yield Sweepable("volume", item["VolumeId"], partial(ec2.delete_volume, VolumeId=item["VolumeId"]))


def snapshots(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Snapshots that the CSI driver of this cluster made of volumes that are nobody's home or database.

    One whose volume is gone cannot be told from a home's last copy, so it stays. AWS Backup's are not among them.
    """
    if not scope.cluster:
        return
    ec2 = clients.get("ec2")
    # Only our account's: the public ones are hundreds of thousands.
    all_of_them = pages(ec2, "describe_snapshots", "Snapshots", OwnerIds=["self"], Filters=[tag(_CSI_SNAPSHOT)])
    found = [item for item in all_of_them if scope.is_ours(tags_of(item)) and ADDRESS not in tags_of(item)]
    nobodys = _nobodys(ec2, {item["VolumeId"] for item in found}) if found else set()
    for item in found:
        if item["VolumeId"] in nobodys:
            yield Sweepable("snapshot", item["SnapshotId"], partial(ec2.delete_snapshot, SnapshotId=item["SnapshotId"]))


def _nobodys(ec2: Any, wanted: set[str]) -> set[str]:
    """Of these volumes, those that exist and are no home or database."""
    ids = sorted(wanted)
    batches = (ids[start : start + _FILTER_MAX] for start in range(0, len(ids), _FILTER_MAX))
    found = [
        item for batch in batches for item in pages(ec2, "describe_volumes", "Volumes", Filters=[{"Name": "volume-id", "Values": batch}])
    ]
    return {item["VolumeId"] for item in found if homes.purpose_by(tags_of(item)) is None}


def mount_targets(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Mount targets of our file system that no state knows; they carry no tags, and hold a subnet and groups."""
    if scope.held is None:
        return
    efs = clients.get("efs")
    for system in _file_systems(efs, scope):
        for item in pages(efs, "describe_mount_targets", "MountTargets", FileSystemId=system):
            id = item["MountTargetId"]
            if item["LifeCycleState"] not in ("deleting", "deleted"):
                holds = frozenset({item["SubnetId"], *efs.describe_mount_target_security_groups(MountTargetId=id)["SecurityGroups"]})
                yield Sweepable("mount target", id, partial(efs.delete_mount_target, MountTargetId=id), holds=holds)


def access_points(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Access points the CSI driver made in our file system; what is below them stays where it is."""
    # In a cluster of somebody else's the driver's points are its owner's.
    if not scope.cluster:
        return
    efs = clients.get("efs")
    for system in _file_systems(efs, scope):
        for item in pages(efs, "describe_access_points", "AccessPoints", FileSystemId=system):
            tags, id = plain_tags(item.get("Tags", [])), item["AccessPointId"]
            if _CSI_POINT in tags and ADDRESS not in tags and scope.allows(tags):
                yield Sweepable("access point", id, partial(efs.delete_access_point, AccessPointId=id), names=_arn(item))


def _arn(item: dict[str, Any]) -> frozenset[str]:
    return frozenset({item["AccessPointArn"]})


def _file_systems(efs: Any, scope: Scope) -> Iterator[str]:
    """File systems of this deployment. They are data, and in no case listed."""
    for item in pages(efs, "describe_file_systems", "FileSystems"):
        if scope.config.deployment == plain_tags(item.get("Tags", [])).get(DEPLOYMENT):
            yield item["FileSystemId"]
