"""A plan in words: the table a person reads, and the same facts as one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from modules.catalog import eks
from modules.ops.upgrade.model import Finding, Plan, Step

_STYLE = {"refused": "bad", "needs": "warn", "note": ""}
_MARK = {"refused": "✖", "needs": "!", "note": "·"}
_HEAD = ("step", "from", "to", "minutes", "what users notice")


def plan_lines(env: str, plan: Plan) -> list[tuple[str, str]]:
    """(style, line): the verdict, the rounds, and what speaks against them. Style is "", "bad" or "warn"; the mark says it too."""
    lines = [("", _verdict(env, plan))]
    for number, each in enumerate(plan.rounds, start=1):
        title = f"round {number} of {len(plan.rounds)}: to {each.version}" if len(plan.rounds) > 1 else f"to {each.version}"
        lines += [("", ""), ("", title)]
        lines += [("", line) for line in table([_HEAD, *(_cells(step) for step in each.steps)])]
    if plan.rounds:
        lines += [("", ""), ("", _sum(plan))]
    return [*lines, *finding_lines(plan.findings)]


def finding_lines(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """What speaks against a plan, the worst first, each with what to do."""
    lines: list[tuple[str, str]] = []
    for each in sorted(findings, key=lambda found: list(_STYLE).index(found.level)):
        lines.append((_STYLE[each.level], f"{_MARK[each.level]} {each.level:<8} {each.what}"))
        if each.fix:
            lines.append(("", f"  what to do  {each.fix}"))
    return lines


def plan_object(env: str, plan: Plan, exit_code: int) -> dict[str, Any]:
    """The plan for machines."""
    return {
        "env": env,
        "command": "upgrade",
        "exit": exit_code,
        "from": plan.old,
        "to": plan.target,
        "checked": str(eks.CHECKED),
        "rounds": [{"version": each.version, "steps": [_step(step) for step in each.steps]} for each in plan.rounds],
        "findings": [asdict(each) for each in plan.findings],
    }


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows]


def _verdict(env: str, plan: Plan) -> str:
    head = f"{env}: EKS {plan.old} → {plan.target}"
    if plan.exit_code == 1:
        return f"{head} is refused"
    if plan.exit_code == 2:
        return f"{head} needs something first"
    return f"{head} can be done" if plan.rounds else f"{env}: everything is at {plan.target}"


def _cells(step: Step) -> tuple[str, ...]:
    return (step.title, step.old, step.new, f"{step.minutes[0]}-{step.minutes[1]}", step.users)


def _sum(plan: Plan) -> str:
    steps = [step for each in plan.rounds for step in each.steps]
    low, high = (sum(step.minutes[side] for step in steps) for side in (0, 1))
    return f"about {low}-{high} minutes by rule of thumb, and besides as long as people's servers run"


def _step(step: Step) -> dict[str, Any]:
    return {"step": step.title, "kind": step.kind, "name": step.name, "from": step.old, "to": step.new, "minutes": list(step.minutes)}
