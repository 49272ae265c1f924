"""Real Terraform over the stand-ins and this cluster: every kind goes up, plans to nothing, drifts, mends, and comes down in order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.ops.tools import find_terraform
from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.manifests import KINDS
from modules.rehearsal.cluster.worlds import Worlds
from modules.rehearsal.standin.reattach import reattach
from tests._support.terraform import run
from tests.unit.cluster.support import make_backend, needs_schemas

pytestmark = pytest.mark.engine
STACK = Path(__file__).parent / "stack.tf.json"
_CANARY, _ENCODED = "canary-77aa", "Y2FuYXJ5LTc3YWE="


class Bench:
    """Terraform in a folder of its own, its providers in this process."""

    def __init__(self, folder: Path, worlds: Worlds, environment: dict[str, str]) -> None:
        self.folder, self.worlds, self.environment = folder, worlds, environment
        self.program = str(find_terraform(folder / "tools", os.environ).path)

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run([self.program, *words, "-no-color"], self.folder, self.environment)

    def changes(self) -> dict[str, list[str]]:
        """Address to actions of everything the next apply would do."""
        planned = self("plan", "-out=plan", "-detailed-exitcode")
        assert planned.returncode in (0, 2), planned.stderr
        shown = json.loads(self("show", "-json", "plan").stdout)
        found = {each["address"]: each["change"]["actions"] for each in shown.get("resource_changes", [])}
        return {address: actions for address, actions in found.items() if actions != ["no-op"]}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The stack, initialised."""
    worlds = Worlds()
    shutil.copy(STACK, tmp_path / "main.tf.json")
    with reattach({"kubernetes": make_backend(worlds, patience=30), "helm": _helm(worlds)}) as where:
        made = Bench(tmp_path, worlds, {**os.environ, "TF_REATTACH_PROVIDERS": where, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"})
        assert made("init").returncode == 0
        yield made


def _helm(worlds: Worlds) -> ClusterBackend:
    backend = make_backend(worlds)
    backend.configure("helm", {"kubernetes": {"host": "https://abc.gr7.us-east-2.eks.amazonaws.com"}})
    return backend


def test_the_life_of_a_cluster(bench: Bench) -> None:
    up = bench("apply", "-auto-approve")
    assert up.returncode == 0, up.stderr
    assert {each["kind"] for each in _objects(bench)} >= {each.kind for each in KINDS.values()}
    assert bench.changes() == {}

    state = (bench.folder / "terraform.tfstate").read_text()
    shown = state + up.stdout + up.stderr + json.dumps(bench.worlds.dump())
    assert (_CANARY in shown, _ENCODED in shown) == (False, False)

    edits = [
        {"set": "DaemonSet/kube-system/device", "path": ["spec", "template", "spec", "containers", 0, "image"], "to": "other:1"},
        {"set": "ConfigMap/hub/code", "path": ["data", "configure.py"], "to": "exit()"},
        {"set": "NetworkPolicy/hub/web", "path": ["spec", "egress", 0, "ports", 0, "port"], "to": 8443},
        {"set": "StorageClass//gp2", "path": ["metadata", "annotations"], "to": {}},
        {"set": "HelmRelease/hub/hub", "path": ["version"], "to": "4.3.0"},
        {"remove": "Service/hub/proxy-public"},
    ]
    for edit in edits:
        assert bench.worlds.edit(edit) == {"edited": True}
    assert bench.changes() == {
        "helm_release.hub": ["update"],
        "kubernetes_annotations.gp2": ["update"],
        "kubernetes_config_map_v1.code": ["update"],
        "kubernetes_daemon_set_v1.device": ["update"],
        "kubernetes_network_policy_v1.web": ["update"],
        "kubernetes_service_v1.public": ["create"],
    }
    assert bench("apply", "plan").returncode == 0
    assert bench.changes() == {}

    bench.worlds.edit({"fail": "delete HelmRelease/kube-system/karpenter", "with": "uninstall: etcd is slow", "times": 1})
    first = bench("destroy", "-auto-approve")
    assert first.returncode == 1
    assert "uninstall: etcd is slow" in first.stderr
    last = bench("destroy", "-auto-approve")
    assert last.returncode == 0, last.stderr
    left = {each["kind"] for each in _objects(bench)}
    assert left == {"Namespace", "ServiceAccount", "StorageClass"}


@needs_schemas
def test_wrong_values_stop_a_plan_and_what_is_unchecked_is_said_once(bench: Bench) -> None:
    wrong = bench("plan", "-var", "every=often")
    assert wrong.returncode == 1
    assert "cull.every must be a whole number" in wrong.stderr
    up = bench("apply", "-auto-approve", "-target=helm_release.lb")
    assert up.returncode == 0, up.stderr
    assert up.stdout.count("aws-load-balancer-controller: its values go UNCHECKED") == 1
    assert "aws-load-balancer-controller: no schema of version 3.5.0 found" in bench.worlds.summary()["unchecked"]


def _objects(bench: Bench) -> list[dict[str, str]]:
    [world] = bench.worlds.dump().values()
    return list(world["objects"])
