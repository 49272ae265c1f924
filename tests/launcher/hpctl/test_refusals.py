"""What goes wrong between hpctl and a server: one sentence each, exit code 1, never a traceback or a token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from tests.launcher.hpctl.conftest import Run
from tests.launcher.hpctl.scripted import Scripted


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (404, {"error": 404, "details": "Process 'nginx' not found"}, "Process 'nginx' not found (404)\n  what to do  hpctl list"),
        (401, {"error": 401, "details": "who are you?"}, "HYDROPLANE_TOKEN"),
        (403, {"error": 403, "details": "it is Ada's"}, "it is Ada's (403)"),
        (409, {"error": 409, "details": "taken"}, "choose another name"),
        (429, {"error": 429, "details": "ten is all"}, "stop a process you no longer need"),
        (503, {"error": 503, "details": "later"}, "try again"),
        (422, {"detail": [{"loc": ["body", "container", "ports", 0], "msg": "no port"}]}, "container.ports.0: no port (422)"),
        (404, {"detail": "Not Found"}, "Not Found (404)"),
        (500, {"error": 500, "details": ""}, "answered 500, and nothing that explains it"),
        (502, "<html>Bad Gateway</html>", "is this the launcher's address?"),
        (302, "", "points elsewhere"),
        (200, "<html>hello</html>", "is this the launcher's address?"),
        (200, {"error": 0}, "did not answer with a list"),
        (0, "", "cannot reach"),
    ],
)
def test_a_refusal_is_a_sentence(run: Run, server: Scripted, code: int, body: Any, said: str) -> None:
    server.answers = [(code, body)]
    exit_code, printed, complaint = run("list")
    assert (exit_code, printed) == (1, "")
    assert complaint.startswith("hpctl: ")
    assert said in complaint
    assert "Traceback" not in complaint


def test_patience_that_the_server_names(run: Run, server: Scripted) -> None:
    server.answers, server.headers = [(503, {"error": 503, "details": "later"})], {"Retry-After": "7"}
    assert "try again in 7 s" in run("list")[2]


def test_json_gives_the_servers_own_body(run: Run, server: Scripted) -> None:
    body = {"error": 404, "details": "Process 'nginx' not found"}
    server.answers = [(404, body)]
    code, printed, _ = run("stop", "nginx", "--json")
    assert (code, json.loads(printed)) == (1, body)


def test_json_of_what_never_reached_a_server(run: Run) -> None:
    assert json.loads(run("stop", "--json")[1]) == {"error": None, "details": "name one process, or one group with -g"}


def test_nobody_listens(run: Run) -> None:
    code, _, complaint = run("list", "-s", "127.0.0.1:1")
    assert code == 1
    assert "cannot reach http://127.0.0.1:1" in complaint
    assert "is the server running" in complaint


def test_debug_shows_where_it_comes_from(run: Run) -> None:
    with pytest.raises(HubError):
        run("-d", "list", "-s", "127.0.0.1:1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2"),
        ("a: [", "line 1"),
        ("", "one mapping"),
        ("- a", "one mapping"),
        ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("a: 2022-01-01", "JSON could hold"),
    ],
)
def test_a_specification_that_cannot_be_read(run: Run, server: Scripted, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "spec.yml"
    path.write_text(text)
    code, _, complaint = run("start", str(path))
    assert (code, server.asked) == (1, [])
    assert said in complaint
    assert str(path) in complaint


def test_a_specification_that_is_not_there(run: Run) -> None:
    code, _, complaint = run("start", "nowhere.json")
    assert (code, complaint) == (
        1,
        "hpctl: there is no file nowhere.json\n  what to do  name the file of a process, or - for standard input\n",
    )


def test_a_specification_in_yaml(run: Run, server: Scripted, tmp_path: Path) -> None:
    path = tmp_path / "spec.yml"
    path.write_text("process_name: nginx\ncontainer:\n  image_uri: nginxdemos/hello\n  ports:\n    - container_port: 80\n")
    server.answers = [(201, None)]
    assert run("start", str(path))[0] == 0
    assert server.asked[0].body == {
        "process_name": "nginx",
        "container": {"image_uri": "nginxdemos/hello", "ports": [{"container_port": 80}]},
    }
