"""./hub plan: which report is written where, what it ends with, and a plan without credentials."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from modules.config.load import list_envs, load_env
from modules.config.models import HubConfig
from modules.ops import cli
from modules.ops.install import InstallOptions
from modules.ops.plan import exit_code
from modules.ops.pull_request import command, offline
from modules.ops.pull_request.command import PlanOptions, plan_env
from modules.ops.pull_request.differences import differences
from modules.ops.pull_request.report import marker
from modules.ops.results import RunResult
from modules.ops.target import Target
from tests.unit.ops_plan.plans import PLANS, ROOT

Install = Callable[[Path, HubConfig, InstallOptions], int]


def copied(folder: Path) -> Path:
    """The repository's envs in a folder of their own."""
    shutil.copytree(ROOT / "envs", folder / "envs")
    for name in ("helm", "modules"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    shutil.copyfile(ROOT / "main.py", folder / "main.py")
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return copied(tmp_path / "checkout")


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, HubConfig, InstallOptions]]:
    """Every install that is asked for; each ends with the plan that replaces a file system."""
    asked = []

    def install(root: Path, config: HubConfig, options: InstallOptions) -> int:
        asked.append((root, config, options))
        result: RunResult = PLANS["efs-replaced"]
        target = Target({}, {}, boto3.Session(region_name="us-east-2"), "1", config.rehearsal, "account 1 in us-east-2")
        assert options.told is not None
        return options.told(result, target, exit_code(result))

    monkeypatch.setattr(command, "install", install)
    return asked


@pytest.mark.parametrize(("allow", "code"), [(False, 3), (True, 2)])
def test_lost_data_has_an_exit_code_of_its_own(repo: Path, plans: list[object], allow: bool, code: int) -> None:
    assert plan_env(repo, load_env(repo, "dandi"), PlanOptions(allow_loss=allow)) == code
    assert len(plans) == 1


def test_the_report_is_all_that_is_printed(
    repo: Path, plans: list[tuple[Path, HubConfig, InstallOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    plan_env(repo, load_env(repo, "dandi"), PlanOptions(markdown=True))
    printed = capsys.readouterr().out
    assert printed.startswith(marker("dandi"))
    assert "Account 1 in us-east-2." in printed
    assert "**Cost**: about $" in printed
    assert plans[0][2].quiet
    assert not plans[0][2].as_json


def test_a_report_in_a_file_leaves_the_screen_to_the_plan(
    repo: Path, tmp_path: Path, plans: list[tuple[Path, HubConfig, InstallOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    plan_env(repo, load_env(repo, "dandi"), PlanOptions(markdown=True, file=tmp_path / "report.md", as_json=True))
    assert (tmp_path / "report.md").read_text().startswith(marker("dandi"))
    assert capsys.readouterr().out == ""
    assert not plans[0][2].quiet


def test_cost_and_files_are_compared_with_a_base(repo: Path, tmp_path: Path, plans: list[object]) -> None:
    base = copied(tmp_path / "base")
    file = repo / "envs/demo/hub.yaml"
    file.write_text(file.read_text().replace("nat: single", "nat: per-az"))
    plan_env(repo, load_env(repo, "demo"), PlanOptions(markdown=True, file=tmp_path / "report.md", base=base))
    text = (tmp_path / "report.md").read_text()
    assert "- `network.nat`: `single` → `per-az`" in text
    assert "**Cost**: idle about $" in text
    assert "(+$" in text


@pytest.mark.parametrize("break_it", [lambda file: file.unlink(), lambda file: file.write_text("name: 7up\n")])
def test_a_base_that_cannot_be_read_is_compared_with_nothing(
    repo: Path, tmp_path: Path, plans: list[object], break_it: Callable[[Path], None]
) -> None:
    base = copied(tmp_path / "base")
    break_it(base / "envs/demo/hub.yaml")
    assert differences(base, repo, "demo") == []
    plan_env(repo, load_env(repo, "demo"), PlanOptions(markdown=True, file=tmp_path / "report.md", base=base))
    assert "**Cost**: about $" in (tmp_path / "report.md").read_text()


def test_many_differences_are_counted(repo: Path, tmp_path: Path) -> None:
    base = copied(tmp_path / "base")
    shutil.copyfile(base / "envs/demo/hub.yaml", base / "envs/dandi/hub.yaml")
    lines = differences(base, repo, "dandi")
    assert len(lines) == 41
    assert lines[-1].startswith("- and ")


@pytest.mark.parametrize("env", list_envs(ROOT))
def test_every_env_can_be_laid_out_without_its_account(repo: Path, env: str) -> None:
    before = load_env(repo, env)
    place = offline.lay_out(repo, env)
    after = load_env(offline.lay_out(repo, env), env)
    assert (after.rehearsal, after.aws.account, after.aws.profile) == (True, None, None)
    same = {"rehearsal", "aws"}
    assert after.model_dump(exclude=same) == before.model_dump(exclude=same)
    assert place.is_relative_to(repo / ".hubsmith" / env)
    assert load_env(repo, env) == before


def test_an_offline_plan_says_so_and_ends_its_emulator(
    repo: Path, tmp_path: Path, plans: list[tuple[Path, HubConfig, InstallOptions]], monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = []
    monkeypatch.setattr(offline, "prepare", lambda place, config: acts.append(("prepare", place)))
    monkeypatch.setattr(command, "end_rehearsal", lambda place, env: acts.append(("end", place)))
    options = PlanOptions(markdown=True, file=tmp_path / "report.md", without_account=True)
    assert plan_env(repo, load_env(repo, "dandi"), options) == 3
    place = plans[0][0]
    assert acts == [("prepare", place), ("end", place)]
    assert place != repo
    assert offline.NOTE in (tmp_path / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "bad", "--markdown"], "1 problem"),
        (["plan", "nobody", "--markdown"], 'there is no env "nobody"'),
    ],
)
def test_what_stands_in_the_way_of_a_plan_is_a_report_too(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    monkeypatch.setattr("modules.ops.cli.parts.ROOT", repo)
    (repo / "envs/bad").mkdir()
    (repo / "envs/bad/hub.yaml").write_text((repo / "envs/demo/hub.yaml").read_text().replace("nat: single", "nat: twice"))
    assert cli.main(arguments) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(marker(arguments[1]))
    assert words in printed


def test_markdown_and_json_do_not_share_a_screen(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plans: list[object]
) -> None:
    monkeypatch.setattr("modules.ops.cli.parts.ROOT", repo)
    assert cli.main(["plan", "demo", "--markdown", "--json"]) == 1
    said = capsys.readouterr()
    assert "--markdown and --json both write" in said.err
    assert json.loads(said.out)["exit"] == 1
    assert plans == []
