"""Subresources: `scale` of what can be scaled, `status` of everything, and a word about those that are not there."""

from __future__ import annotations

import copy

from modules.rehearsal.cluster.api.answers import Answer, ApiError, Document, Request
from modules.rehearsal.cluster.api.documents import replicas, shown
from modules.rehearsal.cluster.api.kinds import SCALE, Resource
from modules.rehearsal.cluster.api.patching import body_of, patched
from modules.rehearsal.cluster.api.paths import Target
from modules.rehearsal.cluster.world import Held, World

#: Why a part of an object is not there.
_NOT_THERE = dict.fromkeys(("log", "exec", "attach", "portforward", "proxy"), "the rehearsal's cluster runs no containers")


def part(world: World, target: Target, request: Request) -> Answer:
    """Read or write a part of an object. Raises ApiError: 404 for no such object or part, 405, 409, 422."""
    held = world.objects.get(target.key)
    if held is None:
        raise target.missing()
    if target.part == "scale" and target.resource.scalable:
        return _scale(world, target, held, request)
    if target.part == "status":
        return _status(world, target, held, request)
    why = _NOT_THERE.get(target.part.partition("/")[0], "the rehearsal's cluster does not have it")
    raise ApiError(404, f"the server could not find the requested resource ({target.resource.plural}/{target.part}): {why}")


def _scale(world: World, target: Target, held: Held, request: Request) -> Answer:
    before = _scale_of(held)
    if request.method == "GET":
        return Answer(before)
    after = _sent(SCALE, target, before, request)
    spec = after.get("spec") or {}
    count = spec.get("replicas", 0) if isinstance(spec, dict) else spec
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise target.error(422, f'Scale "{target.name}" is invalid: spec.replicas: Invalid value: {count}: must be 0 or more')
    manifest = copy.deepcopy(held.manifest)
    manifest["spec"]["replicas"] = count
    return Answer(_scale_of(world.change(target.key, manifest)))


def _status(world: World, target: Target, held: Held, request: Request) -> Answer:
    before = shown(world, held)
    if request.method == "GET":
        return Answer(before)
    after = _sent(target.resource, target, before, request)
    said = after.get("status") or {}
    if not isinstance(said, dict):
        raise target.error(422, f'{target.resource.kind} "{target.name}" is invalid: status: must be an object')
    return Answer(shown(world, world.tell(target.key, said)))


def _sent(resource: Resource, target: Target, before: Document, request: Request) -> Document:
    """The part as the request would have it. Raises ApiError 409 when that was made from another version."""
    if request.method not in ("PUT", "PATCH"):
        raise target.error(405, "the server does not allow this method on the requested resource")
    after = patched(resource, before, request) if request.method == "PATCH" else body_of(request)
    metadata = after.get("metadata", {})
    if not isinstance(metadata, dict):
        raise target.error(400, "metadata must be an object")
    version = metadata.get("resourceVersion")
    if version not in (None, "", before["metadata"]["resourceVersion"]):
        told = "the object has been modified; please apply your changes to the latest version and try again"
        raise target.error(409, f'Operation cannot be fulfilled on {target.resource.full_name} "{target.name}": {told}')
    return after


def _scale_of(held: Held) -> Document:
    """The Scale of a workload. Its pods are as many as it asks for: nothing schedules any."""
    metadata, count = held.manifest["metadata"], replicas(held)
    labels = (held.manifest["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "uid": held.uid, "resourceVersion": str(held.version)},
        "spec": {"replicas": count},
        "status": {"replicas": count, "selector": ",".join(f"{name}={value}" for name, value in sorted(labels.items()))},
    }
