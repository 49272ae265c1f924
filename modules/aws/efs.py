"""The file system of homes and shared trees, its access points, and its mount targets in the cluster's subnets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, aws, keep
from modules.common.posix import NOTEBOOK_GID, NOTEBOOK_UID


@dataclass(frozen=True)
class FileSystemProps:
    """token: makes a repeated create find the same file system. trees: directory name → permissions of its root."""

    token: str
    kms_key_arn: str
    throughput: str
    infrequent_access_days: int | None
    trees: Mapping[str, str]
    protect: bool


class FileSystem:
    """An encrypted EFS file system with one access point for homes and one for each tree.

    Each access point fixes the POSIX identity, so that what a pod may touch does not depend on the uid inside it.
    """

    def __init__(self, stack: Stack, id: str, props: FileSystemProps) -> None:
        ns = aws.efs_file_system
        tiers = []
        if props.infrequent_access_days is not None:
            days = props.infrequent_access_days
            tiers.append(ns.EfsFileSystemLifecyclePolicy(transition_to_ia=f"AFTER_{days}_DAYS"))
            tiers.append(ns.EfsFileSystemLifecyclePolicy(transition_to_primary_storage_class="AFTER_1_ACCESS"))
        self.resource = ns.EfsFileSystem(
            stack,
            id,
            creation_token=props.token,
            encrypted=True,
            kms_key_id=props.kms_key_arn,
            throughput_mode=props.throughput,
            lifecycle_policy=tiers,
            lifecycle=keep(props.protect),
            tags={"Name": props.token},
        )
        self.id: str = self.resource.id
        self.arn: str = self.resource.arn
        points = {tree: self._access_point(stack, tree, mode) for tree, mode in props.trees.items()}
        self.access_points: dict[str, str] = {tree: point.id for tree, point in points.items()}
        self.access_point_arns: dict[str, str] = {tree: point.arn for tree, point in points.items()}

    def policy(self, stack: Stack, id: str, document: dict[str, Any]) -> None:
        """Put the file-system policy on; apart from the constructor because the document names the file system."""
        aws.efs_file_system_policy.EfsFileSystemPolicy(stack, id, file_system_id=self.id, policy=json.dumps(document))

    def _access_point(self, stack: Stack, tree: str, mode: str) -> Any:
        ns = aws.efs_access_point
        return ns.EfsAccessPoint(
            stack,
            f"tree-{tree}",
            file_system_id=self.id,
            posix_user=ns.EfsAccessPointPosixUser(uid=NOTEBOOK_UID, gid=NOTEBOOK_GID),
            root_directory=ns.EfsAccessPointRootDirectory(
                path=f"/{tree}",
                creation_info=ns.EfsAccessPointRootDirectoryCreationInfo(owner_uid=NOTEBOOK_UID, owner_gid=NOTEBOOK_GID, permissions=mode),
            ),
            tags={"Name": tree},
        )


class MountTargets:
    """One mount target per zone, reachable over NFS from the nodes and from nothing else."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        file_system_id: str,
        name: str,
        vpc_id: str,
        subnets: Mapping[str, str],
        node_security_group_id: str,
    ) -> None:
        group = aws.security_group.SecurityGroup(
            stack, id, name=f"{name}-efs", description="NFS from the nodes of this cluster", vpc_id=vpc_id, tags={"Name": f"{name}-efs"}
        )
        aws.vpc_security_group_ingress_rule.VpcSecurityGroupIngressRule(
            stack,
            f"{id}-nfs",
            security_group_id=group.id,
            referenced_security_group_id=node_security_group_id,
            description="NFS from nodes",
            ip_protocol="tcp",
            from_port=2049,
            to_port=2049,
        )
        for zone, subnet in subnets.items():
            aws.efs_mount_target.EfsMountTarget(
                stack, f"{id}-{zone}", file_system_id=file_system_id, subnet_id=subnet, security_groups=[group.id]
            )
