"""Whether notebooks fit a cluster: what images' names tell, and what a head says of itself."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.config.models import HubConfig
from modules.ops.ray import leave
from modules.ops.ray.change import Manner, down
from modules.ops.ray.check import check
from modules.ops.ray.images import compare
from modules.ops.ray.status import status
from tests.unit.ops_ray.conftest import ray_config
from tests.unit.ops_ray.fake_cluster import IMAGE, FakeCluster

ROOT = Path("/nowhere")
OWN = "1.dkr.ecr.us-west-2.amazonaws.com/daft"


@pytest.mark.parametrize(
    ("notebook", "cluster", "ray", "fits", "words"),
    [
        (f"{OWN}/ray:0.0.2", f"{OWN}/ray:0.0.2", "", True, "own image"),
        (f"{OWN}/notebook:0.0.9", f"{OWN}/ray:0.0.2", "2.60.0", None, "do not tell"),
        ("rayproject/ray:2.60.0-py311", "rayproject/ray:2.60.0-py311-cpu", "", True, "Ray 2.60.0"),
        ("rayproject/ray:2.59.0-py311", IMAGE, "", False, "Ray 2.59.0 in"),
        ("rayproject/ray:2.60.0-py312", IMAGE, "", False, "Python 312 in"),
        ("mirror.test/rayproject/ray-ml:2.46.0.1b2-py311-gpu", IMAGE, "", False, "Ray 2.46.0 in"),
        ("rayproject/ray:2.59.0-py311", f"{OWN}/ray:0.0.2", "2.60.0", False, "Ray 2.60.0 in"),
        ("rayproject/ray:2.60.0-py311", f"{OWN}/ray:0.0.2", "2.60.0", None, "do not tell"),
        ("rayproject/ray:nightly", IMAGE, "", None, "do not tell"),
    ],
)
def test_names_of_images(notebook: str, cluster: str, ray: str, fits: bool | None, words: str) -> None:
    found, why = compare(notebook, cluster, ray)
    assert found is fits
    assert words in why


@pytest.fixture
def config(install: Callable[[HubConfig], None], cluster: FakeCluster) -> HubConfig:
    """One static cluster, up, and its head's pod."""
    made = ray_config("default")
    install(made)
    cluster.add_static("default")
    cluster.add_head("default")
    return made


def answering(cluster: FakeCluster, status: int, answer: object) -> list[bytes]:
    """The next port-forward ends at a dashboard that gives this answer to one request; what it was asked is put into the list."""
    here, there = socket.socketpair()
    heard: list[bytes] = []
    text = json.dumps(answer).encode()

    def serve() -> None:
        with there:
            heard.append(there.recv(65536))
            there.sendall(b"HTTP/1.1 %d Yes\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text))

    threading.Thread(target=serve, daemon=True).start()
    cluster.dials.append(here)
    return heard


@pytest.mark.parametrize(("version", "code"), [("2.60.0", 0), ("2.59.0", 1)])
def test_a_head_says_its_version(
    config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], version: str, code: int
) -> None:
    heard = answering(cluster, 200, {"version": "4", "ray_version": version})
    assert check(ROOT, config, "", as_json=True) == code
    found = json.loads(capsys.readouterr().out)
    (told,) = [each for each in found["pairs"] if each["who"] == "the head"]
    assert (told["fits"], told["why"]) == (code == 0, f"it says Ray {version}, hub.yaml 2.60.0")
    assert heard[0].startswith(b"GET /api/version HTTP/1.1\r\n")
    assert b"Authorization: Bearer canary-token\r\n" in heard[0]


@pytest.mark.parametrize(("status_", "words"), [(403, "does not take this cluster's token"), (500, "it answered 500")])
def test_a_head_that_does_not_say(
    config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str], status_: int, words: str
) -> None:
    answering(cluster, status_, {})
    assert check(ROOT, config, "", as_json=False) == 0, "what nobody can tell is no misfit"
    text = capsys.readouterr().out
    assert words in text
    assert "canary-token" not in text


def test_what_does_not_fit_is_in_the_status_too(config: HubConfig, cluster: FakeCluster, capsys: pytest.CaptureFixture[str]) -> None:
    cluster.add_static("default", image="rayproject/ray:2.59.0-py311")
    labels = {"app": "jupyterhub", "component": "singleuser-server"}
    cluster.add_pod("jupyter-ada", config.hub.namespace, labels, image=IMAGE)
    assert status(ROOT, config, "", as_json=False) == 0
    text = capsys.readouterr().out
    assert f"it runs rayproject/ray:2.59.0-py311, hub.yaml says {IMAGE}: ./install.sh lab changes it" in text
    assert "notebook jupyter-ada does not fit: Ray 2.60.0 in" in text
    assert check(ROOT, config, "", as_json=False) == 1


@pytest.mark.parametrize(
    ("jobs", "ends"),
    [
        ([], True),
        ([{"status": "SUCCEEDED", "submission_id": "raysubmit_1", "job_id": "01000000"}], True),
        ([{"status": "RUNNING", "submission_id": None, "job_id": "02000000", "type": "DRIVER"}], False),
    ],
)
def test_down_asks_only_when_something_runs(
    config: HubConfig, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, jobs: list[dict[str, object]], ends: bool
) -> None:
    answering(cluster, 200, jobs)
    asked: list[str] = []
    monkeypatch.setattr(leave, "ask", lambda question: asked.append(question) or "lab")
    assert down(ROOT, config, "", Manner(wait=False)) == 0
    assert cluster.size("default", "head") == 0
    assert bool(asked) is not ends
    assert all("on default runs: 02000000 (no notebook runs now)" in each for each in asked)
