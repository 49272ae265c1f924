"""A scripted server, and hpctl in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest

from modules.launcher.hpctl.cli import main
from tests.launcher.hpctl.scripted import Scripted, serve

#: A command line to (exit code, standard output, standard error).
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with serve() as script:
        yield script


@pytest.fixture
def run(server: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """hpctl, with the scripted server as HYDROPLANE_SERVER and no token but a test's own."""
    for name in ("HYDROPLANE_TOKEN", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HYDROPLANE_SERVER", server.url)

    def typed(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed
