"""Helm's own book of releases, as far as a run was killed in it: a Secret a revision, the newest pending.

A release that was never interrupted has no Secret here; nothing of ours reads those of a release that is well.
"""

from __future__ import annotations

from modules.rehearsal.cluster.world import CONTROL_PLANE, Key, Release, World
from modules.rehearsal.standin.backend import Problem, Refused

_PREFIX = "sh.helm.release.v1."
_PENDING = ("pending-install", "pending-upgrade", "pending-rollback")
_WORDS = "another operation (install/upgrade/rollback) is in progress"


def interrupt(world: World, namespace: str, name: str, chart: str = "") -> str:
    """As a helm that was killed in the middle leaves it: an upgrade of a release that is there, else its install. "" or why not."""
    release = world.releases.get((namespace, name))
    if Key("Namespace", "", namespace) not in world.objects:
        return f"there is no namespace {namespace}"
    if release is None:
        world.releases[namespace, name] = Release(name, namespace, chart or name, "0", "{}", 1, 0, 0, status="pending-install")
        _put(world, namespace, name, 1, "pending-install")
        return ""
    if release.status in _PENDING:
        return f"{namespace}/{name} is {release.status} already"
    _put(world, namespace, name, release.revision, release.status)
    release.revision, release.status = release.revision + 1, "pending-upgrade"
    _put(world, namespace, name, release.revision, release.status)
    return ""


def need_rest(world: World, namespace: str, name: str) -> None:
    """Raises Refused, in Helm's words, while a release is pending: Helm cannot tell a dead run from a living one."""
    release = world.releases.get((namespace, name))
    if release is not None and release.status in _PENDING:
        raise Refused(Problem(_WORDS, f"release {name} in {namespace} is {release.status}"))


def dropped(world: World, key: Key) -> None:
    """A Secret is gone: was it the pending revision of a release, the one before stands, or there is no release."""
    if key.kind != "Secret" or not key.name.startswith(_PREFIX):
        return
    name, _, number = key.name.removeprefix(_PREFIX).rpartition(".v")
    release = world.releases.get((key.namespace, name))
    if release is None or release.status not in _PENDING or str(release.revision) != number:
        return
    if release.status == "pending-install":
        del world.releases[key.namespace, name]
    else:
        release.revision, release.status = release.revision - 1, "deployed"


def forget(world: World, namespace: str, name: str) -> None:
    """A release is gone, and its book with it."""
    for key, held in world.of_kind("Secret"):
        labels = held.manifest["metadata"].get("labels") or {}
        if key.namespace == namespace and key.name.startswith(_PREFIX) and labels.get("name") == name:
            world.drop(key)


def _put(world: World, namespace: str, name: str, revision: int, status: str) -> None:
    labels = {"name": name, "owner": "helm", "status": status, "version": str(revision)}
    metadata = {"name": f"{_PREFIX}{name}.v{revision}", "namespace": namespace, "labels": labels}
    # What is in it is helm's alone; the control plane's objects go with their namespace, as these do.
    world.put({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": metadata, "data": {}}, CONTROL_PLANE)
