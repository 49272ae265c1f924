"""./install.sh <env> --plan: what an install would do, without doing it; nothing is written to the account."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from modules.config.models import HubConfig
from modules.ops.progress import Display, human
from modules.ops.report import failure_lines, plan_lines, summary, tally
from modules.ops.results import Change, Outcome, RunResult, StackResult
from modules.ops.say import out, styled
from modules.ops.state_bucket import StateBucket
from modules.ops.synth import Stack, addresses
from modules.ops.target import Target
from modules.ops.workbench import open_workbench

#: What --plan ends with when there is something to do; 0 means nothing, 1 an error.
CHANGES = 2
#: Who else is told of a plan, given the exit code it would end with; the answer is the exit code of the command.
Told = Callable[[RunResult, Target, int], int]


def plan(
    root: Path, config: HubConfig, target: Target, display: Display, *, as_json: bool, started: float, told: Told | None = None
) -> int:
    """Show the plan of every stack; the exit code of the command. Raises HubError as install does."""
    bench = open_workbench(root, config, target, display)
    if StateBucket(target.session, config).exists():
        result = bench.engine().plan(bench.stacks)
    else:
        display.step("state", f"bucket {config.state_bucket} does not exist: nothing of {config.env} was ever applied", "warn")
        result = never_applied(bench.stacks)
    code = exit_code(result)
    code = told(result, target, code) if told else code
    bench.record("plan", code, result)
    for failed in result.failures:
        styled(display, [("bad", line) for line in failure_lines(failed)])
    styled(display, plan_lines(config.env, result))
    seconds = time.monotonic() - started
    if not result.failures and not result.interrupted:
        display.step(config.env, f"{tally(result, done=False)} · {human(seconds)}")
    if as_json:
        out(summary(config.env, "plan", code, result, seconds=seconds))
    return code


def exit_code(result: RunResult) -> int:
    """0 nothing to do, CHANGES, or that of the error; drift counts as a change, also where no action follows."""
    if result.exit_code:
        return result.exit_code
    return CHANGES if result.has_changes else 0


def never_applied(stacks: tuple[Stack, ...]) -> RunResult:
    """The plan of an env without a state: everything is still to be made. Terraform could not even start without the bucket."""
    results = []
    for stack in stacks:
        creates = tuple(Change(address, address.split(".")[0], "create") for address in addresses(stack.document()))
        outcome: Outcome = "waits" if stack.depends_on else "planned"
        results.append(StackResult(stack.name, outcome, add=len(creates), changes=creates, waits_for=stack.depends_on))
    return RunResult(tuple(results), 0.0)
