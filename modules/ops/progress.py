"""What a person sees while a run goes on. One set of facts; Live (live.py), Plain and Quiet show it each in its way."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

from modules.ops.results import StackResult

#: A stack that says nothing for this long is heard of again, so that a log on a CI machine shows life.
_HEARTBEAT_SECONDS = 30.0


def human(seconds: float) -> str:
    """`48 s`, `1 m 04 s`, `1 h 02 m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} m"


def short(env: str, stack: str) -> str:
    """`cluster` of `demo-cluster`."""
    return stack.removeprefix(f"{env}-")


@dataclass
class StackView:
    """Where one stack stands. current: resources in work, each with the moment it began."""

    name: str
    total: int
    phase: str = "waits"
    done: int = 0
    current: dict[str, float] = field(default_factory=dict)
    result: StackResult | None = None


class Display:
    """The facts, kept under a lock; subclasses say them. This one says nothing (--json)."""

    def __init__(self, env: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.env = env
        self.views: dict[str, StackView] = {}
        self.clock = clock
        self.started = clock()
        self.lock = threading.RLock()

    def begin(self, stacks: Mapping[str, int]) -> None:
        """A run over these stacks starts; the numbers are how many resources each may touch."""
        with self.lock:
            self.started = self.clock()
            self.views = {name: StackView(name, total) for name, total in stacks.items()}

    def phase(self, stack: str, text: str, total: int | None = None) -> None:
        """A stack went on to another phase: init, plan, apply …"""
        with self.lock:
            view = self.views[stack]
            view.phase, view.done = text, 0
            view.total = view.total if total is None else total
            self.say_phase(view)

    def resource_started(self, stack: str, address: str) -> None:
        """Work on a resource began."""
        with self.lock:
            self.views[stack].current[address] = self.clock()

    def resource_finished(self, stack: str, address: str, ok: bool) -> None:
        """Work on a resource ended."""
        with self.lock:
            view = self.views[stack]
            began = view.current.pop(address, self.clock())
            view.done = min(view.done + ok, view.total)
            self.say_resource(view, address, ok, self.clock() - began)

    def finish(self, result: StackResult, text: str) -> None:
        """A stack is done; `text` is its line of the report."""
        with self.lock:
            view = self.views[result.stack]
            view.result, view.current = result, {}
            self.say_result(result, text)

    def end(self) -> None:
        """The run is over."""

    def tick(self) -> None:
        """Called a few times a second while a run goes on."""

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        """One finished step of the command. mark: ok, warn or bad."""

    def note(self, text: str) -> None:
        """A line in passing."""

    def ask(self, question: str) -> str | None:
        """What a person answers; None where nobody can."""
        return None

    def say_phase(self, view: StackView) -> None:
        """A phase began."""

    def say_resource(self, view: StackView, address: str, ok: bool, seconds: float) -> None:
        """A resource is done."""

    def say_result(self, result: StackResult, text: str) -> None:
        """A stack is done."""

    def totals(self) -> tuple[int, int]:
        """(done, total) over all stacks."""
        with self.lock:
            total = sum(view.total for view in self.views.values())
            return sum(view.total if view.result else view.done for view in self.views.values()), total


MARKS = {"ok": "✔", "warn": "!", "bad": "✖"}
ASCII_MARKS = {"ok": "ok", "warn": "!", "bad": "FAILED"}


class Plain(Display):
    """Lines with UTC time stamps: for logs, pipes and CI."""

    def __init__(self, env: str, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(env, clock)
        self._out = out or sys.stdout
        self._marks = MARKS if (getattr(self._out, "encoding", None) or "").lower().startswith("utf") else ASCII_MARKS
        self._heard: dict[str, float] = {}

    def line(self, text: str) -> None:
        """Print one line; characters the stream cannot write are replaced, never an error."""
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        safe = text.encode(encoding, errors="replace").decode(encoding)
        self._out.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {safe}\n")
        self._out.flush()

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        with self.lock:
            self.line(f"{self._marks[mark]} {name:<11} {text}")

    def note(self, text: str) -> None:
        with self.lock:
            self.line(f"  {text}")

    def ask(self, question: str) -> str | None:
        return ask(question)

    def say_phase(self, view: StackView) -> None:
        self._heard[view.name] = self.clock()
        if view.phase in ("apply", "destroy"):
            self.line(f"  {short(self.env, view.name):<11} {view.phase}: {view.total} resources")

    def say_resource(self, view: StackView, address: str, ok: bool, seconds: float) -> None:
        if not ok:
            self.line(f"  {short(self.env, view.name):<11} {view.done}/{view.total} failed: {address} ({human(seconds)})")

    def tick(self) -> None:
        now = self.clock()
        with self.lock:
            for view in self.views.values():
                if view.current and now - self._heard.get(view.name, self.started) >= _HEARTBEAT_SECONDS:
                    self._heard[view.name] = now
                    address, began = min(view.current.items(), key=lambda each: each[1])
                    self.line(f"  {short(self.env, view.name):<11} {view.done}/{view.total} {address} ({human(now - began)})")

    def say_result(self, result: StackResult, text: str) -> None:
        self.step(short(self.env, result.stack), text, mark_of(result))


def mark_of(result: StackResult) -> str:
    """The mark before a stack's line."""
    if result.outcome in ("failed", "interrupted"):
        return "bad"
    return "warn" if result.outcome in ("waits", "skipped") else "ok"


def ask(question: str) -> str | None:
    """One line from the terminal; None when there is none, or it was closed."""
    if not (sys.stdin and sys.stdin.isatty()):
        return None
    try:
        return input(question).strip()
    except EOFError:
        return None


def make_display(env: str, *, as_json: bool) -> Display:
    """The display that fits where the output goes."""
    if as_json:
        return Display(env)
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI"):
        from modules.ops.live import Live

        return Live(env)
    return Plain(env)
