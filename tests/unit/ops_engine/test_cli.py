"""The command line: what each verb says and ends with, and what it does not load."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.ops import cli
from modules.ops.workbench import only_one

#: The engine, its bindings and the emulator: seconds and hundreds of megabytes, none of it for a quick answer.
HEAVY = (
    *("cdktf", "cdktf_cdktf_provider_aws", "cdktf_cdktf_provider_kubernetes", "cdktf_cdktf_provider_helm", "constructs", "jsii"),
    *("kubernetes", "moto", "flask", "hcl2", "grpc", "google", "jsonschema", "kubernetes_validate", "celpy"),
)
KEYS = {"env", "command", "exit", "stacks", "add", "change", "replace", "destroy", "kept", "orphans", "seconds"}


@pytest.fixture
def repo(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one right env and one wrong one, as the command line's repository."""
    for name, text in {
        "envs/good/hub.yaml": (root / "envs/demo/hub.yaml").read_text(),
        "envs/bad/hub.yaml": "name: 7up\nregion: nowhere\nauth: {kind: github}\n",
        "envs/shared/base.yaml": (root / "envs/shared/base.yaml").read_text(),
        "helm/releases.yaml": (root / "helm/releases.yaml").read_text(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr("modules.ops.cli.parts.ROOT", tmp_path)
    monkeypatch.delenv("HUB_SCHEMAS", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 0, "Research computing hubs"),
        (["--help"], 0, "./install.sh demo"),
        (["install", "--help"], 0, "--plan"),
        (["cleanup", "--help"], 0, "--delete-data"),
        (["--version"], 0, "Hubsmith "),
        (["validate", "good"], 0, "envs/good/hub.yaml"),
        (["validate", "good", "--explain"], 0, "envs/good/hub.yaml:"),
        (["validate", "bad"], 1, "problems"),
        (["validate", "--all"], 1, "✔ envs/good/hub.yaml"),
        (["validate"], 1, "name one ENV, or say --all"),
        (["validate", "good", "--all"], 1, "name one ENV, or say --all"),
        (["validate", "goood"], 1, 'did you mean "good"?'),
        (["install"], 1, "Missing argument"),
        (["instal", "good"], 1, "instal"),
        (["install", "good", "--nope"], 1, "--nope"),
        (["install", "goood"], 1, 'there is no env "goood"; did you mean "good"? Envs: bad, good'),
        (["install", "bad"], 1, "problems"),
        (["cleanup", "zzz"], 1, 'there is no env "zzz" Envs: bad, good'),
        (["status", "good"], 0, "nothing is applied"),
        (["unlock", "good"], 0, "no state of good is locked"),
        (["unlock", "good", "--json"], 0, '"locks": []'),
        (["rehearsal", "status", "good"], 0, "not running"),
        (["rehearsal", "stop", "good"], 0, "was not running"),
        (["rehearsal", "dance", "good"], 1, "none of status, cluster, stop, reset"),
        (["secrets", "dance", "good"], 1, "none of list, set"),
        (["secrets", "set", "good"], 1, "say which secret"),
        (["secrets", "list", "good", "name"], 1, "list takes no NAME"),
        (["desktop", "--help"], 0, "./hub desktop connect dandi"),
        (["desktop"], 1, "Missing argument"),
        (["desktop", "dance", "good"], 1, "none of status, start, stop, connect"),
        (["desktop", "status", "goood"], 1, 'did you mean "good"?'),
        (["desktop", "status", "good", "--wait"], 1, "--wait says nothing to status"),
        (["desktop", "stop", "good", "--seats", "2"], 1, "--seats says nothing to stop"),
        (["desktop", "start", "good", "--seats", "two"], 1, "--seats"),
        (["desktop", "start", "good", "--seats", "0"], 1, "starts nothing"),
        (["desktop", "connect", "good", "--port", "0"], 1, "--port"),
        (["desktop", "connect", "good", "--yes"], 1, "--yes says nothing to connect"),
        (["roles", "--help"], 0, "./hub roles daft --check"),
        (["roles"], 1, "Missing argument"),
        (["roles", "goood"], 1, 'did you mean "good"?'),
        (["roles", "good"], 0, "the account was not looked at: the rehearsal of good does not run"),
        (["roles", "good", "--check"], 1, "./install.sh good"),
        (["preflight", "--help"], 0, "./hub preflight dandi --json"),
        (["preflight", "goood"], 1, 'did you mean "good"?'),
        (["shell", "--help"], 0, "./hub shell helio"),
        (["shell", "good"], 1, "good has no admin box"),
        (["install", "--help"], 0, "--skip-preflight"),
        (["schemas", "dance"], 1, "none of list, fetch"),
        (["schemas", "list"], 0, "its values go unchecked"),
        (["rehearsal", "cluster", "good"], 0, "not running"),
        (["rehearsal", "cluster", "good", "--json"], 0, '"summary": null'),
        (["eks-token", "good"], 1, "the rehearsal of good does not run"),
        (["upgrade", "good"], 1, "Missing option"),
        (["upgrade", "good", "--to", "latest", "--plan"], 1, '"latest" is no Kubernetes version'),
        (["upgrade", "good", "--to", "1.36"], 1, "the rehearsal of good does not run, so there is nothing to upgrade"),
        (["sleep", "--help"], 0, "./hub sleep dandi --dry-run"),
        (["sleep", "good"], 1, "the rehearsal of good does not run"),
        (["wake", "good", "--json"], 1, '"command": "wake"'),
        (["import-tfvars", "/nowhere"], 1, "cannot be read"),
        (["schema"], 0, '"properties"'),
    ],
)
def test_verbs(repo: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str) -> None:
    assert cli.main(arguments) == code
    said = capsys.readouterr()
    assert words in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert not (repo / ".hubsmith" / "rehearsal").exists(), "looking starts no emulator"


@pytest.mark.parametrize("arguments", [["install", "goood"], ["install", "bad", "--plan"], ["cleanup", "goood"], ["status", "bad"]])
def test_early_ends_still_end_with_the_object(repo: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert cli.main([*arguments, "--json"]) == 1
    said = capsys.readouterr()
    data = json.loads(said.out.splitlines()[-1])
    assert set(data) == KEYS | {"error"}
    assert data["env"] == arguments[1]
    assert data["command"] == ("plan" if "--plan" in arguments else arguments[0])
    assert data["error"] in said.err


def test_an_interrupt_before_terraform_still_ends_with_the_object(
    repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("modules.config.load.load_env", interrupted)
    assert cli.main(["install", "good", "--json"]) == 130
    said = capsys.readouterr()
    assert json.loads(said.out)["exit"] == 130
    assert "./install.sh good goes on" in said.err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_a_sentence(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(*_: object) -> int:
        raise OSError(number, os.strerror(number), "/somewhere/state")

    monkeypatch.setattr("modules.ops.install.install", full)
    assert cli.main(["install", "good", "--json"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("/somewhere/state: the disk is full\n  what to do  make room")
    assert json.loads(said.out)["exit"] == 1


def test_validate_for_machines(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "--all", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["exit"] == 1
    assert data["envs"]["good"]["problems"] == []
    assert {"file", "path", "line", "message"} == set(data["envs"]["bad"]["problems"][0])


def test_one_command_at_a_time_on_an_env(tmp_path: Path) -> None:
    with only_one(tmp_path, "demo", "./install.sh"):
        with pytest.raises(HubError, match=r"\./install\.sh \(process \d+\) works on demo"), only_one(tmp_path, "demo", "./cleanup.sh"):
            pytest.fail("two at once")
        with only_one(tmp_path, "other", "./install.sh"):
            pass
    with only_one(tmp_path, "demo", "./cleanup.sh"):
        pass


def loaded(root: Path, *arguments: str) -> set[str]:
    """The top-level modules a command has loaded when it ends."""
    code = (
        "import sys\nfrom modules.ops.cli import main\n"
        f"try: main({list(arguments)!r})\n"
        "except SystemExit: pass\n"
        "sys.stderr.write('LOADED ' + ' '.join(sorted(sys.modules)))"
    )
    environ = {**os.environ, "PYTHONPATH": str(root)}
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, env=environ, capture_output=True, text=True, timeout=60, check=True)
    return set(answer.stderr.rsplit("LOADED ", 1)[1].split())


@pytest.mark.parametrize(
    ("arguments", "also"),
    [
        (["--help"], ("boto3", "botocore", "pydantic", "yaml", "rich", "modules.rehearsal", "modules.ops.engine")),
        (["install", "--help"], ("boto3", "modules.config", "modules.ops.engine")),
        (["desktop", "--help"], ("boto3", "modules.config", "modules.ops.desktop")),
        (["validate", "--all"], ("boto3", "botocore", "modules.rehearsal", "modules.ops.engine", "modules.ops.target")),
        (["cleanup", "demo", "--dry-run"], ()),
    ],
)
def test_quick_answers_load_no_binding(root: Path, arguments: list[str], also: tuple[str, ...]) -> None:
    found = loaded(root, *arguments)
    assert "modules.ops.cli" in found
    assert not {name for name in found if name.split(".")[0] in HEAVY}
    assert not {name for name in also if name in found}
