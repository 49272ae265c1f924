"""Facts for the tests of the upgrade: one healthy cluster on 1.35, changed case by case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from modules.ops.upgrade.facts import Addon, ApiUse, Budget, Facts, Group, Insight, Node, Server
from modules.ops.upgrade.model import Plan, Step

TODAY = date(2026, 11, 21)
_PARTS = {
    "addons": Addon,
    "groups": Group,
    "nodes": Node,
    "servers": Server,
    "budgets": Budget,
    "uses": ApiUse,
    "insights": Insight,
}
#: What EKS offers, by Kubernetes version; the numbers are invented, their shape is EKS's.
OFFERED = {
    "coredns": {
        minor: (f"v1.1{number}.1-eksbuild.1", f"v1.1{number}.0-eksbuild.1") for number, minor in enumerate(("1.34", "1.35", "1.36"))
    },
    "kube-proxy": {minor: (f"v{minor}.2-eksbuild.1", f"v{minor}.0-eksbuild.2") for minor in ("1.34", "1.35", "1.36")},
    "vpc-cni": dict.fromkeys(("1.34", "1.35", "1.36"), tuple(f"v1.{number}.1-eksbuild.1" for number in (23, 22, 21, 20))),
}


def addon(name: str, version: str, **changes: Any) -> Addon:
    """An add-on of the table; its default is the newest EKS offers, the network plugin's the one before."""
    choices = OFFERED[name]
    default = {minor: found[1 if name == "vpc-cni" else 0] for minor, found in choices.items()}
    return Addon(**{"name": name, "version": version, "choices": choices, "default": default} | changes)


def make_facts(**changes: Any) -> Facts:
    """A cluster on 1.35 whose hub.yaml says 1.36 already; keyword arguments replace fields. Rows may be dicts."""
    base: dict[str, Any] = {
        "today": TODAY,
        "cluster": "lab",
        "version": "1.35",
        "file_version": "1.36",
        "file_line": "envs/lab/hub.yaml line 9",
        "addons": (
            addon("coredns", "v1.11.1-eksbuild.1"),
            addon("kube-proxy", "v1.35.2-eksbuild.1"),
            addon("vpc-cni", "v1.22.1-eksbuild.1"),
        ),
        "groups": (Group("lab-core", "1.35", size=2, is_core=True),),
        "nodes": (Node("core-1", "v1.35.2-eks-1", group="lab-core"), Node("pool-1", "v1.35.2-eks-1", pool="default")),
        "controllers": {"karpenter": "1.14.1"},
        "grace": {"default": "24h"},
    }
    return Facts(**base | {name: _made(name, value) for name, value in changes.items()})


def _made(name: str, value: Any) -> Any:
    if name not in _PARTS or not value:
        return tuple(value) if isinstance(value, list) else value
    return tuple(_row(name, each) if isinstance(each, Mapping) else each for each in value)


def _row(name: str, given: Mapping[str, Any]) -> Any:
    if name == "addons" and "choices" not in given:
        return addon(**given)
    kind: Any = _PARTS[name]
    known = {each.name for each in fields(kind)}
    assert set(given) <= known, f"{name} has no {set(given) - known}"
    return kind(**{key: _value(each) for key, each in given.items()})


def _value(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def shown(step: Step) -> str:
    """A step in a line, as the cases write it."""
    return f"{step.title} {step.old} → {step.new}"


def rounds_shown(plan: Plan) -> list[list[str]]:
    """All steps of a plan, round by round."""
    return [[shown(step) for step in each.steps] for each in plan.rounds]
