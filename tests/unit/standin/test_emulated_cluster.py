"""The whole way of the command line: Terraform, script, port, emulator, and a cluster that lives as long as its EKS cluster."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.ops import tools
from tests._support import terraform
from tests._support.emulator import Emulator

pytestmark = pytest.mark.engine
DOCUMENT = Path(__file__).with_name("stack.tf.json")
CANARY = "canary-1"
_KINDS = ("kubernetes_namespace_v1", "kubernetes_secret_v1", "helm_release")


class Stack:
    """Namespace, Secret and release of the document, for the cluster at `host`."""

    def __init__(self, folder: Path, emulator: Emulator, host: str) -> None:
        document = json.loads(DOCUMENT.read_text())
        document["resource"] = {kind: document["resource"][kind] for kind in _KINDS}
        del document["resource"]["helm_release"]["hub"]["depends_on"]
        document["provider"]["kubernetes"][0]["host"] = host
        document["provider"]["helm"][0]["kubernetes"]["host"] = host
        self.folder = folder / "stack"
        self.folder.mkdir()
        (self.folder / "main.tf.json").write_text(json.dumps(document))
        mirror = emulator.mirror(folder / "mirror")
        config = folder / "cli.tfrc"
        config.write_text(f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
        self.program = str(tools.find_terraform(folder / "tools", os.environ).path)
        self.environment = {
            **os.environ,
            **emulator.environment,
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "TF_CLI_CONFIG_FILE": str(config),
        }
        self.run("init")

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run Terraform; gives all it said, on one line."""
        ended = terraform.run([self.program, *arguments, "-no-color"], self.folder, self.environment)
        said = " ".join((ended.stdout + ended.stderr).split())
        assert ended.returncode == expect, f"terraform {' '.join(arguments)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return said


@pytest.fixture
def host(emulator: Emulator) -> Iterator[str]:
    """The API address of an EKS cluster."""
    session = emulator.session()
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]["SubnetId"]
        for index, zone in enumerate("ab")
    ]
    access = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    made = session.client("eks").create_cluster(
        name="one", roleArn="arn:aws:iam::123456789012:role/c", resourcesVpcConfig={"subnetIds": subnets}, accessConfig=access
    )
    yield made["cluster"]["endpoint"]
    emulator.reset()


def _ask(emulator: Emulator, endpoint: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(f"{emulator.url}/hubsmith/cluster{endpoint}", data=body, timeout=10) as answer:
        return json.load(answer)


def test_a_cluster_lives_between_commands(tmp_path: Path, emulator: Emulator, host: str) -> None:
    stack = Stack(tmp_path, emulator, host)
    stack.run("apply", "-auto-approve")
    stack.run("plan", "-detailed-exitcode")
    summary = emulator.cluster()
    assert summary["releases"] == ["hub/jupyterhub jupyterhub 4.4.0"]
    dumped = json.dumps(_ask(emulator, "/dump"))
    assert '"credentials"' in dumped
    assert CANARY not in dumped + emulator.log

    drift = {"set": "HelmRelease/hub/jupyterhub", "path": ["version"], "to": "4.3.0"}
    assert _ask(emulator, "/edit", json.dumps(drift).encode()) == {"edited": True}
    assert '"4.3.0" -> "4.4.0"' in stack.run("plan", "-detailed-exitcode", expect=2)
    stack.run("apply", "-auto-approve")

    fault = {"fail": "delete Secret/hub/credentials", "with": "etcd is unwell", "times": 1}
    assert _ask(emulator, "/edit", json.dumps(fault).encode()) == {"edited": True}
    assert "etcd is unwell" in stack.run("destroy", "-auto-approve", expect=1)
    stack.run("destroy", "-auto-approve")
    assert emulator.cluster()["releases"] == []


def test_a_cluster_goes_with_its_eks_cluster(tmp_path: Path, emulator: Emulator, host: str) -> None:
    stack = Stack(tmp_path, emulator, host)
    stack.run("apply", "-auto-approve")
    emulator.session().client("eks").delete_cluster(name="one")
    assert "no such host" in stack.run("plan", expect=1)
    assert emulator.cluster()["objects"] == 0


def test_an_empty_account_has_no_cluster(tmp_path: Path, emulator: Emulator, host: str) -> None:
    stack = Stack(tmp_path, emulator, host)
    stack.run("apply", "-auto-approve")
    emulator.reset()
    assert _ask(emulator, "/dump") == {}


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"unknown": 1}'], ids=repr)
def test_what_is_no_edit_is_told(emulator: Emulator, body: bytes) -> None:
    assert "error" in _ask(emulator, "/edit", body)
