"""`hydroplane`: what it says when it cannot start."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modules.launcher import aws, server
from modules.launcher.protocols import Principal

SETTINGS = """\
secret_store:
  secret_store_type: none
runtime:
  runtime_type: eks
  credentials: {ambient: true}
  cluster_name: hydro-eks
  region: us-west-2
"""


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A settings file that is good."""
    path = tmp_path / "eks.yml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster is not what these rows are about."""
    connected: Any = object()
    monkeypatch.setattr(aws, "connect", lambda *_: connected)
    monkeypatch.delenv("LOG_LEVEL", raising=False)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-c", "nowhere.yml"], "nowhere.yml"),
        (["-c", "CONF"], "auth"),
        (["-c", "CONF", "--open", "-H", "0.0.0.0"], "--open"),
        (["-c", "CONF", "--open", "-p", "TAKEN"], "cannot listen on 127.0.0.1:"),
        (["-c", "CONF", "--open", "-H", "203.0.113.9"], ""),
    ],
)
def test_one_sentence(arguments: list[str], text: str, conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        known = {"CONF": str(conf), "TAKEN": str(taken.getsockname()[1])}
        assert server.main([known.get(each, each) for each in arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith("hydroplane: ")
    assert text in said
    assert "Traceback" not in said


def test_a_log_level_that_is_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    assert server.main([]) == 1
    assert 'LOG_LEVEL is "loud"' in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "web"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        server.main(["-p", port])
    assert left.value.code == 2
    assert "is no port" in capsys.readouterr().err


def test_help_needs_none_of_the_heavy_packages() -> None:
    program = "import sys; from modules.launcher import server; server._parser({}); sys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"kubernetes", "boto3", "fastapi", "uvicorn", "pydantic"} & set(loaded) == set()


def test_who_may_do_all_is_the_default() -> None:
    assert Principal("ann").scopes == {"processes:read", "processes:write"}
