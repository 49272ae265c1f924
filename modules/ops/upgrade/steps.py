"""Which steps bring a cluster to one Kubernetes version: a pure function of facts, so that what is done drops out by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modules.ops.upgrade.facts import Addon, Facts, Group, Node
from modules.ops.upgrade.model import Step
from modules.ops.upgrade.versions import minor, numbers

#: Minutes, from and to. Inferred from what operators write about EKS, not measured by us: a rehearsal has no clock.
_CONTROL_PLANE, _ADDON, _CHARTS, _PER_NODE = (8, 20), (1, 4), (1, 3), (3, 8)
#: The network plugin first, then names, then the rest by name.
_FIRST = ("vpc-cni", "coredns", "kube-proxy")
#: The network plugin is to be moved one minor version at a time.
#: https://docs.aws.amazon.com/eks/latest/userguide/vpc-add-on-update.html
_ONE_AT_A_TIME = "vpc-cni"


def steps_to(facts: Facts, version: str) -> tuple[Step, ...]:
    """What is still to do until everything is at `version`, in order.

    Node groups behind the control plane come before it: EKS moves no control plane whose groups are at another version.
    """
    late = _groups(facts, facts.version) if version != facts.version else ()
    caught_up = replace(facts, groups=tuple(replace(each, version=max(each.version, facts.version, key=minor)) for each in facts.groups))
    return (
        *late,
        *_control_plane(facts, version),
        *_addons(facts, version),
        *_charts(facts, version),
        *_groups(caught_up if version != facts.version else facts, version),
        *_pools(facts, version),
    )


def behind(nodes: tuple[Node, ...], version: str) -> tuple[Node, ...]:
    """The nodes whose kubelet is of an older minor version."""
    return tuple(each for each in nodes if minor(each.kubelet) < minor(version))


def addon_goal(addon: Addon, version: str) -> str | None:
    """The version an add-on is to have with a Kubernetes version: the one hub.yaml fixes; else its own while EKS offers it there
    and it is not older than the default; else the default, or the newest. None when EKS offers none."""
    choices, default = addon.choices.get(version, ()), addon.default.get(version)
    if addon.pinned in choices:
        return addon.pinned
    if addon.version in choices and (default is None or numbers(addon.version) >= numbers(default)):
        return addon.version
    return default or next(iter(choices), None)


def _control_plane(facts: Facts, version: str) -> Iterator[Step]:
    if minor(facts.version) < minor(version):
        users = "running servers go on; logins and new servers may fail for some seconds"
        yield Step("control-plane", "", facts.version, version, _CONTROL_PLANE, users)


def _addons(facts: Facts, version: str) -> Iterator[Step]:
    for addon in sorted(facts.addons, key=_rank):
        goal = addon_goal(addon, version)
        if goal is None or goal == addon.version:
            continue
        users = "new pods wait some seconds for their address" if addon.name == _ONE_AT_A_TIME else "nothing"
        rungs = _ladder(addon, version, goal)
        for old, new in zip((addon.version, *rungs), rungs, strict=False):
            yield Step("addon", addon.name, old, new, _ADDON, users)


def _rank(addon: Addon) -> tuple[int, str]:
    return (_FIRST.index(addon.name) if addon.name in _FIRST else len(_FIRST), addon.name)


def _ladder(addon: Addon, version: str, goal: str) -> tuple[str, ...]:
    """The versions on the way to `goal`, with it: the newest of every minor between, for an add-on that must not skip one."""
    if addon.name != _ONE_AT_A_TIME:
        return (goal,)
    low, high = numbers(addon.version)[:2], numbers(goal)[:2]
    newest: dict[tuple[int, ...], str] = {}
    for each in sorted(addon.choices.get(version, ()), key=numbers):
        if low < numbers(each)[:2] < high:
            newest[numbers(each)[:2]] = each
    return (*newest.values(), goal)


def _charts(facts: Facts, version: str) -> Iterator[Step]:
    """Cluster-autoscaler copies the scheduler of its own minor version; its image follows hub.yaml by an apply of stack platform."""
    running = facts.controllers.get("cluster-autoscaler")
    if running and minor(running) != minor(version):
        yield Step("charts", "", running, f"{version}.x", _CHARTS, "nothing")


def _groups(facts: Facts, version: str) -> Iterator[Step]:
    """Core first: the hub and the controllers are to see the new version before people's nodes do."""
    for group in sorted(facts.groups, key=lambda each: (not each.is_core, each.name)):
        if minor(group.version) < minor(version):
            yield Step("core" if group.is_core else "group", group.name, group.version, version, _minutes(group.size), _noticed(group))


def _noticed(group: Group) -> str:
    if group.is_core:
        return "the hub restarts: no logins and no new servers for a minute; running servers go on"
    return "new servers start on new nodes; a node with running servers is waited for"


def _pools(facts: Facts, version: str) -> Iterator[Step]:
    old = behind(facts.pool_nodes, version)
    if old:
        oldest = min((each.kubelet for each in old), key=minor)
        users = "new servers start on new nodes; a node with running servers is replaced after they end"
        yield Step("pools", "", f"1.{minor(oldest)}", version, _minutes(len(old)), users)


def _minutes(nodes: int) -> tuple[int, int]:
    count = max(nodes, 1)
    return (_PER_NODE[0] * count, _PER_NODE[1] * count)
