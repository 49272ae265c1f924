"""What the cluster's own API says: nodes, people's servers, budgets, controllers, and API versions that will go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from modules.catalog.removed_apis import REMOVED, RemovedApi, instead_of
from modules.common.errors import HubError
from modules.ops.upgrade.facts import ApiUse, Budget, Node, Server
from modules.ops.upgrade.versions import minor

GROUP_LABEL, POOL_LABEL = "eks.amazonaws.com/nodegroup", "karpenter.sh/nodepool"
#: Karpenter leaves a node alone that carries it, whatever its pool says. https://karpenter.sh/docs/concepts/disruption/#node-level-controls
HOLD = "karpenter.sh/do-not-disrupt"
#: Says that the annotation above is ours to take away again.
HELD_BY_US = "hubsmith.io/held-for-upgrade"
#: KubeSpawner's label on every single-user server.
SERVERS = {"component": "singleuser-server"}
_USER = "hub.jupyter.org/username"
_ENDED = ("Succeeded", "Failed")
_METRIC = re.compile(r"^apiserver_requested_deprecated_apis\{(?P<labels>[^}]*)\} 1", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
#: The API server's own defaults are written by these, in whatever version it likes.
_OWN_WRITERS = ("api-priority-and-fairness-config-producer-v1", "kube-apiserver", "kube-controller-manager")


class Api(Protocol):
    """What is needed of modules.ops.cluster_api.ClusterApi."""

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "application/json") -> bytes | None: ...
    def items(self, path: str, what: str) -> list[dict[str, Any]]: ...


def nodes(api: Api) -> tuple[Node, ...]:
    """Every node."""
    return tuple(_node(each) for each in api.items("/api/v1/nodes", "the nodes") if _kubelet(each))


def _kubelet(document: dict[str, Any]) -> str:
    return str(((document.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion") or "")


def _node(document: dict[str, Any]) -> Node:
    meta = document["metadata"]
    labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
    return Node(
        meta["name"],
        _kubelet(document),
        group=labels.get(GROUP_LABEL, ""),
        pool=labels.get(POOL_LABEL, ""),
        is_held=HELD_BY_US in notes,
        is_going=bool(meta.get("deletionTimestamp")),
    )


def pods(api: Api) -> list[dict[str, Any]]:
    """Every pod that has not ended."""
    found = api.items("/api/v1/pods", "the pods")
    return [each for each in found if (each.get("status") or {}).get("phase") not in _ENDED]


def servers(found: Iterable[dict[str, Any]]) -> tuple[Server, ...]:
    """The single-user servers among pods."""
    return tuple(_server(each) for each in found if SERVERS.items() <= (each["metadata"].get("labels") or {}).items())


def _server(pod: dict[str, Any]) -> Server:
    meta, since = pod["metadata"], (pod.get("status") or {}).get("startTime")
    user = (meta.get("annotations") or {}).get(_USER) or meta["name"]
    started = datetime.fromisoformat(since) if since else None
    return Server(user, (pod.get("spec") or {}).get("nodeName") or "", started, f"{meta.get('namespace')}/{meta['name']}")


def git_repo_pods(found: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """namespace/name of the pods with a gitRepo volume."""
    using = (each for each in found if any("gitRepo" in volume for volume in (each.get("spec") or {}).get("volumes") or ()))
    return tuple(f"{each['metadata'].get('namespace')}/{each['metadata']['name']}" for each in using)


def budgets(api: Api) -> tuple[Budget, ...]:
    """Every PodDisruptionBudget."""
    return tuple(_budget(each) for each in api.items("/apis/policy/v1/poddisruptionbudgets", "the PodDisruptionBudgets"))


def _budget(document: dict[str, Any]) -> Budget:
    meta, spec, status = document["metadata"], document.get("spec") or {}, document.get("status") or {}
    rule = next((f"{key} {spec[key]}" for key in ("minAvailable", "maxUnavailable") if key in spec), "no rule")
    # Until the disruption controller has looked at it, a budget has no status and blocks nobody's plan.
    allowed = int(status.get("disruptionsAllowed", 1 if not status else 0))
    return Budget(meta["namespace"], meta["name"], rule, allowed, int(status.get("expectedPods", 0)), int(status.get("currentHealthy", 0)))


def controllers(api: Api) -> dict[str, str]:
    """The versions of Karpenter and cluster-autoscaler that run, by their images' tags."""
    found: dict[str, str] = {}
    for each in api.items("/apis/apps/v1/namespaces/kube-system/deployments", "the Deployments of kube-system"):
        containers = each["spec"]["template"]["spec"].get("containers") or ()
        for container in containers:
            name, tag = _image(str(container.get("image", "")))
            if name in ("karpenter", "cluster-autoscaler") and tag:
                found[name] = tag
    return found


def _image(reference: str) -> tuple[str, str]:
    """("karpenter", "1.14.1") of public.ecr.aws/karpenter/controller:1.14.1@sha256:…"""
    path, _, tag = reference.partition("@")[0].rpartition(":")
    parts = path.split("/")
    return ("karpenter" if "karpenter" in parts else parts[-1]), tag.removeprefix("v")


def api_uses(api: Api, old: str, target: str, unread: list[str]) -> tuple[ApiUse, ...]:
    """API versions that go on the way and are in use, as the API server counts and as objects tell who wrote them last."""
    return (*_counted(api, unread), *_written(api, old, target, unread))


def _counted(api: Api, unread: list[str]) -> Iterator[ApiUse]:
    """The API server's own count since it started; of the one server that answered."""
    try:
        text = api.ask("GET", "/metrics", "read the API server's metrics")
    except HubError as error:
        text = None
        unread.append(f"which old API versions are asked for was not looked at: {error.what}")
    for match in _METRIC.finditer((text or b"").decode("utf-8", "replace")):
        labels = dict(_LABEL.findall(match["labels"]))
        group, version, resource = (labels.get(name, "") for name in ("group", "version", "resource"))
        if removed := labels.get("removed_release"):
            name = f"{group}/{version} {resource}"
            yield ApiUse(name, removed, "the API server has been asked for it since it started", instead_of(group, version, resource))


def _written(api: Api, old: str, target: str, unread: list[str]) -> Iterator[ApiUse]:
    for row in REMOVED:
        if minor(old) < minor(row.removed) <= minor(target):
            try:
                found = api.items(f"/apis/{row.api_version}/{row.plural}", f"{row.plural} of {row.api_version}")
            except HubError as error:
                unread.append(error.what)
                continue
            yield from _use(row, found)


def _use(row: RemovedApi, found: list[dict[str, Any]]) -> Iterator[ApiUse]:
    writers = [
        (each["metadata"]["name"], str(entry.get("manager")))
        for each in found
        for entry in each["metadata"].get("managedFields") or ()
        if entry.get("apiVersion") == row.api_version and entry.get("manager") not in _OWN_WRITERS
    ]
    if writers:
        name, manager = writers[0]
        more = f" and {len(writers) - 1} more" if len(writers) > 1 else ""
        yield ApiUse(f"{row.api_version} {row.plural}", row.removed, f"{name} was written with it by {manager}{more}", row.instead)
