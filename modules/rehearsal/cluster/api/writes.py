"""POST, PUT, PATCH and DELETE of whole objects: admitted by the same laws and verdicts as what Terraform sends."""

from __future__ import annotations

import re
import secrets

from modules.rehearsal.cluster import laws
from modules.rehearsal.cluster.api.answers import Answer, ApiError, Document, Request, status
from modules.rehearsal.cluster.api.documents import shown, wanted
from modules.rehearsal.cluster.api.patching import body_of, patched
from modules.rehearsal.cluster.api.paths import Target
from modules.rehearsal.cluster.api.selectors import selected
from modules.rehearsal.cluster.judging import judged, raised
from modules.rehearsal.cluster.world import OUTSIDE, Held, Manifest, World, key_of
from modules.rehearsal.standin.backend import Refused
from modules.rehearsal.verdicts.judge import Judge

#: Kinds of which a DELETE gives back what went; of all others it gives a Status.
_GIVEN_BACK = {
    "Pod",
    "Service",
    "ServiceAccount",
    "ResourceQuota",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "StorageClass",
    "CSIDriver",
    "VolumeAttachment",
}
#: Names of objects; of roles and their bindings anything that can be part of a path.
#: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_ROLES = "rbac.authorization.k8s.io"
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"


def create(world: World, judge: Judge, target: Target, request: Request) -> Answer:
    """A new object, 201. Raises ApiError: 404 without its namespace, 409 when it exists, 422 for what laws or verdicts refuse."""
    document = _named(_placed(target, body_of(request)))
    manifest = wanted(document)
    name, namespace = manifest["metadata"]["name"], target.namespace
    if _NAME.fullmatch(str(name)) is None and target.resource.group != _ROLES:
        raise target.error(422, f'{target.resource.kind} "{name}" is invalid: metadata.name: not a DNS-1123 subdomain', name=name)
    if namespace and not any(key.name == namespace for key, _ in world.of_kind("Namespace")):
        raise ApiError(404, f'namespaces "{namespace}" not found', name=namespace, kind="namespaces")
    if key_of(manifest) in world.objects:
        raise target.error(409, f'{target.resource.full_name} "{name}" already exists', "AlreadyExists", name)
    warnings = _admitted(world, judge, target, manifest)
    if request.asks("dryRun") or request.query.get("dryRun") == "All":
        return Answer(shown(world, Held(manifest, OUTSIDE)), 201, warnings)
    held = world.put(manifest, OUTSIDE)
    laws.settle(world, held, wait=False)
    return Answer(shown(world, held), 201, warnings)


def replace(world: World, judge: Judge, target: Target, request: Request) -> Answer:
    """The object as the body has it. Raises ApiError: 404, 409 when another version is there, 422."""
    return _changed(world, judge, target, request, _placed(target, body_of(request)))


def patch(world: World, judge: Judge, target: Target, request: Request) -> Answer:
    """The object with a patch applied. Raises ApiError: 404, 409 when the patch names another version, 415, 422."""
    held = world.objects.get(target.key)
    if held is None:
        raise target.missing()
    return _changed(world, judge, target, request, _placed(target, patched(target.resource, shown(world, held), request)))


def delete(world: World, target: Target, request: Request) -> Answer:
    """What is left of an object. Raises ApiError: 404, 409 when something holds it or it is not the one that was meant."""
    held = world.objects.get(target.key)
    if held is None:
        raise target.missing()
    options = body_of(request) if request.body else {}
    for field, found in (("uid", held.uid), ("resourceVersion", str(held.version))):
        meant = (options.get("preconditions") or {}).get(field)
        if meant not in (None, found):
            raise target.error(409, f"Precondition failed: {field} in precondition: {meant}, {field} in object meta: {found}")
    went = shown(world, held)
    if "All" not in (request.query.get("dryRun"), *(options.get("dryRun") or ())):
        _released(world, target)
    if target.key in world.objects and world.objects[target.key].deleting:
        return Answer(shown(world, world.objects[target.key]))
    if target.resource.kind in _GIVEN_BACK:
        return Answer(went)
    details = {"name": target.name, "group": target.resource.group, "kind": target.resource.plural, "uid": held.uid}
    return Answer(status("Success", details={name: value for name, value in details.items() if value}))


def delete_all(world: World, target: Target, request: Request) -> Answer:
    """Every object that a list with the same query would have shown. Raises ApiError 409 at the first that something holds."""
    matches = selected(request.query)
    for key, held in world.of_kind(target.resource.kind):
        if target.namespace in ("", key.namespace) and matches(shown(world, held)):
            _released(world, Target(target.resource, key.namespace, key.name))
    return Answer(status("Success", details={"kind": target.resource.plural}))


def _released(world: World, target: Target) -> None:
    try:
        laws.release_object(world, target.key, wait=False)
    except Refused as refused:
        raise target.error(409, _said(refused)) from refused


def _placed(target: Target, document: Document) -> Document:
    """A body with what its path says of it. Raises ApiError 400 when the two differ."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        raise ApiError(400, "the body has no metadata")
    resource = target.resource
    for field, expected in (("apiVersion", resource.api_version), ("kind", resource.kind)):
        if document.get(field) not in (None, expected):
            raise ApiError(400, f"the {field} in the data ({document[field]}) does not match the expected {field} ({expected})")
    for field, expected in (("namespace", target.namespace), ("name", target.name)):
        if metadata.get(field) not in (None, "", expected or metadata.get(field)) or (
            field == "namespace" and metadata.get(field) and not expected
        ):
            raise ApiError(400, f"the {field} of the object ({metadata[field]}) does not match the {field} on the URL ({expected})")
    place = {"namespace": target.namespace} if target.namespace else {}
    named = {"name": target.name} if target.name else {}
    return {**document, "apiVersion": resource.api_version, "kind": resource.kind, "metadata": {**metadata, **place, **named}}


def _named(document: Document) -> Document:
    """With a name, made from generateName where there is none. Raises ApiError 422 when there is neither."""
    metadata = dict(document["metadata"])
    prefix = metadata.pop("generateName", "")
    if not metadata.get("name"):
        if not prefix:
            raise ApiError(422, f'{document["kind"]} "" is invalid: metadata.name: Required value: name or generateName is required')
        metadata["name"] = str(prefix) + "".join(secrets.choice(_SUFFIX) for _ in range(5))
    return {**document, "metadata": metadata}


def _changed(world: World, judge: Judge, target: Target, request: Request, document: Document) -> Answer:
    held = world.objects.get(target.key)
    if held is None:
        raise target.missing()
    if document["metadata"].get("resourceVersion") not in (None, "", str(held.version)):
        told = "the object has been modified; please apply your changes to the latest version and try again"
        raise target.error(409, f'Operation cannot be fulfilled on {target.resource.full_name} "{target.name}": {told}')
    manifest = wanted(document)
    warnings = _admitted(world, judge, target, manifest)
    if request.query.get("dryRun") == "All":
        return Answer(shown(world, Held(manifest, held.owner, uid=held.uid, version=held.version, status=held.status)), 200, warnings)
    changed = world.change(target.key, manifest)
    laws.settle_change(world, changed)
    return Answer(shown(world, changed), 200, warnings)


def _admitted(world: World, judge: Judge, target: Target, manifest: Manifest) -> tuple[str, ...]:
    """Warnings. Raises ApiError: 403 for what the namespace's pod security forbids, else 422."""
    held = world.objects.get(key_of(manifest))
    try:
        warnings = raised(judged(judge, world, manifest))
        if held is None:
            laws.admit(world, manifest)
        else:
            laws.admit_change(world, held.manifest, manifest)
    except Refused as refused:
        name, said = manifest["metadata"]["name"], _said(refused)
        if "because it is being terminated" in said:
            raise target.error(403, said, name=name) from refused
        if f"the namespace {target.namespace} enforces " in said:
            raise target.error(
                403, f'{target.resource.full_name} "{name}" is forbidden: violates PodSecurity: {said}', name=name
            ) from refused
        raise target.error(422, f'{target.resource.kind} "{name}" is invalid: {said}', name=name) from refused
    return tuple(each.summary for each in warnings)


def _said(refused: Refused) -> str:
    return "; ".join(f"{each.summary}: {each.detail}" if each.detail else each.summary for each in refused.problems)
