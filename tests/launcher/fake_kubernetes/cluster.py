"""The cluster behind the stand-in: state, faults, and what was asked of it."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from modules.rehearsal.cluster.api.answers import Answer, ApiError, Request
from modules.rehearsal.cluster.api.documents import shown
from modules.rehearsal.cluster.api.server import Api
from modules.rehearsal.cluster.world import CONTROL_PLANE, Held, Key, Manifest, World
from tests.launcher.fake_kubernetes import controllers
from tests.launcher.fake_kubernetes.faults import Fault
from tests.launcher.fake_kubernetes.laws import ApiServer

_LOG = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods/(?P<name>[^/]+)/log")
#: A test that fails before it lets go of what it holds is not to hold up its process.
_HELD_SECONDS = 60.0
#: Fixed, as every cluster of the tests is the same one.
_REGION, _NAME = "us-east-2", "demo"


@dataclass(frozen=True)
class Call:
    """One request, and how it ended; code 0 for a connection that was cut."""

    method: str
    path: str
    query: dict[str, str]
    code: int


class Cluster:
    """faults: what goes wrong. token: the one bearer token that is let in; "" lets everybody in. logs: a pod's by its process' name.

    schemas: judge by the published schemas too, which is slow. scheduling False: pods stay on no node until `settle()`.
    reaping False: pods of deleted deployments stay until `settle()`.
    """

    def __init__(self, *namespaces: str, nodes: int = 3, schemas: bool = True) -> None:
        self._namespaces, self._nodes, self.lock = namespaces, nodes, threading.RLock()
        self._api = Api(lambda _region, _name: self.world, ApiServer(schemas=schemas))
        self.clear()

    def clear(self) -> None:
        """As it was at first: nothing runs, nothing was asked, nothing fails."""
        self.world = World(_REGION)
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.tokens: list[str] = []
        self.token, self.logs = "", dict[str, str]()
        self.scheduling = self.reaping = True
        self._late: list[Request] = []
        for name in self._namespaces:
            self.world.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, CONTROL_PLANE)
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
            self.world.put(account, CONTROL_PLANE)
        for index in range(self._nodes):
            self.node(f"node-{index}", external=f"198.51.100.{index + 1}", internal=f"10.0.0.{index + 1}")

    def node(self, name: str, *, external: str = "", internal: str = "", labels: dict[str, str] | None = None, taint: str = "") -> None:
        """One more node. taint: "key=value:Effect"."""
        addresses = [{"type": kind, "address": each} for kind, each in (("InternalIP", internal), ("ExternalIP", external)) if each]
        key, _, rest = taint.partition("=")
        value, _, effect = rest.partition(":")
        spec = {"taints": [{"key": key, "value": value, "effect": effect}]} if taint else {}
        manifest = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels or {}}, "spec": spec}
        self.world.put(manifest, CONTROL_PLANE).status = {"addresses": addresses, "conditions": [{"type": "Ready", "status": "True"}]}

    def settle(self) -> None:
        """Let controllers do what is due, whether or not they were held back."""
        with self.world.lock:
            for _, pod in self.world.of_kind("Pod"):
                if "nodeName" not in pod.manifest["spec"]:
                    controllers.schedule(self.world, pod)
            controllers.collect(self.world, reaping=True)

    def arrive(self) -> None:
        """Carry out the requests that were late."""
        late, self._late = self._late, []
        for request in late:
            self._let_in(request, f"Bearer {self.token}")

    def names(self, kind: str) -> list[str]:
        """Names of all objects of a kind that no cluster has from the start."""
        with self.world.lock:
            return sorted(key.name for key, held in self.world.of_kind(kind) if held.owner != CONTROL_PLANE or kind == "Pod")

    def object(self, kind: str, name: str, namespace: str = "default") -> Manifest:
        """One object as a client gets it. Raises KeyError."""
        with self.world.lock:
            return shown(self.world, self.world.objects[Key(kind, namespace, name)])

    def held(self, kind: str, name: str, namespace: str = "default") -> Held:
        """One object, to be changed behind everybody's back."""
        return self.world.objects[Key(kind, namespace, name)]

    def remove(self, kind: str, name: str, namespace: str = "default") -> None:
        """Somebody else deletes one object."""
        with self.world.lock:
            self.world.drop(Key(kind, namespace, name))
            controllers.collect(self.world, reaping=self.reaping)

    def counted(self) -> Counter[str]:
        """How often each was asked: "GET pods", "POST deployments"."""
        with self.lock:
            return Counter(f"{call.method} {_plural(call.path)}" for call in self.calls)

    def answer(self, request: Request, authorization: str = "") -> Answer | None:
        """The answer to one request; None to hang up."""
        fault = self._fault(request, authorization)
        if fault is not None and fault.held is not None:
            fault.held.wait(_HELD_SECONDS)
        fails = fault is not None and fault.code != 200
        answer = None if fault is not None and fails and not fault.done else self._let_in(request, authorization)
        if fault is not None and fails:
            answer = _failure(fault)
            if fault.late:
                self._late.append(request)
        with self.lock:
            self.calls.append(Call(request.method, request.path, request.query, answer.code if answer else 0))
        return answer

    def _fault(self, request: Request, authorization: str) -> Fault | None:
        with self.lock:
            self.tokens.append(authorization.removeprefix("Bearer "))
            # Each is asked, so that each counts what it sees.
            striking = [each for each in self.faults if each.strikes(f"{request.method} {request.path}")]
            return striking[0] if striking else None

    def _let_in(self, request: Request, authorization: str) -> Answer:
        if self.token and authorization != f"Bearer {self.token}":
            return ApiError(401, "Unauthorized").answer
        with self.world.lock:
            if found := _LOG.fullmatch(request.path):
                return self._log(found["namespace"], found["name"], request.query)
            before = set(self.world.objects)
            answer = self._api.answer(_REGION, _NAME, request)
            made = [self.world.objects[key] for key in self.world.objects if key not in before]
            if request.method in ("POST", "DELETE") and answer.code < 300:
                self._follow(made)
            # What controllers have put into a new object is in its answer too, as an API server has it for addresses.
            if made and request.method == "POST":
                return Answer(shown(self.world, made[0]), answer.code, answer.warnings)
            return answer

    def _follow(self, made: list[Held]) -> None:
        """What controllers do about new objects, and about those that belonged to one that is gone."""
        for held in made:
            if held.manifest["kind"] == "Service":
                controllers.addresses(self.world, held)
            if held.manifest["kind"] == "Deployment" and held.manifest["spec"].get("replicas", 1):
                pod = controllers.pod_of(self.world, held)
                if self.scheduling:
                    controllers.schedule(self.world, pod)
        self._retried()
        controllers.collect(self.world, reaping=self.reaping)

    def _retried(self) -> None:
        """The kubelet tries again to start what waits for a Secret, as it does every few seconds."""
        for _, pod in self.world.of_kind("Pod"):
            states: list[dict[str, Any]] = pod.status.get("containerStatuses") or [{}]
            if states[0].get("state", {}).get("waiting", {}).get("reason") == "CreateContainerConfigError":
                controllers.schedule(self.world, pod)

    def _log(self, namespace: str, name: str, query: dict[str, str]) -> Answer:
        pod = self.world.objects.get(Key("Pod", namespace, name))
        if pod is None:
            return ApiError(404, f'pods "{name}" not found', name=name, kind="pods").answer
        if not pod.status.get("containerStatuses") or "waiting" in pod.status["containerStatuses"][0]["state"]:
            container = pod.manifest["spec"]["containers"][0]["name"]
            return ApiError(400, f'container "{container}" in pod "{name}" is waiting to start: ContainerCreating').answer
        process = pod.manifest["metadata"]["labels"].get("hydroplane/process-id", "")
        lines = self.logs.get(process, "started\n").splitlines(keepends=True)
        text = "".join(lines[-int(query["tailLines"]) :] if "tailLines" in query else lines)
        return Answer(text=text.encode()[: int(query.get("limitBytes", 10**9))].decode(errors="ignore") or "\n")


def _plural(path: str) -> str:
    """The resource a path is about, with its part if it names one: "pods", "pods/log"."""
    _, _, rest = path.partition("/v1/")
    parts = rest.split("/")[2:] if rest.startswith("namespaces/") and rest.count("/") > 1 else rest.split("/")
    return "/".join((parts[0], *parts[2:]))


def _failure(fault: Fault) -> Answer | None:
    if not fault.code:
        return None
    answer = ApiError(fault.code, fault.message).answer
    headers = (("Retry-After", fault.retry_after),) if fault.retry_after is not None else ()
    return Answer(answer.document, answer.code, headers=headers)
