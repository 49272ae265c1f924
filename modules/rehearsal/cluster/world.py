"""One cluster in memory: objects and releases, what was done to them, and the failures somebody asked for."""

from __future__ import annotations

import copy
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.tally import Tally

Manifest = dict[str, Any]

#: Made by the control plane of every cluster; a ServiceAccount "default" comes with each.
_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
#: Who made an object: Terraform by one resource, the control plane, somebody by the API, or a release ("release <namespace>/<name>").
TERRAFORM, CONTROL_PLANE, OUTSIDE = "terraform", "control plane", "outside"
#: Deletions remembered for whoever watches from a version on.
_REMEMBERED = 1000


class Key(NamedTuple):
    """kind: as in a manifest, or "HelmRelease". namespace: "" for what is in none."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass
class Held:
    """An object: what was asked for (manifest), and what the API server says of it. state: as Terraform last had it, which is what
    an import gives back; without anything write-only, as every state. born: the version it was made at. deleting: when it was asked
    to go, and something holds it (endings); 0 for never."""

    manifest: Manifest
    owner: str
    state: dict[str, Any] | None = None
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    version: int = 1
    generation: int = 1
    status: dict[str, Any] = field(default_factory=dict)
    created: float = field(default_factory=time.time)
    born: int = 1
    deleting: float = 0.0


@dataclass
class Release:
    """A release of a chart. version: of the chart. values: as JSON text. objects: what it made that is known here."""

    name: str
    namespace: str
    chart: str
    version: str
    values: str
    revision: int
    first: int
    last: int
    status: str = "deployed"
    objects: tuple[Key, ...] = ()


@dataclass
class Fault:
    """An operation that shall fail. times: how often; 0 for always."""

    operation: str
    message: str
    times: int
    used: int = 0


@dataclass
class RequestFault:
    """Requests to the API that shall fail. request: "<method> <path>", with "*" for anything. times: how often; 0 for always."""

    request: str
    code: int
    message: str
    times: int
    used: int = 0


class World:
    """The objects of one cluster by key. region, minor ("1.35"): of the EKS cluster it belongs to. Callers hold `lock`."""

    def __init__(self, region: str = "us-east-2", minor: str = "1.35") -> None:
        self.region, self.minor = region, minor
        self.lock = threading.RLock()
        self.objects: dict[Key, Held] = {}
        self.releases: dict[tuple[str, str], Release] = {}
        #: Kinds that a CRD made known: kind to (group, the chart whose schema it is, that chart's version).
        self.custom_kinds: dict[str, tuple[str, str, str]] = {}
        self.faults: list[Fault] = []
        self.request_faults: list[RequestFault] = []
        #: (version of the deletion, key, what it was) of what is gone, the oldest forgotten.
        self.gone: deque[tuple[int, Key, Held]] = deque(maxlen=_REMEMBERED)
        self.log: list[str] = []
        self.tally = Tally()
        self._clock = 0
        for name in _NAMESPACES:
            self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, CONTROL_PLANE)
            self.put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}, CONTROL_PLANE)
        self.put(_GP2, CONTROL_PLANE)
        self.log.clear()

    @property
    def version(self) -> int:
        """The cluster's own: of whatever changed last."""
        return self._clock

    def put(self, manifest: Manifest, owner: str) -> Held:
        """Store a new object as it is; whether it may be is for others to say."""
        self._clock += 1
        held = Held(copy.deepcopy(manifest), owner, version=self._clock, born=self._clock)
        self.objects[key_of(manifest)] = held
        self.log.append(f"create {key_of(manifest)}")
        return held

    def change(self, key: Key, manifest: Manifest) -> Held:
        """Replace what an object asks for; nothing happens when that is what it asks for already."""
        held = self.objects[key]
        if held.manifest != manifest:
            self._clock += 1
            held.generation += {**held.manifest, "metadata": 0} != {**manifest, "metadata": 0}
            held.manifest, held.version = copy.deepcopy(manifest), self._clock
            self.log.append(f"update {key}")
        return held

    def tell(self, key: Key, status: dict[str, Any]) -> Held:
        """Replace what is said of an object."""
        held = self.objects[key]
        if held.status != status:
            self._clock += 1
            held.status, held.version = copy.deepcopy(status), self._clock
        return held

    def drop(self, key: Key) -> None:
        """Forget an object."""
        self._clock += 1
        self.gone.append((self._clock, key, self.objects.pop(key)))
        self.log.append(f"delete {key}")

    def of_kind(self, kind: str) -> Iterator[tuple[Key, Held]]:
        """Every object of a kind."""
        return ((key, held) for key, held in list(self.objects.items()) if key.kind == kind)

    def inside(self, namespace: str) -> list[Key]:
        """What stands in a namespace, but for what goes with it: the control plane's, and what Terraform does not know of."""
        passing = (CONTROL_PLANE, OUTSIDE)
        objects = [key for key, held in self.objects.items() if key.namespace == namespace and held.owner not in passing]
        return objects + [Key("HelmRelease", *place) for place in self.releases if place[0] == namespace]

    def has_release_of(self, chart: str) -> bool:
        """Whether a chart of this name is installed and well."""
        return any(release.chart == chart and release.status == "deployed" for release in self.releases.values())

    def need_namespace(self, namespace: str) -> None:
        """Raises Refused, in the API's words, when there is no such namespace."""
        if namespace and Key("Namespace", "", namespace) not in self.objects:
            raise Refused(Problem(f'namespaces "{namespace}" not found'))

    def may_fail(self, verb: str, key: Key) -> None:
        """Raises Refused when somebody asked for this operation to fail."""
        for fault in self.faults:
            if fault.operation == f"{verb} {key}" and (not fault.times or fault.used < fault.times):
                fault.used += 1
                raise Refused(Problem(fault.message))


def key_of(manifest: Mapping[str, Any]) -> Key:
    """The key of a manifest."""
    metadata = manifest["metadata"]
    return Key(manifest["kind"], metadata.get("namespace") or "", metadata["name"])


#: EKS makes it with every cluster; since 1.30 without the annotation of a default.
#: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-standard.html
_GP2: Manifest = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "gp2"},
    "provisioner": "kubernetes.io/aws-ebs",
    "parameters": {"type": "gp2", "fsType": "ext4"},
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "WaitForFirstConsumer",
}
