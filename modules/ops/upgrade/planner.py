"""The planner: from facts and a target to rounds of steps, with everything that speaks against them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from modules.common.errors import HubError
from modules.ops.upgrade import rules_cluster, rules_versions, rules_workloads
from modules.ops.upgrade.facts import Facts
from modules.ops.upgrade.model import Finding, Plan, Round
from modules.ops.upgrade.rules_versions import on_the_way
from modules.ops.upgrade.steps import addon_goal, steps_to
from modules.ops.upgrade.versions import is_kubernetes, minor

_RULES: tuple[Callable[[Facts, str], Iterator[Finding]], ...] = (
    rules_versions.ownership,
    rules_versions.direction,
    rules_versions.on_eks,
    rules_versions.support,
    rules_versions.skew,
    rules_versions.components,
    rules_versions.autoscaler,
    rules_cluster.group_versions,
    rules_cluster.addons,
    rules_workloads.removed_apis,
    rules_workloads.insights,
    rules_cluster.health,
    rules_cluster.addresses,
    rules_workloads.budgets,
    rules_cluster.file,
    rules_versions.rounds,
    rules_versions.present_support,
    rules_workloads.servers,
    rules_workloads.grace,
    rules_cluster.unread,
)


def plan(facts: Facts, target: str) -> Plan:
    """How to bring the cluster of `facts` to `target`, and what stands in the way.

    Nothing stands in the way of a cluster that is there already. Raises HubError when target is no Kubernetes version.
    """
    if not is_kubernetes(target):
        raise HubError(f'"{target}" is no Kubernetes version of EKS', where="--to", fix="write it like 1.36")
    rounds = _rounds(facts, target)
    findings = tuple(finding for rule in _RULES for finding in rule(facts, target))
    if not rounds and minor(target) == minor(facts.version):
        findings = tuple(each for each in findings if each.rule in ("existing-cluster", "file-version", "unread"))
    return Plan(facts.version, target, rounds, findings)


def _rounds(facts: Facts, target: str) -> tuple[Round, ...]:
    """One round a minor version; the later ones as if the earlier had been done."""
    if minor(target) < minor(facts.version) or not facts.is_ours:
        return ()
    found: list[Round] = []
    for version in on_the_way(facts.version, target) or (target,):
        steps = steps_to(facts, version)
        if steps:
            found.append(Round(version, steps))
        facts = _done(facts, version)
    return tuple(found)


def _done(facts: Facts, version: str) -> Facts:
    """The facts after a round."""
    return replace(
        facts,
        version=version,
        addons=tuple(replace(each, version=addon_goal(each, version) or each.version) for each in facts.addons),
        groups=tuple(replace(each, version=version) for each in facts.groups),
        nodes=tuple(replace(each, kubelet=f"v{version}.0") for each in facts.nodes),
        controllers={name: f"{version}.0" if name == "cluster-autoscaler" else old for name, old in facts.controllers.items()},
    )
