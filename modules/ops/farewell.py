"""What a cleanup says: what would go, what is left and why, how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from modules.ops.inventory import Found
from modules.ops.life import Life
from modules.ops.progress import Display, short
from modules.ops.prospect import Prospect
from modules.ops.report import failure_lines
from modules.ops.restore.restored import is_restored
from modules.ops.results import RunResult
from modules.ops.say import styled
from modules.ops.sweep import Remaining, Swept
from modules.ops.teardown.namespaces import Stuck


@dataclass(frozen=True)
class Farewell:
    """The end of a cleanup. kept, orphans: for the JSON object. left, remaining: what is there and should not be.

    stays: where one stack went alone, the others' names. homes: lines on volumes that stay when the hub or Vault goes alone.
    in_states: (stack, address) of what Terraform still knows. stuck: namespaces that do not go, explained.
    """

    code: int = 0
    result: RunResult | None = None
    kept: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    left: tuple[Found, ...] = ()
    remaining: tuple[Remaining, ...] = ()
    stays: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    in_states: frozenset[tuple[str, str]] = frozenset()
    stuck: tuple[Stuck, ...] = ()

    def without_backend(self) -> Farewell:
        """The same after the state backend, the last thing there was, is gone."""
        return replace(self, kept=())


def say_prospect(display: Display, env: str, prospect: Prospect, swept: Swept, *, going: Sequence[str], kept: Sequence[str]) -> None:
    """A dry run: what would go, stack by stack, and what would stay. going: lines on volumes. kept: lines on all that stays."""
    for state in prospect.states:
        display.step(short(env, state.stack), f"{len(state.resources)} resources would go")
    stray = f"in no state: ./install.sh {env} adopts it first"
    lines = [("", f"  would go    {item} ({'a restore made it' if is_restored(item) else stray})") for item in prospect.strays]
    lines += [("", f"  would go    {item.kind} {item.id} (not Terraform's)") for item in swept.remaining]
    lines += [("bad", f"  would go    {line}") for line in going]
    lines += [("", f"  would stay  {line}") for line in kept]
    if not prospect.states and not prospect.goes:
        display.step(env, "nothing is there to remove")
    styled(display, lines)


def say_end(display: Display, env: str, farewell: Farewell, took: str) -> None:
    """The last lines: all gone, or what is left, why, and what to do."""
    for failed in farewell.result.failures if farewell.result else ():
        styled(display, [("bad", line) for line in failure_lines(failed)])
    if farewell.code == 0 and farewell.stays:
        styled(display, [("", f"  kept        {line}") for line in farewell.homes])
        went = ", ".join(short(env, each.stack) for each in farewell.result.stacks) if farewell.result else "nothing"
        display.step(env, f"{went} is gone · {took}. {', '.join(farewell.stays)} stay as they are. ./install.sh {env} brings it back")
        return
    if farewell.code == 0:
        styled(display, [("", f"  kept        {item}") for item in farewell.kept])
        rest = "nothing is left but what is kept" if farewell.kept else "nothing is left"
        display.step(env, f"{rest} · {took}. ./install.sh {env} brings it back")
        return
    styled(display, [("bad", f"  left        {item}: {why(env, item, farewell)}") for item in farewell.left])
    styled(display, [("bad", f"  left        {item}") for item in farewell.remaining])
    styled(display, [("bad", f"  left        {line}") for each in farewell.stuck for line in each.lines])
    verb = "interrupted" if farewell.code == 130 else f"{len(farewell.left) + len(farewell.remaining)} things are left"
    display.step(env, f"{verb} · {took}. ./cleanup.sh {env} goes on where this ended", "bad")


def why(env: str, item: Found, farewell: Farewell) -> str:
    """Why a thing is still there, and what to do about it."""
    if item.life is Life.GOING:
        return "AWS is still deleting it; run the same command again"
    if (item.stack, item.address) in farewell.in_states:
        return f"the destroy of {short(env, item.stack)} did not get to it; run the same command again"
    if is_restored(item):
        return "a restore made it, and this ended before its turn; run the same command again"
    if item.address:
        return f"no state knows it, so a run was killed; ./install.sh {env} adopts it, then clean up again"
    return "Terraform did not make it and the sweep does not know its kind; delete it by hand"
