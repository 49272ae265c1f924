"""Reading Kubernetes objects: their conditions, and what no status at all means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modules.common.errors import HubError
from modules.ops.verify.check import Skipped
from modules.ops.verify.scene import Scene

Document = dict[str, Any]
UNSEEN = "cannot be seen in a rehearsal: no controller runs there"


def name_of(document: Document) -> str:
    """metadata.name."""
    return str(document["metadata"]["name"])


def condition(document: Document, kind: str) -> Document | None:
    """The condition of one type; None when the object's controller has not said it."""
    found = (document.get("status") or {}).get("conditions") or ()
    return next((each for each in found if each.get("type") == kind), None)


def unseen(scene: Scene, fault: HubError) -> Exception:
    """What to raise where something that a controller makes or says is not there: in a rehearsal it means nothing."""
    return Skipped(UNSEEN) if scene.is_stand_in else fault


def list_or_skip(scene: Scene, path: str, what: str, **query: str) -> list[Document]:
    """The objects of a list. Raises Skipped in a rehearsal that has none, HubError when the API does not let us look."""
    found = scene.cluster.items(path, what, **query)
    if not found and scene.is_stand_in:
        raise Skipped(UNSEEN)
    return found


def check_conditions(scene: Scene, documents: Sequence[Document], kind: str, fix: str) -> None:
    """Raises HubError unless the condition `kind` of every document is True, Skipped where a rehearsal's says nothing."""
    bad, silent = [], []
    for document in documents:
        found = condition(document, kind)
        if found is None:
            silent.append(name_of(document))
        elif found.get("status") != "True":
            why = found.get("message") or found.get("reason") or f"{kind} is {found.get('status')}"
            bad.append(f"{name_of(document)} ({why})")
    if bad:
        raise HubError(f"not {kind}: {', '.join(bad)}", fix=fix)
    if silent:
        raise unseen(scene, HubError(f"no word yet of: {', '.join(silent)}", fix=fix))


def check_available(scene: Scene, namespace: str, release: str, label: str = "app.kubernetes.io/instance") -> list[str]:
    """The names of the Deployments of one release, which are all Available. Raises HubError, or Skipped in a rehearsal."""
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    found = scene.cluster.items(path, f"the Deployments of {release}", labelSelector=f"{label}={release}")
    fix = f"kubectl get pods -n {namespace} -l {label}={release}; kubectl describe what is not Running"
    if not found:
        absent = HubError(f"{release} has no Deployment in namespace {namespace}", fix=f"./install.sh {scene.config.env} makes it")
        raise unseen(scene, absent)
    check_conditions(scene, found, "Available", fix)
    return [name_of(each) for each in found]
