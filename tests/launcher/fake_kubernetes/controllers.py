"""What controllers do between requests: pods for deployments, nodes for pods, addresses for Services, and the end of what is owned."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from modules.rehearsal.cluster.references import missing_for
from modules.rehearsal.cluster.world import CONTROL_PLANE, Held, Manifest, World, key_of
from modules.rehearsal.verdicts.services import NODE_PORTS

#: Parts of an image's name, and what a container of it comes to: (reason it waits for, what the kubelet says).
_BAD_IMAGES = {
    "missing": ("ImagePullBackOff", 'Back-off pulling image "{image}"'),
    "crashing": ("CrashLoopBackOff", "back-off 5m0s restarting failed container"),
}


def addresses(world: World, service: Held) -> None:
    """The cluster's address, and a node port for each port of a Service of type NodePort."""
    spec = service.manifest["spec"]
    number = service.born
    if spec.get("clusterIP") is None:
        spec["clusterIP"] = f"172.20.{number // 250 % 250}.{number % 250 + 1}"
    spec.setdefault("type", "ClusterIP")
    if spec["type"] == "NodePort":
        services = (held.manifest["spec"].get("ports") or () for _, held in world.of_kind("Service"))
        taken = {port.get("nodePort") for ports in services for port in ports}
        free = (number for number in NODE_PORTS if number not in taken)
        for port in spec["ports"]:
            port.setdefault("nodePort", None)
            port["nodePort"] = port["nodePort"] or next(free)


def pod_of(world: World, deployment: Held) -> Held:
    """The replica set and the pod of a deployment, on no node yet."""
    template, metadata = deployment.manifest["spec"]["template"], deployment.manifest["metadata"]
    name, namespace = f"{metadata['name']}-{deployment.uid[:8]}", metadata["namespace"]
    labels = dict(template["metadata"].get("labels") or {})
    placed = {"name": name, "namespace": namespace, "labels": labels}
    owned = {**placed, "ownerReferences": [_owner("apps/v1", "Deployment", deployment)]}
    replica_set = world.put({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": owned, "spec": {}}, CONTROL_PLANE)
    owned = {**placed, "name": f"{name}-x7k2p", "ownerReferences": [_owner("apps/v1", "ReplicaSet", replica_set)]}
    owned |= {"annotations": dict(template["metadata"].get("annotations") or {})}
    pod = world.put({"apiVersion": "v1", "kind": "Pod", "metadata": owned, "spec": dict(template["spec"])}, CONTROL_PLANE)
    pod.status = {"phase": "Pending", "conditions": []}
    return pod


def schedule(world: World, pod: Held) -> None:
    """A node for a pod, the emptiest that its selector and its taints allow, and the start of its container."""
    fitting = [node for _, node in world.of_kind("Node") if _fits(node.manifest, pod.manifest["spec"])]
    if not fitting:
        said = "0 nodes are available: none matches the pod's node affinity/selector."
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said}
        pod.status = {"phase": "Pending", "conditions": [condition]}
        return
    held = [each.manifest["spec"].get("nodeName") for _, each in world.of_kind("Pod")]
    node = min(fitting, key=lambda each: held.count(each.manifest["metadata"]["name"]))
    pod.manifest["spec"]["nodeName"] = node.manifest["metadata"]["name"]
    address = next((each["address"] for each in node.status["addresses"] if each["type"] == "InternalIP"), None)
    pod.status = started(world, pod, address)


def collect(world: World, *, reaping: bool) -> None:
    """Drops what belongs to nobody any more: owned by objects none of which is there. Pods stay on their way out unless `reaping`."""
    while True:
        living = {held.uid for held in world.objects.values()}
        orphans = [key for key, held in list(world.objects.items()) if _is_left(held, living) and (reaping or not _is_dying(held))]
        for key in orphans:
            held = world.objects[key]
            if key.kind == "Pod" and not reaping:
                held.manifest["metadata"]["deletionTimestamp"] = _now()
            else:
                world.drop(key)
        if not orphans:
            return


def started(world: World, pod: Held, address: str | None) -> dict[str, Any]:
    """The status of a pod on a node with this address, its container running or waiting for what its image or its Secrets lack."""
    [container, *_] = pod.manifest["spec"]["containers"]
    waits = next((each for word, each in _BAD_IMAGES.items() if word in container["image"]), None)
    lacking = missing_for(world, {**pod.manifest, "kind": "Deployment", "spec": {"template": {"spec": pod.manifest["spec"]}}})
    if lacking:
        waits = ("CreateContainerConfigError", "; ".join(lacking))
    restarts = 5 if waits and waits[0] == "CrashLoopBackOff" else 0
    running = {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": not waits,
        "restartCount": restarts,
        "state": _waiting(*waits, container["image"]) if waits else {"running": {"startedAt": _now()}},
    }
    conditions = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False" if waits else "True"}]
    phase = "Running" if not waits or restarts else "Pending"
    where = {"hostIP": address, "hostIPs": [{"ip": address}]} if address else {}
    return {"phase": phase, **where, "startTime": _now(), "conditions": conditions, "containerStatuses": [running]}


def _waiting(reason: str, message: str, image: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message.format(image=image)}}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fits(node: Manifest, spec: Manifest) -> bool:
    labels = node["metadata"].get("labels") or {}
    taints = [each for each in node.get("spec", {}).get("taints") or () if each["effect"] != "PreferNoSchedule"]
    borne = all(any(_bears(toleration, taint) for toleration in spec.get("tolerations") or ()) for taint in taints)
    return borne and all(labels.get(name) == value for name, value in (spec.get("nodeSelector") or {}).items())


def _bears(toleration: Manifest, taint: Manifest) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    return (toleration.get("key"), toleration.get("value")) == (taint["key"], taint.get("value"))


def _owner(version: str, kind: str, held: Held) -> Manifest:
    return {"apiVersion": version, "kind": kind, "name": key_of(held.manifest).name, "uid": held.uid, "controller": True}


def _is_left(held: Held, living: set[str]) -> bool:
    owners = held.manifest["metadata"].get("ownerReferences") or ()
    return bool(owners) and not any(each["uid"] in living for each in owners)


def _is_dying(held: Held) -> bool:
    return "deletionTimestamp" in held.manifest["metadata"]
