"""Between what the World holds and what the API shows: the server's own metadata, put on and taken off."""

from __future__ import annotations

import base64
import copy
from datetime import UTC, datetime
from typing import Any

from modules.rehearsal.cluster.api.answers import Document
from modules.rehearsal.cluster.references import missing_for
from modules.rehearsal.cluster.world import Held, Manifest, World

#: The server's: whatever a client sends is dropped.
_OF_THE_SERVER = ("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "managedFields", "selfLink")
_REPLICATED = ("Deployment", "StatefulSet", "ReplicaSet")


def shown(world: World, held: Held) -> Document:
    """An object as a client gets it."""
    document = copy.deepcopy(held.manifest)
    stamped = datetime.fromtimestamp(held.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    document["metadata"].update(uid=held.uid, resourceVersion=str(held.version), creationTimestamp=stamped)
    if held.deleting:
        document["metadata"]["deletionTimestamp"] = datetime.fromtimestamp(held.deleting, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # Kinds without a spec have no generation in the API.
    if "spec" in document:
        document["metadata"]["generation"] = held.generation
    status = copy.deepcopy(held.status) or _rolled_out(world, held)
    return {**document, "status": status} if status else document


def wanted(document: Document) -> Manifest:
    """What a client's document asks for, as the World keeps it: without what is the server's to say, and without nulls."""
    manifest: Manifest = {name: value for name, value in _without_nulls(document).items() if name != "status"}
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in _OF_THE_SERVER}
    manifest["metadata"] = {name: value for name, value in metadata.items() if value not in ({}, [])}
    texts = manifest.get("stringData")
    # What is no mapping of texts is for the verdicts to refuse.
    if manifest["kind"] == "Secret" and isinstance(texts, dict) and all(isinstance(each, str) for each in texts.values()):
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in manifest.pop("stringData").items()}
        manifest["data"] = {**manifest.get("data", {}), **encoded}
    return manifest


def replicas(held: Held) -> int:
    """How many pods a workload is to have; 1 when it does not say."""
    return int(held.manifest.get("spec", {}).get("replicas", 1))


def _rolled_out(world: World, held: Held) -> Document:
    """The controllers' part of a workload, as the stand-in providers take it: out when what its pods name is there."""
    if held.manifest["kind"] not in _REPLICATED:
        return {}
    count = replicas(held)
    ready = 0 if missing_for(world, held.manifest) else count
    return {"observedGeneration": held.generation, "replicas": count, "readyReplicas": ready, "availableReplicas": ready}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
