"""The claims of the hub's namespace: bound, or waiting for their first server; an unbound one says why."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.verify.check import Check
from modules.ops.verify.objects import Document, list_or_skip, name_of, unseen
from modules.ops.verify.scene import Scene

#: What the binder says of a claim that no pod uses yet, https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
_NOBODY_YET = "WaitForFirstConsumer"


def _run(scene: Scene) -> str:
    base = f"/api/v1/namespaces/{scene.config.hub.namespace}"
    claims = list_or_skip(scene, f"{base}/persistentvolumeclaims", "the claims of the hub")
    unbound = [claim for claim in claims if (claim.get("status") or {}).get("phase") != "Bound"]
    if any(not claim.get("status") for claim in unbound):
        raise unseen(scene, HubError("claims without a status", fix="wait for the cluster's controllers"))
    if not unbound:
        return f"{len(claims)} bound"
    words = {each["involvedObject"].get("name", ""): each for each in _events(scene, base)}
    used = {name for pod in scene.cluster.items(f"{base}/pods", "the pods of the hub") for name in _used(pod)}
    idle = [each for each in unbound if name_of(each) not in used and words.get(name_of(each), {}).get("reason") == _NOBODY_YET]
    bad = [f"{name_of(each)} is {each['status'].get('phase')}{_why(words.get(name_of(each)))}" for each in unbound if each not in idle]
    if bad:
        fix = f"kubectl describe pvc -n {scene.config.hub.namespace}; the add-on of its storage class makes the volumes"
        raise HubError(", ".join(bad), fix=fix)
    return f"{len(claims) - len(idle)} bound, {len(idle)} waiting for a first server"


def _events(scene: Scene, base: str) -> list[Document]:
    """Oldest first, so that the last word of a claim is the one that stays."""
    found = scene.cluster.items(f"{base}/events", "the events of the hub", fieldSelector="involvedObject.kind=PersistentVolumeClaim")
    # A server that does not know the selector gives them all.
    mine = [each for each in found if each.get("involvedObject", {}).get("kind") == "PersistentVolumeClaim"]
    return sorted(mine, key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime") or ""))


def _used(pod: Document) -> list[str]:
    return [each["persistentVolumeClaim"]["claimName"] for each in pod["spec"].get("volumes") or () if "persistentVolumeClaim" in each]


def _why(event: Document | None) -> str:
    return f" ({event.get('reason')}: {event.get('message')})" if event else ""


VOLUMES = Check("volumes", _run, after=("cluster",))
