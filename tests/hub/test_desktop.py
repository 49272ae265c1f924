"""A notebook on a desktop: its pod has the screen beside all that other profiles have, and the next server has nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.pod_security import ENFORCE
from modules.rehearsal.verdicts.schemas import Schemas
from modules.rehearsal.verdicts.tally import Tally
from tests._support.evidence import Evidence
from tests._support.processes import wait_until
from tests.hub.support import worlds
from tests.hub.support.browser import spawn
from tests.hub.support.worlds import World

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_REAL = "real JupyterHub and KubeSpawner, in a browser"
_ENV = """
name: desk
region: us-east-2
rehearsal: true
insecure: true
network: {}
cluster: {version: "1.35"}
pools:
  default: {families: [m5], sizes: [xlarge]}
  desktop: {purpose: desktop, families: [g4dn], sizes: [xlarge], gpu: nvidia, hop_limit: 2}
storage: {efs: {trees: {shared: read-write}}}
auth: {kind: dummy, admins: [ada]}
hub:
  images: {base: {repo: quay.io/jupyter/base-notebook, tag: "2026-10-05", default: true}}
  profiles:
    - {name: Plain, default: true, cpu: [1, 2], memory: [4G, 8G], pool: default}
    - {name: Desk, cpu: [0.5, 1], memory: [1G, 2G], pool: desktop, desktop: true, environment: {COURSE: "1"}}
desktop: {image: "lab/dcv:1", cidrs: [198.51.100.0/24], pool: desktop, cpu: 2, memory: 8G}
"""
_PLAIN_MOUNTS = {
    "/home/jovyan": ("home", "ada", False),
    "/dev/shm": ("shm", None, False),
    "/shared": ("tree-shared", None, False),
}
_SCREEN_MOUNTS = {"/tmp/.X11-unix": ("desktop", "sockets", True), "/run/desktop": ("desktop", "auth", True)}


@pytest.fixture(scope="module")
def desk(versions: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub with one profile on a desktop and one without."""
    folder = tmp_path_factory.mktemp(f"desk-{versions}")
    (folder / "envs" / "desk").mkdir(parents=True)
    (folder / "envs" / "desk" / "hub.yaml").write_text(_ENV)
    world = worlds.build("desk", versions, folder, root=folder)
    world.hub.wait()
    yield world
    world.close()


def test_a_notebook_gets_the_desktops_screen_and_loses_nothing(desk: World, page: Page, evidence: Evidence) -> None:
    _enter(desk, page, "ada")
    page.goto(f"{desk.url}/hub/spawn")
    expect(page.get_by_text("windows open on the node's desktop")).to_be_visible()
    spawn(page, desk.url, "ada", "desk")
    pod = _pod(desk, "ada")
    assert _mounts(pod) == _PLAIN_MOUNTS | _SCREEN_MOUNTS
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["desktop"]["persistentVolumeClaim"] == {"claimName": "desktop", "readOnly": True}
    assert set(volumes) == {"home", "shm", "tree-shared", "desktop"}
    given = _environment(pod)
    assert {name: given.get(name) for name in ("DISPLAY", "XAUTHORITY", "COURSE")} == {
        "DISPLAY": ":0",
        "XAUTHORITY": "/run/desktop/default-session.xauth",
        "COURSE": "1",
    }
    assert pod["spec"]["nodeSelector"] == {"hubsmith.io/pool": "desktop"}
    (term,) = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert [each["key"] for each in term["matchExpressions"]] == ["usage"]
    assert {each["key"] for each in pod["spec"]["tolerations"]} == {"usage", "nvidia.com/gpu"}
    evidence.record("spawn: a notebook on a desktop has its screen, its cookie, and its own home and trees", "exercised", _REAL)


def test_its_pod_is_let_into_a_restricted_namespace(desk: World, page: Page, evidence: Evidence) -> None:
    _enter(desk, page, "grace")
    spawn(page, desk.url, "grace", "desk")
    pod = _pod(desk, "grace")
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod["metadata"]["name"], "namespace": "hub"}, "spec": pod["spec"]}
    judge, restricted = Judge(Schemas(())), {"hub": {ENFORCE: "restricted"}}
    assert judge.manifest(manifest, Tally(), namespaces=restricted) == []
    # The folder itself in the pod, as the seed's sample had it, would not be.
    spoilt = {**manifest, "spec": {**pod["spec"], "volumes": [*pod["spec"]["volumes"], {"name": "x", "hostPath": {"path": "/var/addf"}}]}}
    assert [each for each in judge.manifest(spoilt, Tally(), namespaces=restricted) if "hostPath" in each.summary]
    evidence.record("spawn: a notebook on a desktop passes pod security `restricted`", "exercised", "KubeSpawner's own pod, judged")


def test_the_next_server_has_nothing_of_the_desktop(desk: World, page: Page, evidence: Evidence) -> None:
    _enter(desk, page, "mary")
    spawn(page, desk.url, "mary", "desk")
    _stop(desk, page)
    spawn(page, desk.url, "mary", "plain")
    pod = _pod(desk, "mary")
    assert _mounts(pod) == _PLAIN_MOUNTS | {"/home/jovyan": ("home", "mary", False)}
    assert "desktop" not in {volume["name"] for volume in pod["spec"]["volumes"]}
    assert not {"DISPLAY", "XAUTHORITY"} & set(_environment(pod))
    assert pod["spec"]["nodeSelector"] == {"hubsmith.io/pool": "default"}
    evidence.record("spawn: a server after one on a desktop keeps nothing of it", "exercised", _REAL)


def _enter(world: World, page: Page, user: str) -> None:
    page.goto(f"{world.url}/hub/login")
    page.locator("input[name='username']").fill(user)
    page.locator("input[name='password']").fill("anything")
    page.locator("input[type='submit'], button[type='submit']").first.click()
    page.wait_for_load_state()


def _stop(world: World, page: Page) -> None:
    there = len(world.hub.cluster.pods())
    # The button does nothing until the page's scripts, which come after it, have all been fetched.
    page.goto(f"{world.url}/hub/home", wait_until="networkidle")
    page.locator("#stop").click()
    wait_until(lambda: len(world.hub.cluster.pods()) < there, "the server to stop", seconds=30)


def _pod(world: World, user: str) -> dict[str, Any]:
    (pod,) = [pod for pod in world.hub.cluster.pods() if pod["metadata"]["annotations"]["hub.jupyter.org/username"] == user]
    return pod


def _container(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["spec"]["containers"]
    return dict(container)


def _mounts(pod: dict[str, Any]) -> dict[str, tuple[str, str | None, bool]]:
    mounts = _container(pod)["volumeMounts"]
    found = {each["mountPath"]: (each["name"], each.get("subPath"), each.get("readOnly", False)) for each in mounts}
    assert len(found) == len(mounts), "a path is mounted twice"
    return found


def _environment(pod: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each.get("value") for each in _container(pod)["env"]}
