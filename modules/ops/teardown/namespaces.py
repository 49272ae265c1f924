"""Why a namespace stays Terminating: what the cluster says, and the objects whose finalizers nobody took off. Only looks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from modules.common.errors import HubError
from modules.ops.teardown.finalizers import owner_of
from modules.ops.teardown.workloads import Api

#: Set while something is wrong, https://github.com/kubernetes/api/blob/master/core/v1/types.go (NamespaceConditionType)
_CONDITIONS = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceFinalizersRemaining",
    "NamespaceContentRemaining",
)
_DISCOVERY = _CONDITIONS[:2]
_MAX = 12


@dataclass(frozen=True)
class Held:
    """An object that waits for the owner of a finalizer. name: without its namespace."""

    kind: str
    name: str
    finalizer: str

    def __str__(self) -> str:
        owner = owner_of(self.finalizer)
        return f"{self.kind} {self.name} waits for {owner.who} to take off {self.finalizer}: {owner.needs}"


@dataclass(frozen=True)
class Stuck:
    """A namespace that is Terminating. said: its conditions, in the cluster's words. held: what still has finalizers."""

    namespace: str
    said: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    blind: bool = False

    @property
    def lines(self) -> list[str]:
        """All of it for a person; the first line names the namespace."""
        more = len(self.held) - _MAX
        lines = [f"namespace {self.namespace} is Terminating", *(f"  {each}" for each in self.held[:_MAX])]
        lines += [f"  and {more} objects more"] if more > 0 else []
        lines += [f"  the cluster says: {each}" for each in self.said]
        return [*lines, f"  {self._advice}"]

    @property
    def short(self) -> str:
        """One line."""
        held = "; ".join(f"{each.kind} {each.name} ({each.finalizer}, of {owner_of(each.finalizer).who})" for each in self.held[:3])
        why = f"held by {held}" if held else "; ".join(self.said)
        return f"namespace {self.namespace} is Terminating" + (f", {why}" if why else "")

    @property
    def _advice(self) -> str:
        if self.blind:
            return "an API that is gone cannot say what it holds: kubectl get apiservices; remove the one that is not Available"
        if self.held:
            return "bring that program back, or remove what it guards; then run the same command again. Nothing is forced"
        return "nothing holds it that can be seen; wait a minute, then run the same command again"


def stuck(api: Api, namespaces: Collection[str]) -> tuple[str, ...]:
    """Which of `namespaces` are Terminating. Raises HubError when the cluster refuses."""
    found = api.items("/api/v1/namespaces", "the namespaces")
    return tuple(each["metadata"]["name"] for each in found if each["metadata"]["name"] in namespaces and _is_ending(each))


def explain(api: Api, namespace: str) -> Stuck | None:
    """Why `namespace` is still there; None when it is gone, or not Terminating. Raises HubError when the cluster refuses."""
    found = api.read(f"/api/v1/namespaces/{namespace}", f"the namespace {namespace}")
    if found is None or not _is_ending(found):
        return None
    conditions = [each for each in (found.get("status") or {}).get("conditions") or () if each.get("status") == "True"]
    said = tuple(str(each.get("message") or each["type"]) for each in conditions if each.get("type") in _CONDITIONS)
    blind = any(each.get("type") in _DISCOVERY for each in conditions)
    return Stuck(namespace, said, tuple(_held(api, namespace)), blind)


def stuck_in_words(api: Api, namespaces: Collection[str]) -> list[str]:
    """A line for each of `namespaces` that is Terminating. Raises HubError when the cluster refuses."""
    return [found.short for each in stuck(api, namespaces) if (found := explain(api, each)) is not None]


def _is_ending(namespace: dict[str, Any]) -> bool:
    return bool(namespace["metadata"].get("deletionTimestamp")) or (namespace.get("status") or {}).get("phase") == "Terminating"


def _held(api: Api, namespace: str) -> Iterator[Held]:
    """Every object of every kind that the cluster lists; a kind that cannot be listed says so in the namespace's conditions."""
    for root, plural, kind in _kinds(api):
        try:
            found = api.items(f"{root}/namespaces/{namespace}/{plural}", f"the {plural} in {namespace}")
        except HubError:
            continue
        for each in found:
            for finalizer in each["metadata"].get("finalizers") or ():
                yield Held(kind, each["metadata"]["name"], finalizer)


def _kinds(api: Api) -> Iterator[tuple[str, str, str]]:
    """(root of the path, plural, kind) of everything that is in namespaces and can be listed."""
    groups = (api.read("/apis", "the API groups") or {}).get("groups") or ()
    for root in ("/api/v1", *(f"/apis/{each['preferredVersion']['groupVersion']}" for each in groups)):
        try:
            listed = (api.read(root, f"what {root} has") or {}).get("resources") or ()
        except HubError:
            continue  # An aggregated API whose server is gone.
        for each in listed:
            if each.get("namespaced") and "list" in (each.get("verbs") or ()) and "/" not in each["name"]:
                yield root, each["name"], each["kind"]
