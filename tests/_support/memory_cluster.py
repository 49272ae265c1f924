"""The least a stand-in provider can have behind it: objects in a dictionary, with the faults a test asks for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from modules.rehearsal.standin.backend import Problem, Refused, Values
from modules.rehearsal.standin.wire import UNKNOWN


class MemoryCluster:
    """objects: states by (kind, id). secrets: what came write-only, by id. log: what was done. refuse: operation to summary."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Values] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.log: list[str] = []
        self.refuse: dict[str, str] = {}
        self.configured: list[tuple[str, Values]] = []
        self.problems: tuple[Problem, ...] = ()
        self.lock = threading.Lock()

    def configure(self, provider: str, config: Values) -> Sequence[Problem]:
        self.configured.append((provider, config))
        return ()

    def validate(self, kind: str, config: Values) -> Sequence[Problem]:
        return self.problems

    def plan(self, kind: str, prior: Values | None, config: Values) -> Sequence[Problem]:
        return self._check("plan", kind) or ()

    def create(self, kind: str, planned: Values, config: Values) -> tuple[Values, Sequence[Problem]]:
        self._check("create", kind)
        name = identity(kind, planned)
        with self.lock:
            made = self._settle(kind, name, planned)
            self.objects[kind, name] = made
            self._take_secret(name, config)
            self.log.append(f"create {kind}/{name}")
        return made, (Problem("made, but look", warning=True),) if "warn" in self.refuse else ()

    def update(self, kind: str, prior: Values, planned: Values, config: Values) -> tuple[Values, Sequence[Problem]]:
        self._check("update", kind)
        name = identity(kind, prior)
        with self.lock:
            made = self._settle(kind, name, planned)
            self.objects[kind, name] = made
            self._take_secret(name, config)
            self.log.append(f"update {kind}/{name}")
        return made, ()

    def delete(self, kind: str, prior: Values) -> None:
        self._check("delete", kind)
        with self.lock:
            self.objects.pop((kind, identity(kind, prior)), None)
            self.log.append(f"delete {kind}/{identity(kind, prior)}")

    def read(self, kind: str, state: Values) -> Values | None:
        return self.objects.get((kind, identity(kind, state)))

    def find(self, kind: str, import_id: str) -> Values | None:
        return self.objects.get((kind, import_id))

    def _check(self, operation: str, kind: str) -> None:
        summary = self.refuse.get(f"{operation} {kind}")
        if summary is not None:
            raise Refused(Problem(summary, "the cluster says no"))

    def _take_secret(self, name: str, config: Values) -> None:
        if config.get("data_wo"):
            self.secrets[name] = dict(config["data_wo"])

    def _settle(self, kind: str, name: str, planned: Values) -> Values:
        """The planned state with the few computed values a cluster would give."""
        revision = len(self.log) + 1
        given: dict[str, Any] = {"id": name, "uid": f"uid-of-{name}", "resource_version": str(revision)}
        if kind == "helm_release":
            given |= {"status": "deployed", "metadata": {"name": name.split("/")[-1], "revision": revision}}
        return _known(planned, given)


def identity(kind: str, values: Values) -> str:
    """<namespace>/<name>, or the name alone."""
    where = values if kind == "helm_release" else values["metadata"][0]
    return f"{where['namespace']}/{where['name']}" if where.get("namespace") else str(where["name"])


def _known(value: Any, given: dict[str, Any], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _known(each, given, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_known(each, given, key) for each in value]
    return given.get(key, UNKNOWN) if value is UNKNOWN else value
