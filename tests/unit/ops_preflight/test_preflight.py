"""The frame around the checks: all at once, a table, an object for machines, and what stops an install."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import install as install_module
from modules.ops.aws_clients import Clients
from modules.ops.install import InstallOptions, install
from modules.ops.preflight import command
from modules.ops.preflight.check import Answer, Check, Context, Finding, Result
from modules.ops.preflight.command import check_first, preflight
from modules.ops.preflight.instance_types import INSTANCE_TYPES
from modules.ops.preflight.report import as_data, sentence, table
from modules.ops.preflight.run import run_checks
from modules.ops.progress import Display
from modules.ops.synth import Stack
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config
from tests.unit.ops_preflight.conftest import make_context

RED = Finding("error", "pools.gpu", "g9.xlarge is not offered in us-east-2", "choose another")
NOTE = Finding("note", "pools.big", "us-east-2c lacks c5ad.xlarge")


class Steps(Display):
    """Keeps the steps it is told."""

    def __init__(self) -> None:
        super().__init__("lab")
        self.steps: list[tuple[str, str, str]] = []

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        self.steps.append((name, text, mark))


@pytest.fixture
def target(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The account every command finds."""
    found = Target({}, {}, session, ACCOUNT, False, "account in moto")
    monkeypatch.setattr(command, "resolve_target", lambda root, config: found)
    # One check stands for all of them: the frame is what is tested here.
    monkeypatch.setattr(command, "run_checks", partial(run_checks, checks=[INSTANCE_TYPES]))
    return found


def config_with(*types: str) -> HubConfig:
    return make_config(node_groups={"work": {"instance_types": list(types)}})


def refuses(context: Context) -> Answer:
    raise HubError("could not look: these credentials may not do that", fix="ask")


def test_checks_run_side_by_side_and_answer_in_order(session: boto3.Session) -> None:
    both = threading.Barrier(2, timeout=5)

    def meets(context: Context) -> Answer:
        both.wait()
        return Answer("met", [NOTE])

    results = run_checks(make_context(session), [Check("one", meets), Check("two", meets), Check("three", refuses)])
    assert [(each.name, each.state) for each in results] == [("one", "note"), ("two", "note"), ("three", "unchecked")]
    assert "ask" in results[2].unchecked


def test_a_defect_of_ours_is_no_finding(session: boto3.Session) -> None:
    def breaks(context: Context) -> Answer:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        run_checks(make_context(session), [Check("broken", breaks)])


@pytest.mark.parametrize(
    ("findings", "unchecked", "state"),
    [((), "", "ok"), ((NOTE,), "", "note"), ((NOTE, RED), "", "error"), ((), "no", "unchecked"), ((RED,), "no", "error")],
)
def test_the_worst_counts(findings: tuple[Finding, ...], unchecked: str, state: str) -> None:
    assert Result("x", "y", findings, unchecked).state == state


def test_the_table() -> None:
    results = [
        Result("types", "2 types", (RED, NOTE), seconds=0.24),
        Result("quotas", "not checked", unchecked="could not look\n  what to do  ask"),
    ]
    assert table(results) == [
        ("bad", "✖ types   2 types · 0.2 s"),
        ("bad", "    ✖ pools.gpu: g9.xlarge is not offered in us-east-2"),
        ("bad", "        what to do  choose another"),
        ("bad", "    ! pools.big: us-east-2c lacks c5ad.xlarge"),
        ("warn", "? quotas  not checked · 0.0 s"),
        ("warn", "    could not look"),
        ("warn", "      what to do  ask"),
    ]
    assert sentence(results) == "2 checks, 1 error, 1 note, 1 not possible"
    assert sentence([Result("types", "2 types")]) == "1 check"
    first = as_data(results)[0]
    assert first["state"] == "error"
    assert first["findings"][0] == {
        "severity": "error",
        "where": "pools.gpu",
        "what": "g9.xlarge is not offered in us-east-2",
        "fix": "choose another",
    }


@pytest.mark.parametrize(("types", "code", "words"), [(["m5.xlarge"], 0, "✔ instance types"), (["g5g.xlarge"], 1, "✖ node_groups.work")])
def test_the_command(target: Target, capsys: pytest.CaptureFixture[str], tmp_path: Path, types: list[str], code: int, words: str) -> None:
    config = config_with(*types)
    assert preflight(tmp_path, config, as_json=False) == code
    assert words in capsys.readouterr().out
    assert preflight(tmp_path, config, as_json=True) == code
    said = json.loads(capsys.readouterr().out)
    assert (said["env"], said["command"], said["exit"]) == ("lab", "preflight", code)
    assert said["checks"][0]["state"] == ("error" if code else "ok")


def test_red_stops_an_install_and_not_a_plan(target: Target, tmp_path: Path) -> None:
    display = Steps()
    with pytest.raises(HubError, match=r"1 thing that would stop it; nothing was made\. node_groups\.work: g5g\.xlarge") as caught:
        check_first(tmp_path, config_with("g5g.xlarge"), target, display)
    assert "--skip-preflight" in caught.value.fix
    check_first(tmp_path, config_with("g5g.xlarge"), target, display, stop=False)
    check_first(tmp_path, config_with("m5.xlarge"), target, display)
    assert display.steps == [("preflight", "1 check, 1 error", "bad")] * 2 + [("preflight", "1 check", "ok")]


def test_an_install_makes_spot_s_role_when_nothing_is_red_and_a_plan_does_not(target: Target, tmp_path: Path) -> None:
    spot = {"pools": {"default": {"families": ["m5"], "sizes": ["xlarge"], "capacity": ["spot"]}}}
    bad = {"node_groups": {"work": {"instance_types": ["g5g.xlarge"]}}}
    display = Steps()
    check_first(tmp_path, make_config(**spot), target, display, stop=False)
    with pytest.raises(HubError, match="nothing was made"):
        check_first(tmp_path, make_config(**spot, **bad), target, display)
    assert target.session.client("iam").list_roles()["Roles"] == []
    check_first(tmp_path, make_config(**spot), target, display)
    assert display.steps[-1] == ("preflight", "made AWSServiceRoleForEC2Spot; it belongs to the account and stays", "ok")


class _Reached(Exception):
    """The install went on to what comes after preflight."""


@pytest.mark.parametrize(
    ("types", "options", "goes_on"),
    [
        ("g5g.xlarge", InstallOptions(), False),
        ("g5g.xlarge", InstallOptions(skip_preflight=True), True),
        ("g5g.xlarge", InstallOptions(plan_only=True), True),
        ("m5.xlarge", InstallOptions(), True),
    ],
)
def test_an_install_asks_before_it_makes_anything(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, types: str, options: InstallOptions, goes_on: bool
) -> None:
    def reached(*_: object, **__: object) -> None:
        raise _Reached

    monkeypatch.setattr(install_module, "place", lambda root, config, display, headline: target)
    monkeypatch.setattr(install_module, "open_workbench", reached)
    monkeypatch.setattr(install_module, "plan", reached)
    with pytest.raises(_Reached if goes_on else HubError):
        install(tmp_path, config_with(types), options)


def test_what_failed_once_is_not_begun_again(session: boto3.Session) -> None:
    asked: list[int] = []

    def synth() -> list[Stack]:
        asked.append(1)
        raise HubError("the synth was interrupted", fix="run it again")

    context = Context(make_config(), Clients(session, "us-east-2"), stacks=synth)
    results = run_checks(context, [Check(name, lambda given: Answer(str(given.stacks()))) for name in ("one", "other")])
    assert [each.state for each in results] == ["unchecked", "unchecked"]
    assert asked == [1]
