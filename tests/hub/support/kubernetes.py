"""A Kubernetes API that keeps objects in memory, and a kubelet that says every pod runs at once."""

from __future__ import annotations

import copy
import json
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

from tests.hub.support.site import Reply, Request, Site

_KINDS = {"pods": "Pod", "persistentvolumeclaims": "PersistentVolumeClaim", "events": "Event"}
#: Seconds until a pod runs: long enough for the spawner to see it pending first.
_STARTUP = 0.2
_Object = dict[str, Any]


class Server(Site):
    """What answers in every user's pod."""

    def answer(self, request: Request) -> Reply:
        return Reply(body=f"<title>notebook</title><h1>Server at {request.path}</h1>", headers={"X-JupyterHub-Version": "5"})


class Kubernetes(Site):
    """Pods, claims and events of one namespace: list, get, create, delete, watch."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], _Object] = {}
        self.made: list[_Object] = []
        self._version = 100
        self._watchers: list[tuple[str, dict[str, str], queue.Queue[bytes]]] = []
        self._lock = threading.RLock()
        super().__init__()

    def pods(self) -> list[_Object]:
        """The pods there are now."""
        with self._lock:
            return [item for (plural, _), item in self.objects.items() if plural == "pods"]

    def dump(self) -> str:
        """Everything ever asked to be made, as text."""
        return json.dumps(self.made)

    def answer(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")
        if parts[:3] != ["api", "v1", "namespaces"] or len(parts) < 5 or parts[4] not in _KINDS:
            return _failure(404, "NotFound", f"the server could not find {request.path}")
        namespace, plural, name = parts[3], parts[4], parts[5] if len(parts) > 5 else None
        with self._lock:
            if request.method == "POST":
                return self._create(namespace, plural, json.loads(request.body))
            if name is None:
                return self._list(plural, request)
            return self._one(plural, name, delete=request.method == "DELETE")

    def _create(self, namespace: str, plural: str, item: _Object) -> Reply:
        meta = item["metadata"]
        if (plural, meta["name"]) in self.objects:
            return _failure(409, "AlreadyExists", f'{plural} "{meta["name"]}" already exists')
        self.made.append(copy.deepcopy(item))
        meta.update(namespace=namespace, uid=str(uuid.uuid4()), creationTimestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        item.update(apiVersion="v1", kind=_KINDS[plural], status={"phase": "Pending"})
        self._store(plural, item, "ADDED")
        if plural == "pods":
            threading.Timer(_STARTUP, self._run, (meta["name"],)).start()
        return Reply(201, item)

    def _run(self, name: str) -> None:
        with self._lock:
            pod = copy.deepcopy(self.objects.get(("pods", name)))
            if pod is None:
                return
            state = {"name": "notebook", "ready": True, "restartCount": 0, "image": "", "imageID": ""}
            pod["status"] = {
                "phase": "Running",
                "podIP": "127.0.0.1",
                "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [{**state, "state": {"running": {"startedAt": pod["metadata"]["creationTimestamp"]}}}],
            }
            self._store("pods", pod, "MODIFIED")

    def _one(self, plural: str, name: str, *, delete: bool) -> Reply:
        item = self.objects.get((plural, name))
        if item is None:
            return _failure(404, "NotFound", f'{plural} "{name}" not found')
        if delete:
            del self.objects[(plural, name)]
            self._tell(plural, item, "DELETED")
        return Reply(200, item)

    def _list(self, plural: str, request: Request) -> Reply:
        wanted = dict(part.split("=", 1) for part in request.query.get("labelSelector", "").split(",") if "=" in part)
        if request.query.get("watch", "").lower() in {"true", "1"}:
            seconds = float(request.query.get("timeoutSeconds", 10))
            return Reply(headers={"Content-Type": "application/json"}, stream=lambda: self._watch(plural, wanted, seconds))
        items = [item for (kind, _), item in self.objects.items() if kind == plural and _matches(item, wanted)]
        return Reply(200, {"kind": f"{_KINDS[plural]}List", "metadata": {"resourceVersion": str(self._version)}, "items": items})

    def _store(self, plural: str, item: _Object, event: str) -> None:
        self._version += 1
        item["metadata"]["resourceVersion"] = str(self._version)
        self.objects[(plural, item["metadata"]["name"])] = item
        self._tell(plural, item, event)

    def _tell(self, plural: str, item: _Object, event: str) -> None:
        line = json.dumps({"type": event, "object": item}).encode() + b"\n"
        for kind, wanted, waiting in self._watchers:
            if kind == plural and _matches(item, wanted):
                waiting.put(line)

    def _watch(self, plural: str, wanted: dict[str, str], seconds: float) -> Iterator[bytes]:
        waiting: queue.Queue[bytes] = queue.Queue()
        watcher = (plural, wanted, waiting)
        with self._lock:
            self._watchers.append(watcher)
            # What changed between the list and this watch would be lost otherwise.
            for (kind, _), item in self.objects.items():
                if kind == plural and _matches(item, wanted):
                    waiting.put(json.dumps({"type": "MODIFIED", "object": item}).encode() + b"\n")
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                try:
                    yield waiting.get(timeout=left)
                except queue.Empty:
                    return
        finally:
            with self._lock:
                self._watchers.remove(watcher)


def _matches(item: _Object, wanted: dict[str, str]) -> bool:
    labels = item["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in wanted.items())


def _failure(code: int, reason: str, message: str) -> Reply:
    return Reply(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code})
