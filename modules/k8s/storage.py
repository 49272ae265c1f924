"""Where volumes come from: the default class, and the claims on the file system's access points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.cdk import Stack, kubernetes

#: EFS has no quota; Kubernetes wants a figure and does nothing with it.
_ANY_SIZE = "1Ti"


def default_class(stack: Stack, *, tags: Mapping[str, str], depends_on: Sequence[Any]) -> Any:
    """`gp3`: encrypted, made where its pod runs, tagged so that a sweep finds what a lost cluster leaves behind.

    EKS's own gp2 class carries no default mark since 1.30, the oldest version we accept, so this is the only default.
    """
    ns = kubernetes.storage_class_v1
    specification = {f"tagSpecification_{number}": f"{key}={value}" for number, (key, value) in enumerate(sorted(tags.items()), start=1)}
    return ns.StorageClassV1(
        stack,
        "gp3",
        metadata=ns.StorageClassV1Metadata(name="gp3", annotations={"storageclass.kubernetes.io/is-default-class": "true"}),
        storage_provisioner="ebs.csi.aws.com",
        # Immediate binding would pick a zone before anybody knows where the pod can run.
        volume_binding_mode="WaitForFirstConsumer",
        reclaim_policy="Delete",
        allow_volume_expansion=True,
        parameters={"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4", **specification},
        depends_on=list(depends_on),
    )


def access_point_claim(
    stack: Stack, claim: str, *, volume: str, namespace: str, file_system_id: str, access_point_id: str, read_only: bool = False
) -> Any:
    """A claim that is bound to one volume by name, on one access point; the volume stays when the claim goes.

    volume: the volume's name, unique in the cluster.
    """
    mode = "ReadOnlyMany" if read_only else "ReadWriteMany"
    volume_ns, claim_ns = kubernetes.persistent_volume_v1, kubernetes.persistent_volume_claim_v1
    source = volume_ns.PersistentVolumeV1SpecPersistentVolumeSource
    made = volume_ns.PersistentVolumeV1(
        stack,
        f"volume-{claim}",
        metadata=volume_ns.PersistentVolumeV1Metadata(name=volume),
        spec=[
            volume_ns.PersistentVolumeV1Spec(
                access_modes=[mode],
                capacity={"storage": _ANY_SIZE},
                storage_class_name="",
                persistent_volume_reclaim_policy="Retain",
                mount_options=["tls"],
                # Named from both sides: without this another claim could take the volume first.
                claim_ref=volume_ns.PersistentVolumeV1SpecClaimRef(name=claim, namespace=namespace),
                persistent_volume_source=source(
                    csi=volume_ns.PersistentVolumeV1SpecPersistentVolumeSourceCsi(
                        driver="efs.csi.aws.com", volume_handle=f"{file_system_id}::{access_point_id}", read_only=read_only
                    )
                ),
            )
        ],
    )
    return claim_ns.PersistentVolumeClaimV1(
        stack,
        f"claim-{claim}",
        metadata=claim_ns.PersistentVolumeClaimV1Metadata(name=claim, namespace=namespace),
        spec=claim_ns.PersistentVolumeClaimV1Spec(
            access_modes=[mode],
            # Empty, not absent: absent means the default class, which would make a volume of its own.
            storage_class_name="",
            volume_name=made.metadata.name,
            resources=claim_ns.PersistentVolumeClaimV1SpecResources(requests={"storage": _ANY_SIZE}),
        ),
    )
