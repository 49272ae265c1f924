"""./hub unlock: shows the holder, asks, releases; and never releases unasked."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modules.config.load import load_env
from modules.ops import unlock as module
from modules.ops.locks import Lock
from modules.ops.unlock import unlock

LOCK = Lock("0af1", "demo-network", "ada@laptop", "Apply", "2026-11-21T09:14:02Z", "x", ("object", "table"))


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> list[Lock]:
    """An env whose network is locked; what is released is kept here."""
    found: list[Lock] = []
    monkeypatch.setattr(module, "running_rehearsal", lambda root, config: True)
    monkeypatch.setattr(module, "resolve_target", lambda root, config: SimpleNamespace(session=None))
    monkeypatch.setattr(module, "stack_names", lambda layout, session, config: ("demo-network",))
    monkeypatch.setattr(module, "held_locks", lambda session, config, stacks: (LOCK,))
    monkeypatch.setattr(module, "release", lambda session, config, lock: found.append(lock))
    monkeypatch.setattr(module, "repair_digests", lambda session, config, stacks: ("demo-network: removed a stale digest",))
    return found


@pytest.mark.parametrize(
    ("typed", "yes", "code", "gone"),
    [("demo", False, 0, 1), ("", False, 1, 0), ("y", False, 1, 0), (None, False, 1, 0), (None, True, 0, 1)],
)
def test_released_only_when_agreed(
    root: Path,
    released: list[Lock],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: Any,
    yes: bool,
    code: int,
    gone: int,
) -> None:
    monkeypatch.setattr(module, "ask", lambda question: typed)
    assert unlock(root, load_env(root, "demo"), yes=yes, as_json=False) == code
    assert len(released) == gone
    said = capsys.readouterr().out
    assert "demo-network: held by ada@laptop since 2026-11-21T09:14:02Z (Apply), id 0af1" in said
    assert ("./install.sh demo goes on" in said) is bool(gone)
    assert ("nothing was released" in said) is not bool(gone)


def test_for_machines(root: Path, released: list[Lock], capsys: pytest.CaptureFixture[str]) -> None:
    assert unlock(root, load_env(root, "demo"), yes=True, as_json=True) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["released"], data["locks"][0]["who"], data["locks"][0]["id"]) == (True, "ada@laptop", "0af1")
