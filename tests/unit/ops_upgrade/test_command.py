"""./hub upgrade as a person types it, on stand-ins: what it prints, writes and ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.target import Target
from modules.ops.upgrade import command
from modules.ops.upgrade.command import UpgradeOptions, upgrade
from tests._support.emulator import Emulator
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_upgrade.lab import Lab, LabHands, build

ENV = 'name: lab\nregion: {region}\n\ncluster:\n  # ours\n  version: "{version}"\n'


@pytest.fixture
def lab(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """An env whose account and cluster are the stand-ins', and whose Terraform is LabHands'."""
    return installed(build(tmp_path, emulator), monkeypatch)


def installed(made: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Everything the command finds, found in the lab."""
    target = Target({}, {}, made.session, "123456789012", False, "account in the emulator")

    def hands(config: HubConfig, gatherer: Any, updates: Any, version: str, bench: Any) -> LabHands:
        return LabHands(config, gatherer, updates, version, bench, lab=made)

    def loaded(root: Path, env: str, **_: Any) -> HubConfig:
        version = (root / "envs/lab/hub.yaml").read_text().partition('version: "')[2][:4]
        return made.config.model_copy(update={"cluster": made.config.cluster.model_copy(update={"version": version})})

    monkeypatch.setattr(command, "resolve_target", lambda root, config: target)
    monkeypatch.setattr(command, "EnvHands", hands)
    monkeypatch.setattr(command, "load_env", loaded)
    monkeypatch.setattr("modules.ops.cluster_api.open_cluster", lambda root, config, target: made.gatherer().api)
    return made


def run(lab: Lab, to: str = "1.36", says: str = "1.36", **options: Any) -> int:
    (lab.root / "envs/lab/hub.yaml").write_text(ENV.format(region=lab.config.region, version=says))
    config = lab.config.model_copy(update={"cluster": lab.config.cluster.model_copy(update={"version": says})})
    return upgrade(lab.root, config, UpgradeOptions(to, **{"wait": 0, "yes": True, **options}), pause=0)


def test_a_plan_is_a_table_and_changes_nothing(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    before = lab.versions()
    assert run(lab, plan_only=True) == 0
    said = capsys.readouterr().out
    assert "lab: EKS 1.35 → 1.36 can be done" in said
    for piece in ("step", "what users notice", "control plane", "8-20", "node group lab-user", "by rule of thumb"):
        assert piece in said
    assert lab.versions() == before


@pytest.mark.parametrize(
    ("plan_only", "to", "says", "code", "words"),
    [
        (True, "1.34", "1.35", 1, "✖ refused  the cluster runs 1.35; 1.34 is older"),
        (False, "1.36", "1.35", 2, '! needs    cluster.version is "1.35" in envs/lab/hub.yaml line 6'),
        (False, "1.35", "1.35", 0, "everything is at 1.35"),
    ],
)
def test_what_is_not_done(lab: Lab, capsys: pytest.CaptureFixture[str], to: str, says: str, code: int, words: str, plan_only: bool) -> None:
    before = lab.versions()
    assert run(lab, to, says, plan_only=plan_only) == code
    assert words in capsys.readouterr().out
    assert lab.versions() == before


def test_json_is_one_object(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lab, plan_only=True, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert {key: found[key] for key in ("env", "command", "exit", "from", "to")} == {
        "env": "lab",
        "command": "upgrade",
        "exit": 0,
        "from": "1.35",
        "to": "1.36",
    }
    assert [step["kind"] for step in found["rounds"][0]["steps"]] == ["control-plane", "addon", "core", "group", "pools"]


def test_write_changes_the_line_and_goes_on(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lab, says="1.35", write=True) == 0
    assert (lab.root / "envs/lab/hub.yaml").read_text() == ENV.format(region=lab.config.region, version="1.36")
    assert lab.versions()["cluster"] == "1.36"
    assert "is on EKS 1.36" in capsys.readouterr().out


def test_a_plan_writes_nothing(lab: Lab) -> None:
    assert run(lab, says="1.35", write=True, plan_only=True) == 2
    assert '"1.35"' in (lab.root / "envs/lab/hub.yaml").read_text()


def test_nobody_agrees(lab: Lab) -> None:
    with pytest.raises(HubError, match="nobody agreed"):
        run(lab, yes=False)
    assert lab.versions()["cluster"] == "1.35"


def test_waiting_is_exit_2_and_says_how_to_go_on(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.add_server("ada", "user-1")
    assert run(lab) == 2
    said = capsys.readouterr().out
    assert "node group lab-user: 1 server running (ada)" in said
    assert "./hub upgrade lab --to 1.36 goes on where this ended" in said
    lab.end_server("ada")
    assert run(lab) == 0
    assert "an upgrade to 1.36 began on" in capsys.readouterr().out


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (HubError("EKS refused", fix="mend it"), 1)])
def test_a_step_that_ends_early(lab: Lab, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int) -> None:
    def fails(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(LabHands, "apply", fails)
    with pytest.raises(HubError, match=r"interrupted|EKS refused") as ended:
        run(lab)
    assert ended.value.exit_code == code
    assert "goes on where this ended" in str(ended.value)


def test_two_minors_are_two_runs(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = installed(build(tmp_path, emulator, "1.34"), monkeypatch)
    assert run(lab, says="1.35") == 2
    assert "1 round left to 1.36: ./hub upgrade lab --to 1.36" in capsys.readouterr().out
    assert lab.versions()["lab-user"] == "1.35"
    assert run(lab, says="1.35", write=True) == 0
    assert {each for name, each in lab.versions().items() if name.startswith(("cluster", "lab-"))} == {"1.36"}


@pytest.mark.parametrize(
    ("text", "words"), [("latest", "no Kubernetes version"), ("1.36.2", "no Kubernetes version"), ("1.36", "does not run")]
)
def test_before_anything_is_asked(tmp_path: Path, text: str, words: str) -> None:
    """A version that is none, and a rehearsal that does not run: looking starts none."""
    with pytest.raises(HubError, match=words):
        upgrade(tmp_path, make_config(aws={}, rehearsal=True), UpgradeOptions(text))
    assert list(tmp_path.iterdir()) == []
