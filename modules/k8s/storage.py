"""Where volumes come from: the default class, and claims bound to one volume: an access point, or a folder of a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.cdk import Stack, kubernetes

#: Neither EFS nor a node's folder has a quota; Kubernetes wants a figure and does nothing with it.
_ANY_SIZE = "1Ti"


def default_class(stack: Stack, *, tags: Mapping[str, str], depends_on: Sequence[Any]) -> Any:
    """`gp3`: encrypted, made where its pod runs, tagged so that a sweep finds what a lost cluster leaves behind.

    EKS's own gp2 class carries no default mark since 1.30, the oldest version we accept, so this is the only default.
    """
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return volume_class(stack, "gp3", name="gp3", tags=tags, reclaim="Delete", annotations=default, depends_on=depends_on)


def volume_class(
    stack: Stack,
    id: str,
    *,
    name: str,
    tags: Mapping[str, str],
    reclaim: str,
    depends_on: Sequence[Any],
    parameters: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Any:
    """A class of encrypted gp3 volumes. reclaim: `Delete` or `Retain`, what becomes of a volume whose claim goes."""
    ns = kubernetes.storage_class_v1
    specification = {f"tagSpecification_{number}": f"{key}={value}" for number, (key, value) in enumerate(sorted(tags.items()), start=1)}
    return ns.StorageClassV1(
        stack,
        id,
        metadata=ns.StorageClassV1Metadata(name=name, annotations=dict(annotations) if annotations else None),
        storage_provisioner="ebs.csi.aws.com",
        # Immediate binding would pick a zone before anybody knows where the pod can run.
        volume_binding_mode="WaitForFirstConsumer",
        reclaim_policy=reclaim,
        allow_volume_expansion=True,
        parameters={"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4", **(parameters or {}), **specification},
        depends_on=list(depends_on),
    )


def access_point_claim(
    stack: Stack, claim: str, *, volume: str, namespace: str, file_system_id: str, access_point_id: str, read_only: bool = False
) -> Any:
    """A claim that is bound to one volume by name, on one access point; the volume stays when the claim goes.

    volume: the volume's name, unique in the cluster.
    """
    ns = kubernetes.persistent_volume_v1
    handle = f"{file_system_id}::{access_point_id}"
    csi = ns.PersistentVolumeV1SpecPersistentVolumeSourceCsi(driver="efs.csi.aws.com", volume_handle=handle, read_only=read_only)
    source = ns.PersistentVolumeV1SpecPersistentVolumeSource(csi=csi)
    return _bound(stack, claim, volume=volume, namespace=namespace, source=source, read_only=read_only, mount_options=["tls"])


def node_folder_claim(
    stack: Stack, claim: str, *, volume: str, namespace: str, path: str, node_labels: Mapping[str, str], read_only: bool = False
) -> Any:
    """A claim on a folder of whichever node its pod runs on. Pods that hold it run on nodes with `node_labels` alone.

    volume: the volume's name, unique in the cluster; it changes with `path`, because a volume's source cannot. path: absolute.
    """
    ns = kubernetes.persistent_volume_v1
    # The folder is another pod's to make: without it a pod waits, where an empty one made for it would be taken for the real one.
    folder = ns.PersistentVolumeV1SpecPersistentVolumeSourceHostPath(path=path, type="Directory")
    match = ns.PersistentVolumeV1SpecNodeAffinityRequiredNodeSelectorTermMatchExpressions
    term = ns.PersistentVolumeV1SpecNodeAffinityRequiredNodeSelectorTerm(
        match_expressions=[match(key=key, operator="In", values=[value]) for key, value in sorted(node_labels.items())]
    )
    required = ns.PersistentVolumeV1SpecNodeAffinityRequired(node_selector_term=[term])
    return _bound(
        stack,
        claim,
        volume=volume,
        namespace=namespace,
        source=ns.PersistentVolumeV1SpecPersistentVolumeSource(host_path=folder),
        read_only=read_only,
        node_affinity=ns.PersistentVolumeV1SpecNodeAffinity(required=required),
    )


def _bound(stack: Stack, claim: str, *, volume: str, namespace: str, source: Any, read_only: bool, **more: Any) -> Any:
    """A volume and its claim, named from both sides. more: further arguments of the volume's spec."""
    mode = "ReadOnlyMany" if read_only else "ReadWriteMany"
    volume_ns, claim_ns = kubernetes.persistent_volume_v1, kubernetes.persistent_volume_claim_v1
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
                # Without this another claim could take the volume first.
                claim_ref=volume_ns.PersistentVolumeV1SpecClaimRef(name=claim, namespace=namespace),
                persistent_volume_source=source,
                **more,
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
