"""What an upgrade builds on, asked of the real AWS provider: what Terraform moves by itself, and what it leaves to EKS."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from modules.ops.aws_clients import Clients
from modules.ops.upgrade.updates import Updates
from modules.rehearsal import session
from tests._support import terraform
from tests._support.emulator import Emulator

DOCUMENT = Path(__file__).with_name("moved.tf.json")
NO_CHANGE, CHANGES = 0, 2


class Stack:
    """Cluster, add-on and node group as stack cluster writes them: versions of the last two in no configuration."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        ec2 = emulator.session().client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"eu-west-1{zone}")
            for index, zone in enumerate("ab")
        ]
        self.folder = folder / "stack"
        self.folder.mkdir()
        shutil.copy(DOCUMENT, self.folder / "main.tf.json")
        (self.folder / "emulator_override.tf.json").write_text(json.dumps(session.terraform_override()))
        subnets = json.dumps([each["Subnet"]["SubnetId"] for each in made])
        program, environment = terraform.settings(folder, DOCUMENT)
        self._program, self._environment = program, {**environment, **emulator.environment, "TF_VAR_subnets": subnets}

    def run(self, *arguments: str, kubernetes: str, expect: int = 0) -> str:
        """Run Terraform; what it said."""
        environment = {**self._environment, "TF_VAR_kubernetes": kubernetes}
        ended = terraform.run([self._program, *arguments, "-no-color"], self.folder, environment)
        assert ended.returncode == expect, f"terraform {' '.join(arguments)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def actions(self, kubernetes: str) -> dict[str, list[str]]:
        """What a plan would do, by address."""
        self.run("plan", "-out=it.tfplan", kubernetes=kubernetes)
        shown: dict[str, Any] = json.loads(self.run("show", "-json", "it.tfplan", kubernetes=kubernetes))
        return {each["address"]: each["change"]["actions"] for each in shown["resource_changes"] if each["change"]["actions"] != ["no-op"]}


@pytest.mark.engine
@pytest.mark.slow
def test_terraform_moves_the_control_plane_and_leaves_the_rest_to_eks(tmp_path: Path) -> None:
    with Emulator() as emulator:
        stack, eks = Stack(tmp_path, emulator), emulator.session().client("eks")
        stack.run("init", kubernetes="1.35")
        stack.run("apply", "-auto-approve", kubernetes="1.35")

        assert stack.actions("1.36") == {"aws_eks_cluster.main": ["update"]}, "in place, and nothing else with it"
        stack.run("apply", "-auto-approve", kubernetes="1.36")
        assert eks.describe_cluster(name="lab")["cluster"]["version"] == "1.36"
        assert eks.describe_nodegroup(clusterName="lab", nodegroupName="lab-core")["nodegroup"]["version"] == "1.35"
        assert eks.describe_addon(clusterName="lab", addonName="kube-proxy")["addon"]["addonVersion"].startswith("v1.35")
        stack.run("plan", "-detailed-exitcode", kubernetes="1.36", expect=NO_CHANGE)

        updates = Updates(Clients(emulator.session(), "eu-west-1"), "lab", pause=0)
        updates.addon("kube-proxy", "v1.36.0-eksbuild.2")
        updates.group("lab-core", "1.36")
        stack.run("plan", "-detailed-exitcode", kubernetes="1.36", expect=NO_CHANGE)
        stack.run("apply", "-refresh-only", "-auto-approve", kubernetes="1.36")
        assert "v1.36.0-eksbuild.2" in stack.run("state", "show", "aws_eks_addon.proxy", kubernetes="1.36")
        assert stack.actions("1.35") == {"aws_eks_cluster.main": ["update"]}, (
            "an older version in hub.yaml replaces nothing: EKS refuses it"
        )
