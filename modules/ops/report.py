"""The report of a run: what a person reads at the end, and the one JSON object for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from modules.ops.progress import human, short
from modules.ops.results import Change, RunResult, StackResult

#: In a plan, more attributes of one resource than this are counted instead of shown.
_ATTRIBUTES_MAX = 12
_COUNTS = ("add", "change", "replace", "destroy")
_VERBS = {"update": "~ change", "replace": "± replace", "delete": "- destroy", "adopt": "> adopt", "create": "+ add"}


def counts(result: StackResult | RunResult) -> dict[str, int]:
    """add, change, replace and destroy of one stack, or summed over a run."""
    stacks = result.stacks if isinstance(result, RunResult) else (result,)
    return {name: sum(getattr(each, name) for each in stacks) for name in _COUNTS}


def tally(result: StackResult | RunResult, *, done: bool) -> str:
    """`12 added, 1 changed` or `12 to add`; `no changes` for none."""
    past = {"add": "added", "change": "changed", "replace": "replaced", "destroy": "destroyed", "adopt": "adopted"}
    stacks = result.stacks if isinstance(result, RunResult) else (result,)
    numbers = {**counts(result), "adopt": sum(each.adopt for each in stacks)}
    parts = [f"{number} {past[name]}" if done else f"{number} to {name}" for name, number in numbers.items() if number]
    return ", ".join(parts) or "no changes"


def stack_line(env: str, result: StackResult) -> str:
    """One stack in one line."""
    if result.outcome == "failed":
        return result.failure.what if result.failure else "failed"
    if result.outcome == "interrupted":
        return "interrupted; what was done is saved"
    if result.outcome in ("waits", "skipped"):
        whom = ", ".join(short(env, each) for each in result.waits_for)
        text = f"waits for {whom}" if whom else "not started"
        return f"{text}; {result.add} to add" if result.add else text
    text = tally(result, done=result.outcome in ("applied", "destroyed"))
    if result.drift:
        text += f", {len(result.drift)} changed behind Terraform"
    return f"{text} · {human(result.seconds)}"


def summary(
    env: str,
    command: str,
    exit_code: int,
    result: RunResult | None,
    *,
    kept: Sequence[str] = (),
    orphans: Sequence[str] = (),
    seconds: float,
    error: str = "",
) -> str:
    """The last line of --json. `error` is there only when something went wrong."""
    found = result.stacks if result else ()
    data: dict[str, Any] = {
        "env": env,
        "command": command,
        "exit": exit_code,
        "stacks": {each.stack: _stack(each) for each in found},
        **(counts(result) if result else dict.fromkeys(_COUNTS, 0)),
        "kept": list(kept),
        "orphans": list(orphans),
        "seconds": round(seconds, 1),
    }
    if error:
        data["error"] = error
    return json.dumps(data, ensure_ascii=False)


def _stack(result: StackResult) -> dict[str, Any]:
    data: dict[str, Any] = {"outcome": result.outcome, **counts(result)}
    if result.adopt:
        data["adopt"] = result.adopt
    if result.waits_for:
        data["waits_for"] = list(result.waits_for)
    if result.drift:
        data["drift"] = [_change(each) for each in result.drift]
    visible = [each for each in result.changes if each.action != "create"]
    if visible:
        data["changes"] = [_change(each) for each in visible]
    if result.failure:
        failure = result.failure
        data["failure"] = {"kind": failure.kind, "what": failure.what, "why": failure.why, "fix": failure.fix, "log": result.log}
    return data


def _change(change: Change) -> dict[str, Any]:
    data: dict[str, Any] = {"address": change.address, "action": change.action}
    if change.attributes:
        data["attributes"] = {each.name: [each.old, each.new] for each in change.attributes}
    if change.loses_data:
        data["data"] = True
    return data


def failure_lines(result: StackResult) -> list[str]:
    """Why, what to do and the log, below the line of a stack that failed."""
    if result.failure is None:
        return []
    rows = (("why", result.failure.why), ("what to do", result.failure.fix), ("log", result.log))
    return [f"  {name:<11} {text}" for name, text in rows if text]


def plan_lines(env: str, result: RunResult) -> list[tuple[str, str]]:
    """(style, line) of a plan: the table, then what a reviewer must see. Style is "", "bad" or "warn"; the text says it too."""
    lines = [("", f"{'stack':<12}{'add':>6}{'change':>8}{'replace':>9}{'destroy':>9}{'adopt':>7}  state")]
    for each in result.stacks:
        numbers = f"{each.add:>6}{each.change:>8}{each.replace:>9}{each.destroy:>9}{each.adopt:>7}"
        lines.append(("", f"{short(env, each.stack):<12}{numbers}  {_state(env, each)}"))
    for each in result.stacks:
        for change in sorted(each.changes, key=lambda change: not change.loses_data):
            if change.action != "create":
                lines += _change_lines(short(env, each.stack), change, _VERBS[change.action])
    drift = [(short(env, each.stack), change) for each in result.stacks for change in each.drift]
    if drift:
        lines.append(("warn", "Changed behind Terraform (old → new):"))
        for stack, change in drift:
            gone = change.action == "delete"
            lines += _change_lines(stack, change, "! deleted" if gone else "! changed", is_drift=True)
    if any(change.loses_data for each in result.stacks for change in each.changes):
        asked = "./install.sh refuses where it is protected, and asks elsewhere."
        lines.append(("bad", f"DATA: lines marked so destroy what people made. {asked}"))
    return lines


def _state(env: str, result: StackResult) -> str:
    if result.outcome == "failed":
        return "FAILED"
    if result.waits_for:
        return f"waits for {', '.join(short(env, each) for each in result.waits_for)}"
    if result.drift:
        return f"{len(result.drift)} changed behind Terraform"
    return "changes" if result.has_changes or result.outcome == "planned" else "no changes"


def _change_lines(stack: str, change: Change, verb: str, *, is_drift: bool = False) -> list[tuple[str, str]]:
    loses = change.loses_data and not is_drift
    style = "bad" if loses else "warn" if is_drift or change.action in ("replace", "delete") else ""
    lines = [(style, f"  {verb:<10} {stack}: {change.address}{'   DATA' if loses else ''}")]
    lines += [(style, f"               {each.name}: {each.old} → {each.new}") for each in change.attributes[:_ATTRIBUTES_MAX]]
    if len(change.attributes) > _ATTRIBUTES_MAX:
        lines.append((style, f"               and {len(change.attributes) - _ATTRIBUTES_MAX} more attributes"))
    return lines
