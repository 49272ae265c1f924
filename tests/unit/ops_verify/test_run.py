"""Checks side by side: deadlines, patience, what comes after what, and what is said of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.verify import command
from modules.ops.verify.check import Check, Result, Skipped
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options, Scene
from tests.unit.ops_verify.conftest import Stage


def fails(scene: Scene) -> str:
    raise HubError("it is broken", where="there", fix="mend it")


def skips(scene: Scene) -> str:
    raise Skipped("it cannot be seen")


def well(scene: Scene) -> str:
    return "all is well"


def after(times: int) -> Callable[[Scene], str]:
    """Well at the look after so many failures."""
    looks = iter(range(times))

    def run(scene: Scene) -> str:
        return fails(scene) if next(looks, None) is not None else "it came"

    return run


@pytest.fixture
def scene(stage: Stage, config: HubConfig) -> Scene:
    return stage(config)


def test_states_order_and_who_hears(scene: Scene) -> None:
    heard: list[Result] = []
    checks = [Check("a", fails, patient=False), Check("b", skips), Check("c", well)]
    found = run_checks(scene, checks, heard.append)
    assert [(each.name, each.state) for each in found] == [("a", "failed"), ("b", "skipped"), ("c", "ok")]
    assert sorted(each.name for each in heard) == ["a", "b", "c"]
    assert (found[0].said, found[0].fix) == ("there: it is broken", "mend it")


@pytest.mark.parametrize(
    ("first", "states"),
    [(fails, ["failed", "skipped", "skipped"]), (skips, ["skipped", "ok", "ok"]), (well, ["ok", "ok", "ok"])],
)
def test_what_needs_a_failed_one_is_not_looked_at(scene: Scene, first: Callable[[Scene], str], states: list[str]) -> None:
    found = run_checks(scene, [Check("a", first), Check("b", well, after=("a",)), Check("c", well, after=("b", "not among them"))])
    assert [each.state for each in found] == states


def test_independent_ones_run_side_by_side(scene: Scene) -> None:
    together = threading.Barrier(3, timeout=5)

    def run(scene: Scene) -> str:
        together.wait()
        return "met"

    assert [each.state for each in run_checks(scene, [Check(name, run) for name in "abc"])] == ["ok"] * 3


def test_one_that_hangs_fails_at_its_deadline(scene: Scene) -> None:
    release = threading.Event()
    hanging = Check("slow", lambda scene: str(release.wait(60)), seconds=0.05)
    started = time.monotonic()
    found = run_checks(scene, [hanging, Check("next", well, after=("slow",))])
    release.set()
    assert time.monotonic() - started < 50
    assert (found[0].state, found[0].said) == ("failed", "no answer within 0 s")
    assert found[1].state == "skipped"


@pytest.mark.parametrize(
    ("check", "wait", "state"),
    [
        (Check("x", after(2)), 5.0, "ok"),
        (Check("x", after(2)), None, "failed"),
        (Check("x", after(2), waits=5.0), None, "ok"),
        (Check("x", after(2), waits=5.0), 0.0, "failed"),
        (Check("x", after(2), patient=False), 5.0, "failed"),
    ],
)
def test_time_cures_what_may_wait(stage: Stage, config: HubConfig, check: Check, wait: float | None, state: str) -> None:
    (found,) = run_checks(stage(config, options=Options(wait=wait)), [check], pause=0.01)
    assert found.state == state


def test_a_defect_keeps_its_traceback(scene: Scene) -> None:
    with pytest.raises(ZeroDivisionError):
        run_checks(scene, [Check("a", lambda scene: str(1 // 0))])


@pytest.mark.parametrize(("run", "code"), [(well, 0), (skips, 0), (fails, 1)])
def test_the_command_says_and_ends_with_it(
    scene: Scene,
    run: Callable[[Scene], str],
    code: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(command, "open_scene", lambda root, config, options: scene)
    monkeypatch.setattr(command, "chosen", lambda config, options: (Check("one", run, patient=False),))
    assert command.verify(tmp_path, scene.config, Options(), as_json=True) == code
    found = json.loads(capsys.readouterr().out)
    assert (found["env"], found["command"], found["exit"]) == ("lab", "verify", code)
    assert set(found["checks"][0]) == {"name", "state", "said", "fix", "seconds"}
    assert command.verify(tmp_path, scene.config, Options(), as_json=False) == code
    text = capsys.readouterr().out
    assert "one" in text
    assert ("what to do  mend it" in text) is (code == 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [(Options(spawn=True, dask=True), "has no Dask"), (Options(profile="Base"), "--profile says nothing")],
)
def test_options_that_make_no_sense(config: HubConfig, options: Options, words: str, tmp_path: Path) -> None:
    with pytest.raises(HubError, match=words):
        command.verify(tmp_path, config, options, as_json=False)
