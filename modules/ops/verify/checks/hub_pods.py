"""The hub's own pods: hub and proxy are Ready, and one that is not says why."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.verify.check import Check
from modules.ops.verify.objects import Document, condition, name_of, unseen
from modules.ops.verify.scene import Scene

_COMPONENTS = ("hub", "proxy")


def _run(scene: Scene) -> str:
    namespace = scene.config.hub.namespace
    for component in _COMPONENTS:
        selector = f"app=jupyterhub,component={component}"
        pods = scene.cluster.items(f"/api/v1/namespaces/{namespace}/pods", f"the pods of the {component}", labelSelector=selector)
        look = f"kubectl describe pods -n {namespace} -l {selector}; kubectl logs -n {namespace} deploy/{component}"
        if not pods:
            raise unseen(scene, HubError(f"the {component} has no pod", fix=look))
        if any(not pod.get("status") for pod in pods):
            raise unseen(scene, HubError(f"no word yet of the {component}'s pod", fix=look))
        # While a new one takes over, the old one is on its way out: one that is Ready will do.
        if not any(_is_ready(pod) for pod in pods):
            raise HubError(f"{name_of(pods[0])} is not Ready{_why(pods[0])}", fix=look)
    return "hub and proxy are Ready"


def _is_ready(pod: Document) -> bool:
    return (condition(pod, "Ready") or {}).get("status") == "True"


def _why(pod: Document) -> str:
    """What its container waits for, else why it is on no node."""
    status = pod["status"]
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        state = container.get("state") or {}
        found = state.get("waiting") or state.get("terminated")
        if found and found.get("reason") != "Completed":
            return f" ({': '.join(filter(None, (found.get('reason'), found.get('message'))))})"
    placed = condition(pod, "PodScheduled") or {}
    return f" ({placed['message']})" if placed.get("message") else f" ({status.get('phase')})"


HUB_PODS = Check("hub pods", _run, after=("cluster",))
