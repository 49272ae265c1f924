"""What a killed helm leaves: a release whose newest revision is pending, so that every later run hears "another operation is in progress".

Helm keeps each revision of a release as a Secret whose labels say its status, https://helm.sh/docs/topics/advanced/#storage-backends.
Taking away the pending one is what lets go of the release; what it made stays, and is taken over by the next install.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from modules.ops.teardown.workloads import Api

_PENDING = ("pending-install", "pending-upgrade", "pending-rollback")
_ALL = "/api/v1/secrets"


def releases_of(document: Mapping[str, Any]) -> frozenset[str]:
    """`namespace/name` of the releases in one stack's document, where both are written out."""
    bodies = (document.get("resource") or {}).get("helm_release", {}).values()
    return frozenset(f"{each.get('namespace', 'default')}/{each['name']}" for each in bodies if "${" not in str(each.get("name")))


def let_go(api: Api, releases: Collection[str], is_held: Callable[[], bool]) -> tuple[str, ...]:
    """Free those of `releases` that a killed run left pending; a line each.

    is_held: whether a living run may be at work on them, asked only where one is pending; then nothing is touched.
    Raises HubError when the cluster refuses.
    """
    selector = f"owner=helm,status in ({', '.join(_PENDING)})"
    pending = [each for each in api.items(_ALL, "helm's releases", labelSelector=selector) if _release(each) in releases]
    if not pending or is_held():
        return ()
    return tuple(_freed(api, each["metadata"]) for each in pending)


def _freed(api: Api, meta: Mapping[str, Any]) -> str:
    labels, namespace = meta["labels"], meta["namespace"]
    name, folder = labels["name"], f"/api/v1/namespaces/{namespace}/secrets"
    stands = api.items(folder, f"the revisions of {name}", labelSelector=f"owner=helm,name={name},status=deployed")
    api.ask("DELETE", f"{folder}/{meta['name']}", f"let go of the helm release {name} in {namespace}")
    last = max((int(each["metadata"]["labels"].get("version", 0)) for each in stands), default=0)
    rest = f"revision {last} stands" if last else "it is installed over what is there"
    return f"{namespace}/{name}: a killed run left revision {labels.get('version', '?')} {labels['status']}; it was taken away, {rest}"


def _release(secret: Mapping[str, Any]) -> str:
    meta = secret["metadata"]
    return f"{meta.get('namespace')}/{(meta.get('labels') or {}).get('name')}"
