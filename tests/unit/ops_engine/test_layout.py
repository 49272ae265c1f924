"""Files below .hubsmith: where, and for whose eyes."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modules.ops.layout import RUNS_KEPT, Layout, private_dir, write_json, write_private

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Layout(Path("/r"), "demo").out, "/r/.hubsmith/demo/out"),
        (Layout(Path("/r"), "demo").work("demo-data"), "/r/.hubsmith/demo/work/demo-data"),
        (Layout(Path("/r"), "demo").data("demo-data"), "/r/.hubsmith/demo/tf/demo-data"),
        (Layout(Path("/r"), "demo").plan("demo-data"), "/r/.hubsmith/demo/plans/demo-data.tfplan"),
        (Layout(Path("/r"), "demo").plugins, "/r/.hubsmith/plugins"),
        (Layout(Path("/r"), "demo").tools, "/r/.hubsmith/tools"),
    ],
)
def test_places(found: Path, expected: str) -> None:
    assert str(found) == expected


def test_only_the_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_private(path, "secret")
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["file"], "no draft is left"
    assert private_dir(path.parent) == path.parent
    write_json(path, {"b": 1, "a": 2})
    assert json.loads(path.read_text()) == {"a": 2, "b": 1}


def test_runs_have_their_own_folders_and_old_ones_go(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "demo")
    first = layout.start_run(NOON)
    first.log("demo-data").write_text("x")
    assert first.folder.name == "2026-11-21T12-00-00"
    assert layout.start_run(NOON).folder.name == "2026-11-21T12-00-00-1", "two in one second"
    for minute in range(1, RUNS_KEPT + 1):
        layout.start_run(NOON + timedelta(minutes=minute))
    left = sorted(each.name for each in first.folder.parent.iterdir())
    assert len(left) == RUNS_KEPT
    assert first.folder.name not in left


def test_paths_are_shown_as_a_person_would_type_them(tmp_path: Path) -> None:
    run = Layout(tmp_path, "demo").start_run(NOON)
    assert run.shown(run.log("demo-data")) == ".hubsmith/demo/runs/2026-11-21T12-00-00/demo-data.log"
    assert run.shown(Path("/elsewhere/x")) == "/elsewhere/x"
