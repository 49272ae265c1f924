"""An install gives homes back before the hub's turn, and says so at its end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from modules.ops import install as module
from modules.ops.install import InstallOptions, install
from modules.ops.progress import Display
from modules.ops.results import RunResult
from tests.unit.ops_homes.conftest import Place


class Said(Display):
    """A display that remembers its steps."""

    def __init__(self) -> None:
        super().__init__("lab")
        self.said: list[tuple[str, str]] = []

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        self.said.append((name, text))


def test_before_the_hub_and_after_the_secrets(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.volume("claim-ada")
    display, turns = Said(), []

    def volumes() -> int:
        return len(place.core.list_persistent_volume().items)

    def up(before: Any) -> RunResult:
        for stack in ("lab-data", "lab-platform", "lab-hub"):
            before(stack)
            turns.append((stack, volumes()))
        return RunResult((), 0.0)

    secrets: list[str] = []
    bench = SimpleNamespace(
        secrets=None,
        stacks=(),
        engine=lambda before: SimpleNamespace(up=lambda stacks: up(before)),
        record=lambda command, code, result: None,
    )
    for name, fake in {
        "make_display": lambda env, as_json: display,
        "place": lambda *given: place.target,
        "open_workbench": lambda *given, **more: bench,
        "collect": lambda *given: SimpleNamespace(before=secrets.append),
        "_bootstrap": lambda *given: None,
        "repair_digests": lambda *given: (),
        "_say": lambda *given: None,
    }.items():
        monkeypatch.setattr(module, name, fake)
    assert install(place.root, place.config, InstallOptions(skip_preflight=True)) == 0
    assert turns == [("lab-data", 0), ("lab-platform", 0), ("lab-hub", 1)]
    assert secrets == ["lab-data", "lab-platform", "lab-hub"]
    assert ("homes", "1 volume given back: ada") in display.said
