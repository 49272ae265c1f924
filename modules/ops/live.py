"""The display on a terminal: finished steps scroll up, the stacks in work stay below them and move."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from modules.ops.progress import MARKS, Display, StackView, ask, human, mark_of, short
from modules.ops.results import StackResult

_STYLES = {"ok": "green", "warn": "yellow", "bad": "bold red"}
_BAR = 24
_WIDE = 100
#: Before this much is known an estimate would only jump about.
_ESTIMATE_FROM_DONE, _ESTIMATE_FROM_SECONDS = 0.08, 8.0
#: The last resources are the slow ones, and seconds counted down to nothing would be a lie.
_NEAR_SECONDS = 10.0


class Live(Display):
    """Rich's live region. Colour stresses what the words say already, and NO_COLOR takes it away."""

    def __init__(self, env: str, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(env, clock)
        self.console = console or Console(highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)
        self._live: RichLive | None = None
        self._spinner = Spinner("dots")

    def begin(self, stacks: Mapping[str, int]) -> None:
        super().begin(stacks)
        self._live = RichLive(console=self.console, refresh_per_second=8, transient=True, get_renderable=self.render)
        self._live.start()

    def end(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        with self.lock:
            self.console.print(Text.assemble((MARKS[mark], _STYLES[mark]), f" {name:<11} ", (text, "" if mark == "ok" else _STYLES[mark])))

    def note(self, text: str) -> None:
        with self.lock:
            self.console.print(Text(f"  {text}", style="yellow"))

    def ask(self, question: str) -> str | None:
        with self.lock:
            if self._live is not None:
                self._live.stop()
            try:
                return ask(question)
            finally:
                if self._live is not None:
                    self._live.start()

    def say_result(self, result: StackResult, text: str) -> None:
        self.step(short(self.env, result.stack), text, mark_of(result))

    def render(self) -> RenderableType:
        """The region as it stands now."""
        with self.lock:
            rows = [self._row(view) for view in self.views.values() if view.result is None]
            return Group(self._bar(), *rows)

    def _bar(self) -> Text:
        done, total = self.totals()
        elapsed = self.clock() - self.started
        share = done / total if total else 0.0
        full = round(share * _BAR)
        parts = [f"{done}/{total}", human(elapsed)]
        if share > _ESTIMATE_FROM_DONE and elapsed > _ESTIMATE_FROM_SECONDS:
            left = elapsed / share - elapsed
            parts.append(f"about {human(left)} left" if left > _NEAR_SECONDS else "nearly done")
        return Text.assemble("  ", ("▇" * full, "green"), ("▁" * (_BAR - full), "dim"), f"  {' · '.join(parts)}")

    def _row(self, view: StackView) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        count = f"{view.done}/{view.total}" if view.phase in ("apply", "destroy") else view.phase
        busy = view.phase != "waits"
        table.add_row(
            "   ", self._spinner if busy else " ", f"{short(self.env, view.name):<10}", count, Text(self._current(view), style="dim")
        )
        return table

    def _current(self, view: StackView) -> str:
        """The resource that has been in work longest, and how many others are."""
        if not view.current:
            return ""
        address, began = min(view.current.items(), key=lambda each: each[1])
        others = f" and {len(view.current) - 1} more" if len(view.current) > 1 else ""
        text = f"{address} ({human(self.clock() - began)}){others}"
        room = max(min(self.console.width, _WIDE) - 32, 10)
        return text if len(text) <= room else f"{text[: room - 1]}…"
