"""Doing one round of an upgrade. What is left is asked of the cluster after every step, so that a stopped run simply goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from modules.common.errors import HubError
from modules.ops.progress import Display, human
from modules.ops.upgrade.facts import Facts, Node, Server
from modules.ops.upgrade.journal import Journal
from modules.ops.upgrade.model import Step
from modules.ops.upgrade.steps import behind, steps_to


class Hands(Protocol):
    """What changes something. Every method may be called again for work that is done; each raises HubError when refused."""

    def facts(self) -> Facts: ...
    def apply(self, stack: str) -> None: ...
    def update_addon(self, name: str, version: str) -> None: ...
    def update_group(self, name: str, version: str) -> None: ...
    def hold(self, node: str) -> None: ...
    def release(self, node: str) -> None: ...
    def end(self, server: Server) -> None: ...
    def guard(self) -> None: ...
    def unguard(self) -> None: ...
    def read_back(self) -> None: ...


@dataclass(frozen=True)
class Patience:
    """seconds: how long to wait for people's servers and for Karpenter. pause: between two looks."""

    seconds: float = 3600.0
    pause: float = 15.0


class StillWaiting(Exception):
    """Time is up and something still has to be waited for; nothing is broken."""


@dataclass
class Executor:
    """One round. force: people's servers are not waited for and not protected."""

    hands: Hands
    version: str
    display: Display
    journal: Journal
    patience: Patience = Patience()
    force: bool = False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Do what is left of the round. Raises StillWaiting when time is up, HubError when a step is refused or does nothing.

        However it ends before its time, servers stay protected: the nodes they run on are out of date by then.
        """
        facts = self.hands.facts()
        self.journal.begin(facts.version, self.version)
        self._protect(facts)
        last: Step | None = None
        while steps := steps_to(facts, self.version):
            step = steps[0]
            if step == last:
                raise HubError(
                    f"{step.title} is still at {step.old} after its step", fix="look at it in the EKS console, then run this again"
                )
            started = self.clock()
            self.journal.step(step)
            self._do(step, facts)
            self.journal.finished()
            self.display.step(step.kind, f"{step.title} is at {step.new} ({human(self.clock() - started)})")
            last, facts = step, self.hands.facts()
        self._let_go(facts)
        self.hands.read_back()
        self.journal.end()

    def _do(self, step: Step, facts: Facts) -> None:
        self.display.note(f"{step.title}: {step.old} → {step.new}, about {step.minutes[0]}-{step.minutes[1]} minutes")
        if step.kind == "control-plane":
            self.hands.apply("cluster")
        elif step.kind == "charts":
            self.hands.apply("platform")
        elif step.kind == "addon":
            self.hands.update_addon(step.name, step.new)
        elif step.kind == "pools":
            self._pools()
        else:
            if step.kind == "group" and not self.force:
                self._until_empty(step.name)
            self.hands.update_group(step.name, step.new)

    # --- people at work ---

    def _protect(self, facts: Facts) -> None:
        """Before anything is out of date: evictions of servers are refused, and Karpenter leaves their nodes alone."""
        if self.force:
            self._let_go(facts)
            return
        self.hands.guard()
        self._hold_busy(facts)

    def _hold_busy(self, facts: Facts) -> None:
        busy = {each.node for each in facts.servers}
        for node in facts.pool_nodes:
            if node.name in busy and not node.is_held and not node.is_going:
                self.hands.hold(node.name)
            elif node.name not in busy and node.is_held:
                self.hands.release(node.name)

    def _let_go(self, facts: Facts) -> None:
        for node in facts.nodes:
            if node.is_held:
                self.hands.release(node.name)
        self.hands.unguard()

    def _until_empty(self, group: str) -> None:
        """Wait until no server runs on the nodes of a group. One that starts after the last look is saved by the guard."""

        def waiting(facts: Facts) -> str:
            return _waits_for(f"node group {group}", facts.servers_on(facts.nodes_of(group)))

        self._until_nothing(waiting)

    def _pools(self) -> None:
        """Wait until Karpenter has replaced every node that is behind; nodes come free as their servers end."""

        def waiting(facts: Facts) -> str:
            old = behind(facts.pool_nodes, self.version)
            if self.force:
                self._end(facts.servers_on(old))
            else:
                self._hold_busy(facts)
            return _waits_for(f"{_count(old)} of Karpenter's", facts.servers_on(old)) or (f"{_count(old)} to be replaced" if old else "")

        self._until_nothing(waiting)

    def _end(self, servers: tuple[Server, ...]) -> None:
        """Karpenter itself would give each of them its pool's whole termination grace."""
        for each in servers:
            self.hands.end(each)

    def _until_nothing(self, waiting: Callable[[Facts], str]) -> None:
        """Look until `waiting` has nothing more to say. Raises StillWaiting with what it said last."""
        started, said = self.clock(), ""
        while text := waiting(self.hands.facts()):
            if self.clock() - started >= self.patience.seconds:
                raise StillWaiting(text)
            if text != said:
                said = text
                self.display.note(f"waits: {text}")
            self.sleep(self.patience.pause)


def _waits_for(what: str, servers: tuple[Server, ...]) -> str:
    if not servers:
        return ""
    names = sorted({each.user for each in servers})
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"{what}: {len(servers)} server{'s' if len(servers) > 1 else ''} running ({shown})"


def _count(nodes: tuple[Node, ...]) -> str:
    return f"{len(nodes)} node{'s' if len(nodes) != 1 else ''}"
