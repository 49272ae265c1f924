"""What an API server says to a PersistentVolume beyond its schema, and a node's folder that not every node has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from modules.rehearsal.verdicts.fields import Manifest, Path, select

Found = Iterator[tuple[Path, str]]

#: What stands in the spec beside the source; all else is one. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/
_NO_SOURCE = {
    "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName",
    "volumeAttributesClassName", "volumeMode",
}  # fmt: skip


def check_persistent_volume(manifest: Manifest) -> Found:
    """(path, sentence) for each mistake in a PersistentVolume; nothing for another kind."""
    if manifest["kind"] != "PersistentVolume":
        return
    spec = manifest.get("spec") or {}
    sources = sorted(set(spec) - _NO_SOURCE)
    if len(sources) != 1:
        yield ("spec",), f"has {len(sources)} sources ({', '.join(sources) or 'none'}); a volume is of one kind"
    if not spec.get("accessModes"):
        yield ("spec", "accessModes"), "a volume needs one"
    for path, folder in select(spec, "hostPath|local.path"):
        if not folder.startswith("/") or ".." in PurePosixPath(folder).parts:
            yield ("spec", *path), f"{folder!r} is no absolute path without '..'"
    # Of hostPath the API server says nothing: on another node the same path is another folder, new and empty.
    if {"hostPath", "local"} & set(sources) and not any(select(spec, "nodeAffinity.required.nodeSelectorTerms")):
        yield ("spec", "nodeAffinity"), "is needed: a node's folder is on that node alone"
