"""Whether Kubernetes' RBAC allows one request: Roles and ClusterRoles of a synthesised stack, by their bindings. Nothing is denied by
name there; what no rule allows is refused, https://kubernetes.io/docs/reference/access-authn-authz/rbac/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests._support.graph import Graph

_REFERENCE = ".metadata[0].name}"


@dataclass(frozen=True)
class Subject:
    """kind: ServiceAccount or Group. namespace: of an account, "" for a group."""

    kind: str
    name: str
    namespace: str = ""


class Rbac:
    """The rules of one stack."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def allows(self, who: Subject, verb: str, resource: str, *, namespace: str = "", group: str = "", name: str = "") -> bool:
        """Whether `who` may. resource: with its subresource, `pods/log`. namespace: "" for a request over all of them, or for
        what stands in none."""
        return any(_fits(rule, verb, resource, group, name) for rule in self._rules(who, namespace))

    def _rules(self, who: Subject, namespace: str) -> Iterator[dict[str, Any]]:
        for kind in ("role_binding", "cluster_role_binding"):
            for body in self._graph.of_type(f"kubernetes_{kind}_v1"):
                bound, values = self._value(body.values["metadata"].get("namespace", "")), body.values
                if (kind == "cluster_role_binding" or bound == namespace) and who in self._subjects(values):
                    yield from self._rules_of(values["role_ref"]["kind"], values["role_ref"]["name"], bound)

    def _rules_of(self, kind: str, name: str, bound: str) -> Iterator[dict[str, Any]]:
        wanted = "kubernetes_role_v1" if kind == "Role" else "kubernetes_cluster_role_v1"
        for body in self._graph.of_type(wanted):
            meta = body.values["metadata"]
            if meta["name"] == self._value(name) and (kind == "ClusterRole" or self._value(meta["namespace"]) == bound):
                yield from body.values["rule"]

    def _subjects(self, values: dict[str, Any]) -> set[Subject]:
        return {Subject(each["kind"], self._value(each["name"]), self._value(each.get("namespace", ""))) for each in values["subject"]}

    def _value(self, text: str) -> str:
        """The name that a reference stands for."""
        if not text.startswith("${"):
            return text
        assert text.endswith(_REFERENCE), text
        found: str = self._graph.bodies[text[2 : -len(_REFERENCE)]].values["metadata"]["name"]
        return found


def _fits(rule: dict[str, Any], verb: str, resource: str, group: str, name: str) -> bool:
    named = rule.get("resource_names")
    return (
        _holds(rule["verbs"], verb)
        and _holds(rule["resources"], resource)
        and _holds(rule["api_groups"], group)
        and (not named or name in named)
    )


def _holds(listed: list[str], value: str) -> bool:
    return value in listed or "*" in listed
