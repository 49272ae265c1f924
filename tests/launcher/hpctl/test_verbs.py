"""Each verb: what it asks the server, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.launcher.hpctl.conftest import Run
from tests.launcher.hpctl.scripted import Asked, Scripted

SPEC = {"process_name": "nginx", "container": {"image_uri": "nginxdemos/hello"}}


def info(name: str = "nginx", status: str = "RUNNING", **more: Any) -> dict[str, Any]:
    """A process as our server lists it."""
    address = {"host": "34.217.208.197", "port": 31491, "is_public": True}
    found = {"process_name": name, "group": None, "socket_addresses": [address], "created": "2022-12-01T22:40:33+00:00"}
    return {**found, "status": status, "reason": None, "owner": "ada", "expires": None, **more}


#: As the seed prints it.
SEED = """[
  {
    "process_name": "nginx",
    "group": null,
    "socket_addresses": [
      {
        "host": "34.217.208.197",
        "port": 31491,
        "is_public": true
      }
    ],
    "created": "2022-12-01T22:40:33+00:00"
  }
]
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "nginx.json"
    path.write_text(json.dumps(SPEC))
    return str(path)


@pytest.mark.parametrize(
    ("typed", "method", "path"),
    [
        (["list"], "GET", "/process"),
        (["list", "-g", "chat"], "GET", "/group/chat"),
        (["-g", "chat", "list"], "GET", "/group/chat"),
        (["list", "--group=chat"], "GET", "/group/chat"),
        (["list", "--group_name", "chat"], "GET", "/group/chat"),
        (["--json", "list"], "GET", "/process"),
        (["list", "-g", "a/b c"], "GET", "/group/a%2Fb%20c"),
        (["stop", "nginx"], "DELETE", "/process/nginx"),
        (["stop", "../group/chat"], "DELETE", "/process/..%2Fgroup%2Fchat"),
        (["stop", "-g", "chat"], "DELETE", "/group/chat"),
        (["stop", "chat", "-g"], "DELETE", "/group/chat"),
        (["stop", "chat", "--group"], "DELETE", "/group/chat"),
        (["-g", "chat", "stop"], "DELETE", "/group/chat"),
        (["logs", "nginx"], "GET", "/process/nginx/logs"),
        (["logs", "nginx", "-n", "5"], "GET", "/process/nginx/logs?tail=5"),
        (["logs", "nginx", "-p"], "GET", "/process/nginx/logs?previous=true"),
        (["logs", "--tail", "5", "nginx"], "GET", "/process/nginx/logs?tail=5"),
    ],
    ids=" ".join,
)
def test_what_is_asked(run: Run, server: Scripted, typed: list[str], method: str, path: str) -> None:
    code, _, complaint = run(*typed)
    assert (code, complaint) == (0, "")
    assert server.asked == [Asked(method, path, "", None)]


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        (["stop"], "hpctl stop NAME"),
        (["stop", "-g"], "hpctl stop NAME"),
        (["stop", "a", "-g", "b"], "hpctl stop NAME"),
        (["wait"], "hpctl wait NAME"),
        (["wait", "a", "-g", "b"], "hpctl wait NAME"),
        (["logs", "-g", "b", "a"], "--help"),
        (["-g", "b", "open", "a"], "hpctl open NAME"),
        (["logs", "a", "-n", "0"], "--help"),
        (["list", "everything"], "--help"),
        (["begin"], "--help"),
        ([], "--help"),
    ],
    ids=" ".join,
)
def test_what_nobody_can_read_is_a_sentence_and_asks_nothing(run: Run, server: Scripted, typed: list[str], fix: str) -> None:
    code, printed, complaint = run(*typed)
    assert (code, printed, server.asked) == (1, "", [])
    assert complaint.startswith("hpctl: ")
    assert fix in complaint


def test_a_list_in_a_pipe_has_the_seeds_bytes(run: Run, server: Scripted) -> None:
    server.answers = [(200, [info()])]
    assert run("list") == (0, SEED, "")


def test_an_empty_list_in_a_pipe_is_the_seeds(run: Run) -> None:
    assert run("list") == (0, "[]\n", "")


def test_json_is_all_that_the_server_says(run: Run, server: Scripted) -> None:
    server.answers = [(200, [info()])]
    assert json.loads(run("list", "--json")[1]) == [info()]


def test_a_table_for_people(run: Run, server: Scripted) -> None:
    private = {"host": "172.20.1.2", "port": 6000, "is_public": False}
    bob = info("bob", "FAILED", group="chat", socket_addresses=[private], reason="pull\x1b[31m failed\nagain")
    server.answers = [(200, [info(), bob])]
    lines = run("list", "--table")[1].splitlines()
    assert [line.split() for line in lines] == [
        ["NAME", "GROUP", "STATUS", "ADDRESS", "CREATED", "REASON"],
        ["nginx", "RUNNING", "34.217.208.197:31491", "2022-12-01", "22:40"],
        ["bob", "chat", "FAILED", "172.20.1.2:6000", "(private)", "2022-12-01", "22:40", "pull", "[31m", "failed", "again"],
    ]


def test_an_empty_table_says_so(run: Run) -> None:
    assert run("list", "--table")[1] == "no processes\n"


@pytest.mark.parametrize("typed", [["start", "FILE"], ["start", "-"], ["-s", "URL", "start", "FILE"]], ids=" ".join)
def test_start_sends_the_specification_and_prints_nothing(run: Run, server: Scripted, spec: str, typed: list[str]) -> None:
    server.answers = [(201, None)]
    words = [{"FILE": spec, "URL": server.url.removeprefix("http://")}.get(each, each) for each in typed]
    assert run(*words, stdin=json.dumps(SPEC)) == (0, "", "")
    assert server.asked == [Asked("POST", "/process", "", SPEC)]


def test_start_into_a_group(run: Run, server: Scripted, spec: str) -> None:
    server.answers = [(201, None)]
    assert run("start", spec, "-g", "web")[0] == 0
    assert server.asked[0].body == {**SPEC, "group": "web"}


def test_start_and_wait_shows_the_process(run: Run, server: Scripted, spec: str) -> None:
    server.answers = [(201, None), (200, [info()])]
    assert run("start", spec, "--wait") == (0, SEED, "")


def test_wait_for_a_group(run: Run, server: Scripted) -> None:
    server.answers = [(200, [info("a"), info("b")])]
    assert run("wait", "-g", "chat") == (0, "", "")
    assert server.asked[0].path == "/group/chat"


def test_logs_are_text(run: Run, server: Scripted) -> None:
    server.answers = [(200, "one\ntwo\n")]
    assert run("logs", "nginx") == (0, "one\ntwo\n", "")
    assert json.loads(run("logs", "nginx", "--json")[1]) == {"process_name": "nginx", "logs": "one\ntwo\n"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser was asked to show."""
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    return shown


PRIVATE, V6 = {"host": "172.20.1.2", "port": 80, "is_public": False}, {"host": "2001:db8::1", "port": 30001, "is_public": True}


@pytest.mark.parametrize(
    ("addresses", "url"),
    [
        ([V6], "http://[2001:db8::1]:30001"),
        ([PRIVATE, V6], "http://[2001:db8::1]:30001"),
        ([PRIVATE], "http://172.20.1.2:80"),
    ],
)
def test_open(run: Run, server: Scripted, opened: list[str], addresses: list[dict[str, Any]], url: str) -> None:
    server.answers = [(200, [info(socket_addresses=addresses)])]
    assert run("open", "nginx") == (0, f"{url}\n", "")
    assert opened == [url]


@pytest.mark.parametrize("flag", ["--print", "--json"])
def test_open_without_a_browser(run: Run, server: Scripted, opened: list[str], flag: str) -> None:
    server.answers = [(200, [info()])]
    assert "http://34.217.208.197:31491" in run("open", "nginx", flag)[1]
    assert opened == []


@pytest.mark.parametrize(
    ("processes", "said"),
    [
        ([], 'there is no process "nginx"'),
        ([info(socket_addresses=[], status="STARTING")], "has no address: STARTING"),
        ([info(socket_addresses=[], status="UNREACHABLE", reason="its node has no public address")], "its node has no public address"),
    ],
)
def test_nothing_to_open(run: Run, server: Scripted, opened: list[str], processes: list[dict[str, Any]], said: str) -> None:
    server.answers = [(200, processes)]
    code, _, complaint = run("open", "nginx")
    assert (code, opened) == (1, [])
    assert said in complaint
