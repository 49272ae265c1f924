"""The real AWS provider against the emulator: made, no difference, changed, no difference, unmade, nothing left, no fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from modules.rehearsal import session
from tests._support import terraform
from tests._support.emulator import Emulator
from tests._support.evidence import Evidence

ZONE = "demo.example.org"
DOCUMENT = Path(__file__).with_name("roundtrip.tf.json")
CHANGED = ("-var", 'labels={"a"="c","d"="e"}', "-var", "public=true", "-var", "keep_days=40")


class Stack:
    """A copy of the document in its own folder, and Terraform in it."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder = folder / "stack"
        self.folder.mkdir()
        shutil.copy(DOCUMENT, self.folder / "main.tf.json")
        (self.folder / "emulator_override.tf.json").write_text(json.dumps(session.terraform_override()))
        program, environment = terraform.settings(folder, DOCUMENT)
        self._program = program
        self._environment = {**environment, **emulator.environment, "TF_VAR_zone": ZONE}

    def run(self, *arguments: str, expect: int = 0) -> None:
        """Run Terraform; fails with all it said when it ends with anything but `expect`."""
        ended = terraform.run([self._program, *arguments, "-no-color"], self.folder, self._environment)
        assert ended.returncode == expect, f"terraform {' '.join(arguments)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"


@pytest.mark.engine
@pytest.mark.slow
def test_every_resource_type_round_trips(tmp_path: Path, evidence: Evidence) -> None:
    with Emulator() as emulator:
        emulator.session().client("route53").create_hosted_zone(Name=ZONE, CallerReference="test")
        stack = Stack(tmp_path, emulator)
        stack.run("init")
        stack.run("apply", "-auto-approve")
        stack.run("plan", "-detailed-exitcode")
        assert len(_tagged(emulator, "eu-west-1")) == 36
        assert len(_tagged(emulator, "us-east-1")) == 4, "an IAM policy, an instance profile, an OIDC provider and a zone"
        stack.run("apply", "-auto-approve", *CHANGED)
        stack.run("plan", "-detailed-exitcode", *CHANGED)
        stack.run("destroy", "-auto-approve")
        assert _left(emulator) == {"kms", "ec2:instance", "ec2:natgateway"}, "these stay in sight for a while, as on AWS"
        assert emulator.session().client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
        assert emulator.session().client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
        assert emulator.faults() == []
    for kind in json.loads(DOCUMENT.read_text())["resource"]:
        evidence.record(kind, "applied", "round trip by hand-written stack")


def _tagged(emulator: Emulator, region: str) -> list[str]:
    pages = emulator.session(region).client("resourcegroupstaggingapi").get_paginator("get_resources")
    found = pages.paginate(TagFilters=[{"Key": "hubsmith:deployment", "Values": ["roundtrip"]}])
    return [row["ResourceARN"] for page in found for row in page["ResourceTagMappingList"]]


def _left(emulator: Emulator) -> set[str]:
    arns = [arn.split(":", 5) for region in ("eu-west-1", "us-east-1") for arn in _tagged(emulator, region)]
    return {f"ec2:{resource.split('/')[0]}" if service == "ec2" else service for _, _, service, _, _, resource in arns}
