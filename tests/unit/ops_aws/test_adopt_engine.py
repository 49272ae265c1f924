"""Adoption with real Terraform: applied, the state lost, everything found again, imported without a change that matters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common import tags
from modules.config.models import HubConfig
from modules.ops.adopt import adoptions
from modules.ops.bootstrap import ensure_state_backend
from modules.ops.state import stack_state, state_key
from tests._support import terraform
from tests._support.emulator import Emulator
from tests.unit.ops_aws.support import make_config

pytestmark = [pytest.mark.engine, pytest.mark.slow]

STACK = "lab-network"
#: What the provider knows only from the configuration: no import can bring it back, and writing it changes nothing in AWS.
ONLY_IN_STATE = {
    "bypass_policy_lockout_safety_check",
    "deletion_window_in_days",
    "resolve_conflicts_on_create",
    "resolve_conflicts_on_update",
}
ONCE = ["access_config[0].bootstrap_cluster_creator_admin_permissions", "bootstrap_self_managed_addons"]
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def resources(path: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Every way of finding: by tag, through parents, with ids of several parts."""
    nfs = {"security_group_id": "${aws_security_group.efs.id}", "ip_protocol": "tcp", "from_port": 2049, "to_port": 2049}
    vpc, cluster = {"vpc_id": "${aws_vpc.main.id}"}, {"cluster_name": "${aws_eks_cluster.main.name}"}
    subnet = {**vpc, "depends_on": ["aws_vpc_ipv4_cidr_block_association.pods"]}
    return {
        "aws_vpc": {"main": {"cidr_block": "10.1.0.0/21"}},
        "aws_vpc_ipv4_cidr_block_association": {"pods": {**vpc, "cidr_block": "100.64.0.0/16"}},
        "aws_subnet": {
            "pods-a": {**subnet, "cidr_block": "100.64.0.0/17", "availability_zone": "us-east-2a"},
            "pods-b": {**subnet, "cidr_block": "100.64.128.0/17", "availability_zone": "us-east-2b"},
        },
        "aws_internet_gateway": {"main": {**vpc}},
        "aws_route_table": {"public": {**vpc}},
        "aws_route": {
            "out": {
                "route_table_id": "${aws_route_table.public.id}",
                "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": "${aws_internet_gateway.main.id}",
            }
        },
        "aws_route_table_association": {"a": {"route_table_id": "${aws_route_table.public.id}", "subnet_id": "${aws_subnet.pods-a.id}"}},
        "aws_security_group": {"efs": {**vpc, "name": "lab-efs", "description": "NFS"}},
        "aws_vpc_security_group_ingress_rule": {"nfs": {**nfs, "cidr_ipv4": "100.64.0.0/16", "description": "NFS"}},
        "aws_kms_key": {"data": {"description": "x", "enable_key_rotation": True, "deletion_window_in_days": 30}},
        "aws_kms_alias": {"data": {"name": "alias/lab/data", "target_key_id": "${aws_kms_key.data.key_id}"}},
        "aws_cloudwatch_log_group": {"logs": {"name": "/aws/eks/lab/cluster", "retention_in_days": 30}},
        "aws_efs_file_system": {"homes": {"creation_token": "lab", "encrypted": True, "kms_key_id": "${aws_kms_key.data.arn}"}},
        "aws_efs_mount_target": {
            "a": {
                "file_system_id": "${aws_efs_file_system.homes.id}",
                "subnet_id": "${aws_subnet.pods-a.id}",
                "security_groups": ["${aws_security_group.efs.id}"],
            }
        },
        "aws_efs_access_point": {"shared": {"file_system_id": "${aws_efs_file_system.homes.id}"}},
        "aws_iam_role": {"cluster": {"name": "lab-cluster", "path": path, "assume_role_policy": TRUST}},
        "aws_eks_cluster": {
            "main": {
                "name": "lab",
                "role_arn": "${aws_iam_role.cluster.arn}",
                "bootstrap_self_managed_addons": False,
                "access_config": {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False},
                "vpc_config": {"subnet_ids": ["${aws_subnet.pods-a.id}", "${aws_subnet.pods-b.id}"]},
                "lifecycle": {"ignore_changes": ONCE},
            }
        },
        "aws_eks_access_entry": {"view": {**cluster, "principal_arn": "${aws_iam_role.cluster.arn}"}},
        "aws_eks_access_policy_association": {
            "view": {
                **cluster,
                "principal_arn": "${aws_eks_access_entry.view.principal_arn}",
                "policy_arn": VIEW,
                "access_scope": {"type": "cluster"},
            }
        },
        "aws_eks_addon": {"cni": {**cluster, "addon_name": "vpc-cni", "resolve_conflicts_on_create": "OVERWRITE"}},
    }


UNTAGGABLE = {
    "aws_vpc_ipv4_cidr_block_association",
    "aws_route",
    "aws_route_table_association",
    "aws_kms_alias",
    "aws_efs_mount_target",
    "aws_eks_access_policy_association",
}


def stack_document(config: HubConfig) -> dict[str, Any]:
    """The stack as the synth would write it, tags and backend included."""
    found = resources(f"/hubsmith/{config.deployment}/")
    for kind, bodies in found.items():
        for name, body in bodies.items():
            if kind not in UNTAGGABLE:
                address = tags.address_value(STACK, f"{kind}.{name}")
                body["tags"] = {**tags.deployment_tags(config.deployment, config.env), tags.ADDRESS: address}
    backend = {"bucket": config.state_bucket, "key": state_key(config, STACK), "region": config.region, "encrypt": True}
    return {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}},
            "backend": {"s3": {**backend, "dynamodb_table": config.lock_table, "use_lockfile": True}},
        },
        "provider": {"aws": [{"region": config.region, "max_retries": 2}]},
        "resource": found,
    }


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("us-east-2") as running:
        yield running


class Runner:
    """Terraform on the document, in a directory of its own."""

    def __init__(self, folder: Path, document: dict[str, Any], environment: dict[str, str]) -> None:
        self.folder = folder / "stack"
        self.folder.mkdir()
        path = self.folder / "cdk.tf.json"
        path.write_text(json.dumps(document))
        self._program, self._environment = terraform.settings(folder, path)
        self._environment = {name: value for name, value in self._environment.items() if name != "AWS_CA_BUNDLE"} | environment

    def run(self, *arguments: str, code: int = 0) -> str:
        done = terraform.run([self._program, *arguments], self.folder, self._environment)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def changes(self) -> dict[str, tuple[list[str], set[str], bool]]:
        """Address → (actions, attributes that differ, whether it is imported) of a new plan."""
        self.run("plan", "-no-color", "-out=saved")
        plan = json.loads(self.run("show", "-json", "saved"))
        found = {}
        for each in plan["resource_changes"]:
            before, after = each["change"]["before"] or {}, each["change"]["after"] or {}
            differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
            found[each["address"]] = (each["change"]["actions"], differing, "importing" in each["change"])
        return found


def lose_state(session: boto3.Session, config: HubConfig) -> None:
    """What a kill leaves: no state object, and no digest of one."""
    client: Callable[[str], Any] = session.client
    client("s3").delete_object(Bucket=config.state_bucket, Key=state_key(config, STACK))
    name = f"{config.state_bucket}/{state_key(config, STACK)}-md5"
    client("dynamodb").delete_item(TableName=config.lock_table, Key={"LockID": {"S": name}})


def test_all_is_found_again_and_nothing_is_made_twice(tmp_path: Path, emulator: Emulator) -> None:
    config, session = make_config(), emulator.session()
    ensure_state_backend(session, config)
    document = stack_document(config)
    engine = Runner(tmp_path, document, emulator.environment)
    engine.run("init", "-no-color")
    engine.run("apply", "-no-color", "-auto-approve")
    before = stack_state(session, config, STACK)
    assert before is not None
    assert adoptions(session, config, STACK, document, before.addresses) == ()

    lose_state(session, config)
    found = adoptions(session, config, STACK, document, frozenset())
    assert {item.address for item in found} == before.addresses
    (engine.folder / "adopt.tf.json").write_text(json.dumps({"import": [{"to": item.address, "id": item.import_id} for item in found]}))
    for address, (actions, differing, imported) in engine.changes().items():
        assert imported, address
        assert actions in (["no-op"], ["update"]), address
        assert differing <= ONLY_IN_STATE, (address, differing)
    engine.run("apply", "-no-color", "saved")
    (engine.folder / "adopt.tf.json").unlink()
    engine.run("plan", "-no-color", "-detailed-exitcode")
    after = stack_state(session, config, STACK)
    assert after is not None
    assert {item.address: item.id for item in after.resources} == {item.address: item.id for item in before.resources}
    engine.run("destroy", "-no-color", "-auto-approve")
    assert emulator.faults() == []
