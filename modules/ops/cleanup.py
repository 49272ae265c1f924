"""./cleanup.sh <env>: takes an env away in reverse order, keeps its data, and says what AWS still holds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import balancers
from modules.ops.bootstrap import purge_state_backend
from modules.ops.data_removal import remove_data, unprotect
from modules.ops.farewell import Farewell, say_end, say_prospect
from modules.ops.homes.keeping import kept_lines, lines_of_stack, volume_lines
from modules.ops.homes.volumes import is_kept_volume
from modules.ops.inventory import Found
from modules.ops.locks import held_locks, repair_digests
from modules.ops.progress import Display, human, make_display, short
from modules.ops.prospect import Prospect, full_name, in_words, look_ahead
from modules.ops.report import summary
from modules.ops.results import RunResult
from modules.ops.say import headline, out, styled
from modules.ops.sleep.asleep import refuse_asleep
from modules.ops.state import StackState, has_backend, known_stacks, stack_state
from modules.ops.sweep import DATA, Held, Swept, held_by, leftovers, sweep, sweep_stack
from modules.ops.synth import Stack
from modules.ops.target import Target, running_rehearsal
from modules.ops.teardown import freeze
from modules.ops.teardown.freeze import Freeze
from modules.ops.workbench import Workbench, only_one, open_workbench, place

#: The stack of Karpenter and the other controllers.
_PLATFORM = "platform"
#: What all others stand on, or lie in.
_BASE = frozenset({DATA, "network"})


@dataclass(frozen=True)
class CleanupOptions:
    """confirm: the env's name, where nobody can type it. stack: only this one. The rest as the command line says."""

    dry_run: bool = False
    delete_data: bool = False
    purge_state: bool = False
    confirm: str = ""
    as_json: bool = False
    stack: str = ""


def cleanup(root: Path, config: HubConfig, options: CleanupOptions) -> int:
    """Remove what `config` made; the exit code of the command, 1 when anything is left that is not to be kept.

    Raises HubError for what stands in the way before anything was touched.
    """
    started = time.monotonic()
    _check(config, options)
    display = make_display(config.env, as_json=options.as_json)
    if config.rehearsal and not running_rehearsal(root, config):
        display.step(config.env, "nothing is there: its rehearsal does not run")
        farewell = Farewell()
    else:
        with only_one(root, config.env, "./cleanup.sh"):
            farewell = _Cleanup(root, config, options, display).run()
    if options.as_json:
        seconds = time.monotonic() - started
        out(summary(config.env, "cleanup", farewell.code, farewell.result, kept=farewell.kept, orphans=farewell.orphans, seconds=seconds))
    return farewell.code


def _check(config: HubConfig, options: CleanupOptions) -> None:
    """Refuse what contradicts itself."""
    if options.confirm and options.confirm != config.env:
        raise HubError(f"--confirm says {options.confirm}, the env is {config.env}. Nothing was touched", fix=f"say --confirm {config.env}")
    if options.purge_state and not options.delete_data:
        raise HubError(
            "--purge-state would forget the state of data that is kept", fix="say --delete-data as well, or leave --purge-state out"
        )
    if options.purge_state and options.stack:
        raise HubError("--purge-state is for the whole env", fix="leave the stack's name out")


class _Cleanup:
    """One cleanup of one env whose account can be reached."""

    def __init__(self, root: Path, config: HubConfig, options: CleanupOptions, display: Display) -> None:
        self._root = root
        self._config = config
        self._options = options
        self._display = display
        self._only = full_name(config, options.stack) if options.stack else ""

    def run(self) -> Farewell:
        """All of it, in order."""
        started = time.monotonic()
        config, options = self._config, self._options
        target = place(self._root, config, self._display, lambda label: headline(self._display, config.env, label))
        prospect = look_ahead(target.session, config, delete_data=options.delete_data, only=self._only)
        inside = freeze.look(config, target.session, self._display, prospect.states, freeze.opener(self._root, config, target))
        if options.dry_run:
            return self._dry_run(target, prospect, inside)
        # No controller runs that would remove load balancers and Karpenter's nodes, so their objects would never go.
        refuse_asleep(target.session, config)
        self._refuse_locked(target)
        self._confirm(target, prospect, inside)
        result, swept = self._remove(target, prospect, inside)
        farewell = self._take_stock(target, prospect, result, swept, inside)
        if farewell.code == 0:
            farewell = self._finish(target, farewell)
        say_end(self._display, config.env, farewell, human(time.monotonic() - started))
        return farewell

    def _refuse_locked(self, target: Target) -> None:
        """What a run makes is in no state yet, and the sweep would take it. Of one stack alone Terraform refuses by itself."""
        names = known_stacks(target.session, self._config)
        locks = () if self._only else held_locks(target.session, self._config, names)
        if locks:
            env = self._config.env
            raise HubError(
                f"{locks[0].stack} is locked by {locks[0].who or 'another run'}: what it makes is in no state yet. Nothing was touched",
                fix=f"wait until that run ends; if it is dead, ./hub unlock {env}, then the same command again",
            )

    def _dry_run(self, target: Target, prospect: Prospect, inside: Freeze) -> Farewell:
        if self._only:
            swept = sweep_stack(target.session, self._config, short(self._config.env, self._only), dry_run=True)
        else:
            swept = sweep(target.session, self._config, prospect.vpc_ids, dry_run=True)
        kept = kept_lines(target.session, self._config, prospect.stays)
        going = (*inside.lines, *volume_lines(target.session, self._config, self._ours(prospect.goes)))
        say_prospect(self._display, self._config.env, prospect, swept, going=going, kept=kept)
        goes = [*(str(item) for item in prospect.strays), *(f"{item.kind} {item.id}" for item in swept.remaining), *going]
        return Farewell(kept=kept, orphans=tuple(goes))

    def _ours(self, found: Iterable[Found]) -> tuple[Found, ...]:
        """Of what goes or is left, what this cleanup is about: of one stack alone only its own. Homes go with stack data."""
        data = f"{self._config.env}-{DATA}"
        return tuple(item for item in found if self._only in ("", data if is_kept_volume(item) else item.stack))

    def _confirm(self, target: Target, prospect: Prospect, inside: Freeze) -> None:
        """Go on only when the env's name was typed, or given by --confirm."""
        env = self._config.env
        stacks = ", ".join(short(env, state.stack) for state in prospect.states) or "no stack"
        styled(self._display, [("", f"This removes {stacks} of {env} in {target.label}: {len(prospect.goes)} things that carry its tag.")])
        styled(self._display, [("bad", f"  ends now    {line}") for line in inside.lines])
        if self._options.confirm:
            return
        question = f"Kept: {in_words(prospect.stays)}. Type the env's name to go on ({env}): "
        self._ask(question)
        if self._options.delete_data:
            self._ask(f"PEOPLE'S DATA goes too: {in_words(prospect.goes)}, with all backups. Type the env's name once more: ")

    def _ask(self, question: str) -> None:
        answer = self._display.ask(question)
        if answer is None:
            raise HubError("nobody can be asked here, and nothing was confirmed. Nothing was touched", fix=self._again(confirm=True))
        if answer != self._config.env:
            raise HubError(f'"{answer}" is not {self._config.env}. Nothing was touched', fix=self._again())

    def _again(self, *, confirm: bool = False) -> str:
        return f"./cleanup.sh {self._config.env} ...{f' --confirm {self._config.env}' if confirm else ' and type the name as it stands'}"

    def _remove(self, target: Target, prospect: Prospect, inside: Freeze) -> tuple[RunResult | None, Swept]:
        """Freeze, destroy, sweep between what stands in the VPC and the VPC itself, destroy the rest."""
        nothing = Swept((), ())
        if not prospect.states:
            swept = self._sweep(target, prospect)
            if self._options.delete_data:
                # What a removal left that ended after the last stack.
                remove_data(target.session, self._config, self._ours(prospect.volumes), note=self._display.note)
            return None, swept
        config = self._config
        bench = open_workbench(self._root, config, target, self._display, agree=True, judged=False)
        going = self._going(bench, prospect)
        fronts = tuple(name for stack in going for name in balancers.services(stack.document()))
        for line in repair_digests(target.session, config, tuple(stack.name for stack in going)):
            self._display.step("state", line)
        first, last = _phases(going)
        inside.run()
        result = self._down_inside(bench, first, inside)
        swept = nothing
        if result.is_fine:
            swept = self._sweep(target, prospect, fronts)
            if self._options.delete_data:
                remove_data(target.session, config, self._ours(prospect.goes), note=self._display.note)
            result = _joined(result, _down(bench, last))
        bench.record("cleanup", result.exit_code, result)
        return result, swept

    def _down_inside(self, bench: Workbench, stacks: Sequence[Stack], inside: Freeze) -> RunResult:
        """What stands on others. Karpenter's nodes go before its controller, and after the stacks whose pods would hold them."""
        platform = f"{self._config.env}-{_PLATFORM}"
        if all(stack.name != platform for stack in stacks):
            return _down(bench, stacks)
        upon = _upon(bench.stacks, platform)
        result = _down(bench, [stack for stack in stacks if stack.name in upon])
        if not result.is_fine:
            return result
        inside.empty_pools()
        return _joined(result, _down(bench, [stack for stack in stacks if stack.name not in upon]))

    def _going(self, bench: Workbench, prospect: Prospect) -> tuple[Stack, ...]:
        """The stacks to destroy. What stands on a single stack must be gone before it."""
        full = {state.stack for state in prospect.states}
        going = tuple(stack for stack in bench.stacks if stack.name in full)
        unknown = full - {stack.name for stack in going}
        if unknown:
            raise HubError(
                f"{', '.join(sorted(unknown))} holds resources, but hub.yaml no longer asks for it",
                fix="put its section back into hub.yaml, run the same command again, then take it out",
            )
        if self._only:
            self._refuse_foundation(bench)
        return going

    def _refuse_foundation(self, bench: Workbench) -> None:
        """One stack may only go alone when nothing that exists stands on it."""
        full = {state.stack for state in self._others(bench)}
        upon = _upon(bench.stacks, self._only) & full
        standing = [stack.name for stack in reversed(bench.stacks) if stack.name in upon]
        if standing:
            env = self._config.env
            commands = "; ".join(f"./cleanup.sh {env} {short(env, name)}" for name in standing)
            raise HubError(f"{', '.join(standing)} stands on {self._only}. Nothing was touched", fix=f"remove it first: {commands}")

    def _others(self, bench: Workbench) -> Sequence[StackState]:
        names = [stack.name for stack in bench.stacks if stack.name != self._only]
        states = [stack_state(bench.target.session, self._config, name) for name in names]
        return [state for state in states if state and state.resources]

    def _sweep(self, target: Target, prospect: Prospect, fronts: Sequence[str] = ()) -> Swept:
        """Remove what Terraform does not own. Of one stack alone only its own is looked at: the rest works on."""
        swept = self._sweep_one(target, fronts) if self._only else self._sweep_all(target, prospect)
        if swept.removed:
            self._display.step("sweep", f"{len(swept.removed)} removed: {', '.join(swept.removed)}")
        return swept

    def _sweep_one(self, target: Target, fronts: Sequence[str]) -> Swept:
        stack, note = short(self._config.env, self._only), self._display.note
        left = balancers.wait_until_gone(target.session, self._config, fronts, note=note)
        swept = sweep_stack(target.session, self._config, stack, dry_run=False)
        return Swept(swept.removed, (*left, *swept.remaining))

    def _sweep_all(self, target: Target, prospect: Prospect) -> Swept:
        # What a killed run made and no state knows goes too: no later destroy would.
        return sweep(
            target.session,
            self._config,
            prospect.vpc_ids,
            dry_run=False,
            note=self._display.note,
            held=self._held(target),
            kept=prospect.kept,
        )

    def _held(self, target: Target) -> Held | None:
        """What the states hold; None when nobody can tell, without the bucket or while somebody builds: then what has an address stays."""
        session, config = target.session, self._config
        names = known_stacks(session, config)
        if not has_backend(session, config) or held_locks(session, config, names):
            return None
        return held_by(state for name in names if (state := stack_state(session, config, name)))

    def _take_stock(self, target: Target, prospect: Prospect, result: RunResult | None, swept: Swept, inside: Freeze) -> Farewell:
        """What AWS still holds. After an interruption nobody waits for the answer."""
        config = self._config
        if result is not None and result.interrupted:
            return Farewell(130, result, tuple(str(item) for item in prospect.stays))
        failed = result is not None and not result.is_fine
        patience = {"seconds": 0.0} if failed else {}
        left = self._ours(leftovers(target.session, config, prospect.kept, **patience))
        stuck = inside.explained() if failed else ()
        after = look_ahead(target.session, config, delete_data=self._options.delete_data, only=self._only)
        return Farewell(
            code=1 if failed or left or swept.remaining else 0,
            result=result,
            kept=kept_lines(target.session, config, after.stays),
            homes=lines_of_stack(target.session, config, after.stays, self._only),
            orphans=(
                *(str(item) for item in left),
                *(f"{item.kind} {item.id}" for item in swept.remaining),
                *(each.short for each in stuck),
            ),
            stuck=stuck,
            left=left,
            remaining=swept.remaining,
            stays=tuple(sorted(short(config.env, name) for name in prospect.kept)) if self._only else (),
            in_states=frozenset((state.stack, address) for state in after.states for address in state.addresses),
        )

    def _finish(self, target: Target, farewell: Farewell) -> Farewell:
        """What comes last, once nothing else is left: the state backend, and a rehearsal whose data is gone."""
        if self._options.purge_state:
            for line in purge_state_backend(target.session, self._config):
                self._display.step("state", f"removed {line}")
            farewell = farewell.without_backend()
        if self._options.delete_data and not self._only and target.is_rehearsal:
            from modules.rehearsal import session as rehearsal

            if rehearsal.stop(self._root, self._config.env):
                self._display.step("rehearsal", "stopped; its account is gone")
            farewell = farewell.without_backend()
        return farewell


def _upon(stacks: Sequence[Stack], name: str) -> set[str]:
    """The stacks that stand on `name`, directly or through others; `stacks` are in dependency order."""
    found = {name}
    for stack in stacks:
        if found & set(stack.depends_on):
            found.add(stack.name)
    return found - {name}


def _phases(going: Sequence[Stack]) -> tuple[tuple[Stack, ...], tuple[Stack, ...]]:
    """(what stands in a VPC, VPC and data): the sweep goes between them, because a VPC is only free after it.

    Whoever owns the VPC: a cluster in somebody else's goes before the sweep too, and so does a stack that goes alone.
    """
    base = {stack.name for stack in going if stack.name.rpartition("-")[2] in _BASE}
    return tuple(stack for stack in going if stack.name not in base), tuple(stack for stack in going if stack.name in base)


def _down(bench: Workbench, stacks: Sequence[Stack]) -> RunResult:
    if not stacks:
        return RunResult((), 0.0)
    return bench.engine(adopt=False).down(stacks, {stack.name: unprotect(stack.document()) for stack in stacks})


def _joined(one: RunResult, other: RunResult) -> RunResult:
    return RunResult((*one.stacks, *other.stacks), one.seconds + other.seconds, one.interrupted or other.interrupted)
