"""Real Terraform beside an agent that writes by the API: a second plan is empty where Terraform ignores, and has the change where not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from modules.ops.tools import find_terraform
from modules.rehearsal.standin.reattach import reattach
from tests._support.terraform import run
from tests.unit.cluster.api_support import Served, served, served_process
from tests.unit.cluster.support import HOST, make_backend

__all__ = ["served", "served_process"]
pytestmark = pytest.mark.engine
LABELS = {"app.kubernetes.io/name": "dcv-seats"}
SIZE = {"cpu": "10m", "memory": "16Mi"}


def config_map(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "dcv"}, "data": {"display": "", "socket_mount_path": "/sockets"}, **more}


def seats() -> dict[str, Any]:
    container = {"name": "pause", "image": "registry.k8s.io/pause:3.10", "resources": {"limits": SIZE, "requests": SIZE}}
    template = {"metadata": {"labels": LABELS}, "spec": {"container": [container]}}
    return {
        "metadata": {"name": "dcv-seats", "namespace": "dcv"},
        "spec": {"replicas": "1", "selector": {"match_labels": LABELS}, "template": template},
        "lifecycle": {"ignore_changes": ["spec[0].replicas"]},
    }


STACK = {
    "terraform": {"required_providers": {"kubernetes": {"source": "hashicorp/kubernetes", "version": "2.38.0"}}},
    "provider": {"kubernetes": [{"host": HOST}]},
    "resource": {
        "kubernetes_config_map_v1": {
            "agent": config_map("dcv-agent-config-map", lifecycle={"ignore_changes": ["data"]}),
            "minded": config_map("minded"),
        },
        "kubernetes_deployment_v1": {"seats": seats()},
    },
}


def test_runtime_values_are_no_perpetual_difference(tmp_path: Path, served: Served) -> None:
    (tmp_path / "main.tf.json").write_text(json.dumps(STACK))
    program = str(find_terraform(tmp_path / "tools", os.environ).path)
    with reattach({"kubernetes": make_backend(served.worlds, patience=30)}) as where:
        environment = {**os.environ, "TF_REATTACH_PROVIDERS": where, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}

        def terraform(*words: str) -> tuple[int, str]:
            ended = run([program, *words, "-no-color"], tmp_path, environment)
            return ended.returncode, ended.stdout + ended.stderr

        assert terraform("init")[0] == 0
        assert terraform("apply", "-auto-approve")[0] == 0
        core, apps = client.CoreV1Api(served.client), client.AppsV1Api(served.client)
        written = {"data": {"display": ":0", "display.node-1": ":0"}}
        core.patch_namespaced_config_map("dcv-agent-config-map", "dcv", written)
        apps.patch_namespaced_deployment_scale("dcv-seats", "dcv", {"spec": {"replicas": 0}})
        assert terraform("plan", "-detailed-exitcode")[0] == 0

        core.patch_namespaced_config_map("minded", "dcv", written)
        code, said = terraform("plan", "-detailed-exitcode")
        assert (code, "1 to change" in said, "kubernetes_config_map_v1.minded will be updated" in said) == (2, True, True)
        assert terraform("apply", "-auto-approve")[0] == 0
        assert core.read_namespaced_config_map("minded", "dcv").data == {"display": "", "socket_mount_path": "/sockets"}
        assert core.read_namespaced_config_map("dcv-agent-config-map", "dcv").data["display.node-1"] == ":0"
        assert apps.read_namespaced_deployment("dcv-seats", "dcv").spec.replicas == 0
        assert terraform("destroy", "-auto-approve")[0] == 0
    assert core.list_namespaced_config_map("dcv").items == []
