"""Running Terraform over the stacks of one env: dependency order, side by side where nothing forbids it, with retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from modules.common.errors import HubError
from modules.ops import cluster_access
from modules.ops.adopt.in_cluster import existing
from modules.ops.children import Children
from modules.ops.data_removal import unprotect
from modules.ops.events import Event, Finished, Started
from modules.ops.failures.terraform import Failure, classify, worst
from modules.ops.layout import Layout, Run, write_private
from modules.ops.outcomes import counted, plan_down, waiting
from modules.ops.plugins import Plugins
from modules.ops.progress import Display
from modules.ops.report import stack_line
from modules.ops.results import Change, RunResult, StackResult
from modules.ops.retry import Retrier
from modules.ops.signals import heard_by
from modules.ops.synth import Stack, addresses, in_order, protected
from modules.ops.target import Target
from modules.ops.terraform import ADOPT, BROKEN, OVERRIDE, SUPERSEDED, Interrupted, Plan, TerraformFailed, Workspace
from modules.ops.tools import Terraform

#: Each Terraform with its provider takes up to 750 MB.
_SIDE_BY_SIDE = 4
_TICK_SECONDS = 0.25
#: Objects that a killed run left in a cluster come to light layer by layer: a namespace first, then what is in it.
_CLAIM_ROUNDS = 8
#: What the mark of an apply says while it goes on; that it is still there tells of a kill.
_APPLYING = "applying"
_ASIDE = {SUPERSEDED: "there is a newer one", BROKEN: "it was not written to its end"}


class Adoption(Protocol):
    """A resource that exists and is in no state."""

    @property
    def address(self) -> str: ...
    @property
    def import_id(self) -> str: ...


class Refused(Exception):
    """A person did not agree to a plan."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.what)
        self.failure = failure


@dataclass
class Engine:
    """Terraform over stacks. The callables are the seams to AWS and to people:

    adopt: what exists of a stack and is in no state. in_state: the addresses in a stack's state, None where there is
    neither a resource nor an output that other stacks could build on. tainted: what a stopped run left half made.
    approve: whether changes that lose data may be applied. before: called when a stack's turn comes, before its plan.
    lacks: what somebody has still to give before a stack can be planned. cluster_is_gone: whether AWS knows no cluster of
    the env's name. saved_at: when a stack's state was last written, by this machine's clock, 0.0 for never.
    pause: multiplies the waits before retries.
    """

    layout: Layout
    target: Target
    display: Display
    terraform: Terraform
    plugins: Plugins
    run: Run
    adopt: Callable[[str, dict[str, Any]], Sequence[Adoption]] = field(default=lambda stack, document: ())
    in_state: Callable[[str], frozenset[str] | None] = field(default=lambda stack: frozenset())
    tainted: Callable[[str], frozenset[str]] = field(default=lambda stack: frozenset())
    approve: Callable[[str, Sequence[Change]], bool] = field(default=lambda stack, lost: True)
    before: Callable[[str], None] = field(default=lambda stack: None)
    lacks: Callable[[Stack], Sequence[str]] = field(default=lambda stack: ())
    cluster_is_gone: Callable[[], bool] = field(default=lambda: False)
    saved_at: Callable[[str], float] = field(default=lambda stack: 0.0)
    pause: float = 1.0
    children: Children = field(default_factory=Children)

    def up(self, stacks: Sequence[Stack]) -> RunResult:
        """Plan and apply every stack, those it depends on first. A stack whose upstream failed is skipped."""
        result = self._over(stacks, self._up, {each.name: each.depends_on for each in stacks})
        return self._settled(stacks, result)

    def plan(self, stacks: Sequence[Stack]) -> RunResult:
        """Plan every stack and change nothing; one whose upstream has no state yet waits, and tells what it will create.

        What refuses to be destroyed does not refuse to be looked at: a plan that would replace it is shown, and not an error.
        """
        return self._over(stacks, self._plan_only, {each.name: each.depends_on for each in stacks}, waits_are_fine=True)

    def down(self, stacks: Sequence[Stack], overrides: Mapping[str, Mapping[str, Any]] | None = None) -> RunResult:
        """Destroy every stack, those that depend on it first. overrides: documents by stack, laid over it before it goes."""
        edges: dict[str, tuple[str, ...]] = {
            each.name: tuple(other.name for other in stacks if each.name in other.depends_on) for each in stacks
        }
        return self._over(stacks, lambda stack: self._down(stack, (overrides or {}).get(stack.name, {})), edges)

    def interrupt(self) -> None:
        """Stop: Terraform finishes the calls it is in and saves; nothing new starts."""
        if not self.children.interrupted:
            left = self.children.interrupt()
            if left:
                self.display.note(f"stopping: waiting for {left} terraform to save its state. Please do not kill it")
        else:
            self.display.note("still saving; a second Ctrl-C does not make it faster")

    # --- one stack ---

    def _up(self, stack: Stack) -> StackResult:
        """Plan and apply. What a killed run left in the cluster, and Terraform is then told exists, is taken over on the way."""
        self.before(stack.name)
        self._save_unsaved(self._workspace(stack))
        killed = self._marked(stack) == _APPLYING
        claimed: dict[str, Adoption] = {}
        for _ in range(_CLAIM_ROUNDS):
            try:
                return self._up_with(stack, tuple(claimed.values()), killed)
            except TerraformFailed as error:
                there = existing(error.errors, stack.document(), self.layout.env) if killed else ()
                new = {each.address: each for each in there if each.address not in claimed}
                if not new:
                    raise
                claimed |= new
                self.display.note(f"{stack.name}: taking over what a killed run left in the cluster: {', '.join(new)}")
        return self._up_with(stack, tuple(claimed.values()), killed)

    def _up_with(self, stack: Stack, claimed: Sequence[Adoption], killed: bool) -> StackResult:
        workspace = self._workspace(stack)
        self._lay_out(workspace, claimed)
        self._keep_protected(workspace)
        plan = self._planned(workspace)
        result = self._read_back(stack, counted(stack, plan, self._log(stack)))
        if not plan.has_changes:
            self.layout.plan(stack.name).unlink(missing_ok=True)
            return replace(result, outcome="unchanged")
        self._ask(stack, plan)
        self.display.phase(stack.name, "apply", plan.steps)
        write_private(self.layout.unsettled(stack.name), _APPLYING)
        try:
            workspace.apply()
        finally:
            # Terraform has saved what it did. After an earlier kill there may still be more that no state knows.
            if not killed:
                write_private(self.layout.unsettled(stack.name), "")
        return replace(result, outcome="applied")

    def _read_back(self, stack: Stack, result: StackResult) -> StackResult:
        """What AWS added after an apply that nobody read back is no drift: the end of this run catches up (see _settled)."""
        return replace(result, drift=()) if self.layout.unsettled(stack.name).exists() else result

    def _marked(self, stack: Stack) -> str:
        """What the mark of an unfinished apply says, "" for none."""
        mark = self.layout.unsettled(stack.name)
        return mark.read_text(encoding="utf-8") if mark.exists() else ""

    def _plan_only(self, stack: Stack) -> StackResult:
        missing = tuple(name for name in stack.depends_on if self.in_state(name) is None) or tuple(self.lacks(stack))
        if missing:
            return waiting(stack, missing, self._log(stack))
        workspace = self._workspace(stack)
        self._lay_out(workspace, over=unprotect(stack.document()))
        try:
            plan = self._planned(workspace)
        except TerraformFailed as error:
            kinds = {classify(each, self.layout.env).kind for each in error.errors}
            if kinds == {"upstream"} and stack.depends_on:
                return waiting(stack, stack.depends_on, self._log(stack))
            raise
        finally:
            self.layout.plan(stack.name).unlink(missing_ok=True)
        return replace(counted(stack, plan, self._log(stack)), outcome="planned" if plan.has_changes else "unchanged")

    def _down(self, stack: Stack, override: Mapping[str, Any]) -> StackResult:
        self._save_unsaved(self._workspace(stack))
        known = self.in_state(stack.name)
        if not known:
            return StackResult(stack.name, "unchanged", log=self._log(stack))
        workspace = self._workspace(stack)
        workspace.lay_out({OVERRIDE: merged(self._override(stack), override)})
        self.display.phase(stack.name, "init")
        workspace.init()
        self.display.phase(stack.name, "plan")
        plan = plan_down(workspace, known, self.cluster_is_gone, self.display.note, self.layout.env)
        self.display.phase(stack.name, "destroy", plan.steps)
        workspace.apply()
        return replace(counted(stack, plan, self._log(stack)), outcome="destroyed")

    def _planned(self, workspace: Workspace) -> Plan:
        self.display.phase(workspace.stack.name, "init")
        workspace.init()
        self.display.phase(workspace.stack.name, "plan")
        return workspace.plan()

    def _save_unsaved(self, workspace: Workspace) -> None:
        """What an earlier run made and could not write down, before anybody asks the state what there is."""
        if not workspace.unsaved.is_file():
            return
        name = workspace.stack.name
        why = workspace.unfit(self.saved_at(name))
        if not why:
            workspace.lay_out({OVERRIDE: self._override(workspace.stack)})
            workspace.init()
            if workspace.save_unsaved():
                self.display.note(f"{name}: saved the state that an earlier run could not save")
                return
            why = SUPERSEDED
        # What that run made is in no state: it is looked for as after a kill, also by the runs after this one.
        write_private(self.layout.unsettled(name), _APPLYING)
        aside = workspace.put_aside(why)
        self.display.note(f"{name}: put aside the state that an earlier run could not save, as {aside.name}: {_ASIDE[why]}")

    def _keep_protected(self, workspace: Workspace) -> None:
        """An interrupted run taints what it was still waiting for, and Terraform then wants to replace it. A resource that
        refuses to be destroyed would block every later run that way; it exists, so it is kept and brought up to date."""
        half_made = self.tainted(workspace.stack.name) & frozenset(protected(workspace.stack.document()))
        if not half_made:
            return
        workspace.init()
        for address in sorted(half_made):
            self.display.note(f"{workspace.stack.name}: keeping {address}, which an interrupted run left half made")
            workspace.untaint(address)

    def _lay_out(self, workspace: Workspace, claimed: Sequence[Adoption] = (), over: Mapping[str, Any] = MappingProxyType({})) -> None:
        stack = workspace.stack
        found = (*self.adopt(stack.name, stack.document()), *claimed)
        imports = [{"to": each.address, "id": each.import_id} for each in found]
        workspace.lay_out({OVERRIDE: merged(self._override(stack), over), ADOPT: {"import": imports} if imports else {}})

    def _override(self, stack: Stack) -> dict[str, Any]:
        """What the place and the cluster's credentials lay over a stack's document."""
        access = cluster_access.override(stack.document(), root=self.layout.root, environ=self.target.environment)
        return merged(self.target.override, access)

    def _ask(self, stack: Stack, plan: Plan) -> None:
        if plan.lost and not self.approve(stack.name, plan.lost):
            names = ", ".join(f"{each.address} ({each.action})" for each in plan.lost)
            raise Refused(
                Failure(
                    "refused-by-you",
                    f"the plan takes away {names}",
                    "nobody agreed to it; nothing was changed",
                    "look at it with --plan; --yes agrees",
                )
            )

    def _log(self, stack: Stack) -> str:
        return self.run.shown(self.run.log(stack.name))

    def _workspace(self, stack: Stack) -> Workspace:
        def on_event(event: Event) -> None:
            if isinstance(event, Started) and event.action != "read":
                self.display.resource_started(stack.name, event.address)
            elif isinstance(event, Finished) and event.action != "read":
                self.display.resource_finished(stack.name, event.address, event.ok)

        return Workspace(stack, self.layout, self.run, self.terraform, self.plugins, self.target.environment, self.children, on_event)

    # --- all stacks ---

    def _over(
        self,
        stacks: Sequence[Stack],
        work: Callable[[Stack], StackResult],
        edges: Mapping[str, Sequence[str]],
        waits_are_fine: bool = False,
    ) -> RunResult:
        """Run `work` over all stacks, each after those that `edges` names for it."""
        started = time.monotonic()
        self.display.begin({stack.name: len(addresses(stack.document())) for stack in in_order(stacks)})
        done: dict[str, StackResult] = {}
        left = {stack.name: stack for stack in in_order(stacks)}
        running: dict[Future[StackResult], Stack] = {}
        with heard_by(self.interrupt), ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="stack") as pool:
            while left or running:
                for name in list(left):
                    before = [each for each in edges[name] if each in left or each in {stack.name for stack in running.values()}]
                    blocked = [each for each in edges[name] if each in done and not self._may_follow(done[each], waits_are_fine)]
                    if self.children.interrupted or blocked:
                        outcome = StackResult(name, "skipped", waits_for=tuple(blocked), log="")
                        self._finish(done, outcome)
                        del left[name]
                    elif not before:
                        stack = left.pop(name)
                        running[pool.submit(self._guarded, stack, work)] = stack
                finished, _ = wait(running, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED) if running else (set(), None)
                self.display.tick()
                for future in finished:
                    del running[future]
                    self._finish(done, future.result())
        self.display.end()
        ordered = tuple(done[stack.name] for stack in in_order(stacks))
        return RunResult(ordered, time.monotonic() - started, self.children.interrupted)

    def _may_follow(self, result: StackResult, waits_are_fine: bool) -> bool:
        return result.is_fine or (waits_are_fine and result.outcome == "waits")

    def _finish(self, done: dict[str, StackResult], result: StackResult) -> None:
        done[result.stack] = result
        self.display.finish(result, stack_line(self.layout.env, result))

    def _guarded(self, stack: Stack, work: Callable[[Stack], StackResult]) -> StackResult:
        """`work` with retries of what is transient, and every expected end turned into a result."""
        started = time.monotonic()
        try:
            result = Retrier(self.layout.env, self.display, self.children, self.pause).run(stack, work)
        except Interrupted:
            result = StackResult(stack.name, "interrupted", log=self._log(stack))
        except TerraformFailed as error:
            result = StackResult(stack.name, "failed", failure=worst(error.errors, self.layout.env), log=self._log(stack))
        except Refused as error:
            result = StackResult(stack.name, "failed", failure=error.failure, log=self._log(stack))
        except HubError as error:
            failure = Failure("other", error.what, error.where, error.fix)
            result = StackResult(stack.name, "failed", failure=failure, log=self._log(stack))
        return replace(result, seconds=time.monotonic() - started)

    def _settled(self, stacks: Sequence[Stack], result: RunResult) -> RunResult:
        """After resources were made, read all stacks once more into their states.

        AWS fills in attributes when other resources attach (a file system counts its mount targets, a security group lists
        rules made apart from it), also across stacks; unread, the next plan would call them drift. A stack that was whole
        before this run and has drift is left out: what somebody changed by hand must stay visible. One whose apply ended
        without this step, in a crash or a failure elsewhere, carries a mark and catches up here.
        """
        unread = {each.name for each in stacks if self.layout.unsettled(each.name).exists()}
        if not unread or not result.is_fine:
            return result
        by_hand = {each.stack for each in result.stacks if each.outcome == "unchanged" and each.drift} - unread
        self.display.note("reading back what AWS added to the new resources, so that it is no drift later")

        def settle(stack: Stack) -> None:
            try:
                self._workspace(stack).settle()
            except (TerraformFailed, Interrupted):
                # The mark stays, and the next run catches up.
                return
            self.layout.unsettled(stack.name).unlink(missing_ok=True)

        with heard_by(self.interrupt), ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            for future in [pool.submit(settle, stack) for stack in stacks if stack.name not in by_hand]:
                future.result()
        return replace(result, interrupted=self.children.interrupted)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two override documents as one; mappings merge, the second wins elsewhere."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, Mapping) else value
    return result
