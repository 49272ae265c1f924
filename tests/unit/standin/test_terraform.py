"""Real Terraform with the stand-ins, both ways: as plugins it starts itself, and inside the test's process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.ops import tools
from modules.rehearsal.standin.listener import Listener
from modules.rehearsal.standin.mirror import write_mirror
from modules.rehearsal.standin.reattach import reattach
from tests._support import terraform
from tests._support.memory_cluster import MemoryCluster
from tests._support.processes import wait_until

pytestmark = pytest.mark.engine
DOCUMENT = Path(__file__).with_name("stack.tf.json")
CANARY = "canary-1"
_SECRET, _CLAIM = "kubernetes_secret_v1.hub", "kubernetes_persistent_volume_claim_v1.homes"


class Stack:
    """The document in a folder of its own, and Terraform in it. seconds: what the last command took."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder / "stack"
        self.folder.mkdir()
        shutil.copy(DOCUMENT, self.folder / "main.tf.json")
        self.program = str(tools.find_terraform(folder / "tools", os.environ).path)
        self.environment = {**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", **environment}
        self.seconds = 0.0

    def run(self, *arguments: str, expect: int = 0) -> str:
        started = time.monotonic()
        ended = terraform.run([self.program, *arguments, "-no-color"], self.folder, self.environment)
        self.seconds = time.monotonic() - started
        said = ended.stdout + ended.stderr
        assert ended.returncode == expect, f"terraform {' '.join(arguments)}: {ended.returncode}\n{said}"
        return said

    def changes(self, *arguments: str) -> dict[str, list[str]]:
        """Address to actions of what a plan would change."""
        self.run("plan", "-out=plan", *arguments)
        shown = json.loads(terraform.run([self.program, "show", "-json", "plan"], self.folder, self.environment).stdout)
        changes = {each["address"]: each["change"]["actions"] for each in shown["resource_changes"]}
        return {address: actions for address, actions in changes.items() if actions != ["no-op"]}


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster()


@pytest.fixture(params=["plugin", "in process"])
def stack(request: pytest.FixtureRequest, tmp_path: Path, cluster: MemoryCluster) -> Iterator[Stack]:
    if request.param == "plugin":
        listener = Listener(lambda _folder: cluster)
        yield Stack(tmp_path, {"TF_CLI_CONFIG_FILE": str(_config(tmp_path, write_mirror(tmp_path / "mirror", listener.port)))})
        listener.close()
    else:
        with reattach({"kubernetes": cluster, "helm": cluster}) as providers:
            yield Stack(tmp_path, {"TF_REATTACH_PROVIDERS": providers, "TF_CLI_CONFIG_FILE": os.devnull})


def _config(folder: Path, mirror: Path) -> Path:
    path = folder / "cli.tfrc"
    path.write_text(f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    return path


def test_a_life_of_a_stack(stack: Stack, cluster: MemoryCluster) -> None:
    stack.run("init")
    stack.run("validate")
    stack.run("apply", "-auto-approve")
    stack.run("plan", "-detailed-exitcode")
    assert cluster.secrets == {"hub/credentials": {"client-secret": CANARY}}
    assert {name for name, _ in cluster.configured} == {"kubernetes", "helm"}

    _drift(cluster)
    assert stack.changes() == {
        "kubernetes_daemon_set_v1.logs": ["update"],
        "kubernetes_service_v1.hub": ["create"],
        "helm_release.hub": ["update"],
    }
    stack.run("apply", "-auto-approve")
    stack.run("plan", "-detailed-exitcode")

    # A value alone is no change: nobody could tell, since it is kept nowhere.
    stack.run("plan", "-detailed-exitcode", "-var", "token=canary-2")
    assert stack.changes("-var", "claim=other", "-var", "revision=2", "-var", "token=canary-2") == {
        _CLAIM: ["delete", "create"],
        _SECRET: ["update"],
    }
    stack.run("apply", "-auto-approve", "-var", "claim=other", "-var", "revision=2", "-var", "token=canary-2")
    assert cluster.secrets == {"hub/credentials": {"client-secret": "canary-2"}}

    stack.run("destroy", "-auto-approve")
    assert cluster.objects == {}
    deleted = [each.split()[1] for each in cluster.log if each.startswith("delete")]
    assert deleted[-1] == "kubernetes_namespace_v1/hub", "what lives in a namespace goes before it"
    kept = b"".join(path.read_bytes() for path in stack.folder.glob("*") if path.is_file() and path.name != "main.tf.json")
    assert b"canary" not in kept, "no state and no plan holds a write-only value"


def _drift(cluster: MemoryCluster) -> None:
    """Somebody changes an image, deletes a Service and upgrades a release by hand."""
    pods = cluster.objects["kubernetes_daemon_set_v1", "hub/logs"]["spec"][0]["template"][0]["spec"][0]
    pods["container"][0]["image"] = "somebody/else:1"
    del cluster.objects["kubernetes_service_v1", "hub/hub"]
    cluster.objects["helm_release", "hub/jupyterhub"]["version"] = "4.3.0"


def test_a_refusal_is_told_and_the_next_apply_goes_on(stack: Stack, cluster: MemoryCluster) -> None:
    stack.run("init")
    cluster.refuse["create helm_release"] = "cannot re-use a name that is still in use"
    said = stack.run("apply", "-auto-approve", expect=1)
    assert "Error: cannot re-use a name that is still in use" in said
    assert "with helm_release.hub" in said
    cluster.refuse.clear()
    assert stack.changes() == {"helm_release.hub": ["create"]}
    cluster.refuse["delete helm_release"] = "the release is stuck"
    stack.run("apply", "plan")
    assert "Error: the release is stuck" in stack.run("destroy", "-auto-approve", expect=1)
    cluster.refuse.clear()
    stack.run("destroy", "-auto-approve")
    assert cluster.objects == {}


def test_what_somebody_else_made_is_imported(stack: Stack, cluster: MemoryCluster) -> None:
    stack.run("init")
    stack.run("apply", "-auto-approve")
    stack.run("state", "rm", "kubernetes_namespace_v1.hub")
    stack.run("import", "kubernetes_namespace_v1.hub", "hub")
    stack.run("plan", "-detailed-exitcode")
    assert "Cannot import" in stack.run("import", "kubernetes_namespace_v1.hub", "other", expect=1)


@pytest.mark.parametrize(
    ("resource", "body", "said"),
    [
        ("kubernetes_config_map_v1", {"metadata": [{"nmae": "a"}]}, "No argument or block type is named"),
        ("kubernetes_config_map_v1", {"data": {}}, 'At least 1 "metadata" blocks are required'),
        ("kubernetes_config_map_v1", {"metadata": [{"name": "a"}, {"name": "b"}]}, 'No more than 1 "metadata" blocks are allowed'),
        ("kubernetes_storage_class_v1", {"metadata": [{"name": "a"}]}, '"storage_provisioner" is required'),
        ("kubernetes_namespace_v1", {"metadata": [{"name": ["a"]}]}, "Incorrect attribute value type"),
        ("kubernetes_secret_v1", {"metadata": [{"name": "a", "uid": "1"}]}, "uid cannot be set"),
        ("helm_release", {"name": "a", "chart": "b", "values": "c"}, "list of string required"),
        ("helm_release", {"name": "a", "chart": "b", "set": {"name": "c"}}, "list of object required|incorrect list element type"),
        ("kubernetes_manifest", {"manifest": {}}, "does not support resource type"),
    ],
)
def test_the_schema_refuses(tmp_path: Path, resource: str, body: dict[str, Any], said: str) -> None:
    cluster = MemoryCluster()
    with reattach({"kubernetes": cluster, "helm": cluster}) as providers:
        stack = Stack(tmp_path, {"TF_REATTACH_PROVIDERS": providers, "TF_CLI_CONFIG_FILE": os.devnull})
        document = json.loads(DOCUMENT.read_text())
        del document["output"]
        (stack.folder / "main.tf.json").write_text(json.dumps({**document, "resource": {resource: {"wrong": body}}}))
        stack.run("init")
        answer = " ".join(stack.run("validate", expect=1).split())
    assert any(each in answer for each in said.split("|")), answer


def test_a_data_source_is_refused(tmp_path: Path) -> None:
    with reattach({"kubernetes": MemoryCluster(), "helm": MemoryCluster()}) as providers:
        stack = Stack(tmp_path, {"TF_REATTACH_PROVIDERS": providers, "TF_CLI_CONFIG_FILE": os.devnull})
        (stack.folder / "data.tf.json").write_text(json.dumps({"data": {"kubernetes_namespace_v1": {"x": {"metadata": [{"name": "x"}]}}}}))
        stack.run("init")
        assert "does not support data source" in stack.run("validate", expect=1)


def test_a_killed_terraform_leaves_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, reached, free = MemoryCluster(), threading.Event(), threading.Event()
    create = cluster.create

    def slow(*arguments: Any) -> Any:
        reached.set()
        free.wait(60)
        return create(*arguments)

    monkeypatch.setattr(cluster, "create", slow)
    listener = Listener(lambda _folder: cluster)
    stack = Stack(tmp_path, {"TF_CLI_CONFIG_FILE": str(_config(tmp_path, write_mirror(tmp_path / "mirror", listener.port)))})
    stack.run("init")
    process = subprocess.Popen(
        [stack.program, "apply", "-auto-approve"], cwd=stack.folder, env=stack.environment, stdout=subprocess.DEVNULL
    )
    assert reached.wait(30)
    assert listener.busy > 0
    process.kill()
    # Not reaped yet: nothing may depend on whoever started Terraform.
    free.set()
    wait_until(lambda: listener.busy == 0, "the servers of a killed Terraform to end", 15)
    process.wait(5)
    listener.close()
