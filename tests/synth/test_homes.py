"""What keeps homes and the hub's database when their claims go, as synth writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.cdk import App
from modules.common.homes import CLAIM_TEMPLATE
from modules.config import HubConfig
from modules.stacks.app import build
from tests._support.graph import Graph
from tests.synth.conftest import Documents, read_stacks
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_desktop.test_cluster_api import EXISTING


def classes(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The storage classes of a stack, by name."""
    return {body.values["metadata"]["name"]: body.values for body in Graph(document).of_type("kubernetes_storage_class_v1")}


def values_of(document: dict[str, Any]) -> dict[str, Any]:
    """The values of the JupyterHub release."""
    (body,) = [body for body in Graph(document).of_type("helm_release") if body.values["name"] == "jupyterhub"]
    found: dict[str, Any] = {}
    for text in body.values["values"]:
        found |= yaml.safe_load(text)
    return found


@pytest.mark.parametrize(("env", "homes"), [("helio", True), ("daft", True), ("dandi", False), ("demo", False)])
def test_a_cluster_of_ours_keeps_them(stacks: Documents, env: str, homes: bool) -> None:
    found = classes(stacks[f"{env}-platform"])
    kept = {"homes", "hub-db"} if homes else {"hub-db"}
    assert set(found) == {"gp3", *kept}
    for name in kept:
        assert found[name]["reclaim_policy"] == "Retain"
        assert found[name]["parameters"]["kmsKeyId"].startswith("${data.terraform_remote_state.")
        assert f"hubsmith:purpose={name}" in found[name]["parameters"].values()
    assert "kmsKeyId" not in found["gp3"]["parameters"]


@pytest.mark.parametrize(("env", "homes"), [("helio", True), ("dandi", False)])
def test_the_release_asks_for_them(stacks: Documents, env: str, homes: bool) -> None:
    values = values_of(stacks[f"{env}-hub"])
    assert values["hub"]["db"]["pvc"]["storageClassName"] == "hub-db"
    wanted = {"storageClass": "homes", "pvcNameTemplate": CLAIM_TEMPLATE}
    assert values["singleuser"]["storage"].get("dynamic") == (wanted if homes else None)


def test_the_driver_may_use_the_key(stacks: Documents) -> None:
    policy = Graph(stacks["helio-platform"]).bodies["aws_iam_role_policy.ebs-csi-role-volumes"]
    statements = {each["Sid"]: each for each in json.loads(policy.values["policy"])["Statement"]}
    assert set(statements) == {"VolumesUse", "VolumesGrant"}
    for each in statements.values():
        assert each["Condition"]["StringEquals"] == {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}
        assert each["Resource"].startswith("${data.terraform_remote_state.")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[HubConfig, Documents]:
    """An env on somebody else's cluster, with homes on EBS and a directory for each user on EFS."""
    folder = tmp_path_factory.mktemp("theirs")
    network = {
        "existing": {
            "vpc_id": "vpc-0a",
            "public_subnets": ["subnet-0a"],
            "private_subnets": ["subnet-0b"],
            "data_plane_subnets": ["subnet-0c", "subnet-0d"],
        }
    }
    storage = {"homes": {"kind": "ebs"}, "efs": {"trees": {"scratch": "per-user", "shared": "read-write", "course": "read-only"}}}
    plain = make_config().hub.model_dump()
    hub = {**plain, "images": {"base": {**plain["images"]["base"], "default": True}}}
    config = make_config(hub=hub, cluster={"existing": EXISTING}, network=network, storage=storage)
    app = App(str(folder))
    build(app, config)
    app.synth()
    return config, read_stacks(Path(folder))


def test_on_somebody_elses_cluster_the_hub_brings_classes_of_its_own(theirs: tuple[HubConfig, Documents]) -> None:
    config, stacks = theirs
    found = classes(stacks["lab-hub"])
    assert set(found) == {f"{config.deployment}-homes", f"{config.deployment}-hub-db"}
    assert {each["reclaim_policy"] for each in found.values()} == {"Retain"}
    assert not any("kmsKeyId" in each["parameters"] for each in found.values()), "their driver may not use our key"
    values = values_of(stacks["lab-hub"])
    assert values["singleuser"]["storage"]["dynamic"]["storageClass"] == f"{config.deployment}-homes"


def test_a_directory_for_each_user(theirs: tuple[HubConfig, Documents]) -> None:
    _, stacks = theirs
    mounts = {mount["mountPath"]: mount for mount in values_of(stacks["lab-hub"])["singleuser"]["storage"]["extraVolumeMounts"]}
    assert mounts["/scratch"] == {"name": "tree-scratch", "mountPath": "/scratch", "readOnly": False, "subPath": "{username}"}
    assert "subPath" not in mounts["/shared"]
    points = {
        body.values["root_directory"]["path"]: body.values["root_directory"]["creation_info"]["permissions"]
        for body in Graph(stacks["lab-data"]).of_type("aws_efs_access_point")
    }
    # With others' directories in it, the root of a per-user tree is nobody's to write, as that of homes.
    assert points == {"/home": "0755", "/scratch": "0755", "/shared": "0775", "/course": "0755"}
