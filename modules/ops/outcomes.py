"""From plans to results: what a plan counts, and what a stack that cannot be planned yet will create."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from modules.ops.cluster_access import is_in_cluster
from modules.ops.failures.terraform import classify
from modules.ops.results import Change, StackResult
from modules.ops.synth import Stack, addresses
from modules.ops.terraform import Plan, TerraformFailed, Workspace

#: Failures of reading what a stack is built from, which its destroy can do without.
_OF_READING = {"secret", "upstream"}


def waiting(stack: Stack, upstream: Sequence[str], log: str) -> StackResult:
    """A stack that waits: everything in it is still to be made."""
    creates = tuple(Change(address, address.split(".")[0], "create") for address in addresses(stack.document()))
    return StackResult(stack.name, "waits", add=len(creates), changes=creates, waits_for=tuple(upstream), log=log)


def counted(stack: Stack, plan: Plan, log: str) -> StackResult:
    """A plan in numbers, with the changes a reviewer must see."""
    creates = tuple(Change(each.address, each.type, "create") for each in plan.planned if each.action == "create")
    return StackResult(
        stack.name,
        "planned",
        add=plan.count("create"),
        change=plan.count("update"),
        replace=plan.count("replace"),
        destroy=plan.count("delete"),
        adopt=plan.adopted,
        changes=(*creates, *plan.changes),
        drift=plan.drift,
        log=log,
    )


def plan_down(
    workspace: Workspace, in_state: Collection[str], cluster_is_gone: Callable[[], bool], note: Callable[[str], None], env: str
) -> Plan:
    """The plan that takes a stack away, also when what it was built on is gone before it."""
    inside = sorted(filter(is_in_cluster, in_state))
    gone = bool(inside) and cluster_is_gone()
    if gone:
        note(f"{workspace.stack.name}: its cluster does not exist any more, and so {len(inside)} things in it are forgotten")
        workspace.forget(inside)
    try:
        return workspace.plan(destroy=True, refresh=not gone)
    except TerraformFailed as error:
        if gone or {classify(each, env).kind for each in error.errors} - _OF_READING:
            raise
        # Reading back opens secrets and outputs that nobody needs for a destroy.
        return workspace.plan(destroy=True, refresh=False)
