"""hpctl as a process: what it imports, pipes, and leaving."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launcher.hpctl.scripted import Scripted

HPCTL = [sys.executable, "-m", "modules.launcher.hpctl"]


def hpctl(*arguments: str, server: str = "", cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HYDROPLANE_SERVER": server}
    return subprocess.run([*HPCTL, *arguments], capture_output=True, text=True, env=environment, cwd=cwd, timeout=120)


def test_help_imports_nothing_slow(root: Path) -> None:
    done = subprocess.run([sys.executable, "-X", "importtime", *HPCTL[1:], "--help"], capture_output=True, text=True, cwd=root, timeout=120)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert "modules.launcher.hpctl.arguments" in imported
    assert not imported & {"httpx", "yaml", "pydantic", "fastapi", "kubernetes", "boto3", "cryptography"}


@pytest.mark.parametrize("verb", ["", "start", "stop", "list", "logs", "open", "wait"])
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    from modules.launcher.hpctl.cli import main

    with pytest.raises(SystemExit) as left:
        main([*filter(None, [verb]), "--help"])
    assert left.value.code == 0
    assert f"usage: {' '.join(filter(None, ['hpctl', verb]))} " in capsys.readouterr().out


def test_the_seeds_one_liner(server: Scripted, root: Path) -> None:
    """`hpctl list | jq -r ".[0].socket_addresses[0].host"`, with Python for jq."""
    address = {"host": "34.217.208.197", "port": 31491, "is_public": True}
    server.answers = [(200, [{"process_name": "nginx", "group": None, "socket_addresses": [address], "created": "x", "status": "RUNNING"}])]
    jq = "import json, sys; first = json.load(sys.stdin)[0]['socket_addresses'][0]; print(first['host'] + ':' + str(first['port']))"
    listed = hpctl("list", server=server.url.removeprefix("http://"), cwd=root)
    piped = subprocess.run([sys.executable, "-c", jq], input=listed.stdout, capture_output=True, text=True, timeout=120)
    assert piped.stdout == "34.217.208.197:31491\n"


def test_a_reader_that_leaves_early_is_no_error(server: Scripted, root: Path) -> None:
    server.answers = [(200, "line\n" * 100_000)]
    environment = {**os.environ, "HYDROPLANE_SERVER": server.url}
    with subprocess.Popen([*HPCTL, "logs", "nginx"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=root) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        complaint = process.stderr.read()
        assert (process.wait(120), complaint) == (0, b"")


def test_exit_code_of_a_refusal(server: Scripted, root: Path) -> None:
    server.answers = [(404, {"error": 404, "details": "Process 'x' not found"})]
    done = hpctl("stop", "x", server=server.url, cwd=root)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hpctl: Process 'x' not found (404)\n  what to do  hpctl list\n"
