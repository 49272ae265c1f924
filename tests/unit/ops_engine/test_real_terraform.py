"""The engine with real Terraform and the real AWS provider against the emulator: three small stacks, one life."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.ops import plugins
from modules.ops.engine import Engine
from modules.ops.layout import Layout
from modules.ops.plan import exit_code
from modules.ops.progress import Display
from modules.ops.pull_request.command import LOSES_DATA, judged
from modules.ops.pull_request.report import Context, report
from modules.ops.report import plan_lines, summary
from modules.ops.results import RunResult
from modules.ops.synth import Stack
from modules.ops.target import Target
from modules.ops.tools import find_terraform
from tests._support.emulator import Emulator

pytestmark = pytest.mark.engine

BUCKET, TABLE, REGION = "fx-state", "fx-locks", "eu-west-1"
CANARY = "canary-4711-never-shown"
#: Several addresses of one kind that no rule of ours needs: parameters and a security group are made in no time.
RESOURCES: dict[str, dict[str, Any]] = {
    "fx-data": {
        "aws_s3_bucket": {"shared": {"bucket": "fx-shared-data"}},
        "aws_ssm_parameter": {
            "motd": {"name": "/fx/motd", "type": "String", "insecure_value": "hello"},
            "secret": {"name": "/fx/secret", "type": "SecureString", "value": CANARY},
        },
    },
    "fx-network": {"aws_vpc": {"main": {"cidr_block": "10.9.0.0/24"}}},
    "fx-cluster": {
        "aws_security_group": {
            "nodes": {"name": "nodes", "description": "x", "vpc_id": "${data.terraform_remote_state.fx-network.outputs.vpc}"},
        }
    },
}
NEEDS = {"fx-data": (), "fx-network": (), "fx-cluster": ("fx-data", "fx-network")}


def document(stack: str) -> dict[str, Any]:
    """One stack as the synth would write it."""
    key = {"bucket": BUCKET, "key": f"fx/{stack}.tfstate", "region": REGION}
    made: dict[str, Any] = {
        "terraform": {
            "backend": {"s3": {**key, "encrypt": True, "dynamodb_table": TABLE, "use_lockfile": True}},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        "provider": {"aws": [{"region": REGION}]},
        "resource": dict(RESOURCES[stack]),
    }
    if NEEDS[stack]:
        states = {name: {"backend": "s3", "config": {**key, "key": f"fx/{name}.tfstate"}} for name in NEEDS[stack]}
        made["data"] = {"terraform_remote_state": states}
    if stack == "fx-network":
        made["output"] = {"vpc": {"value": "${aws_vpc.main.id}", "sensitive": True}}
    if stack == "fx-data":
        made["output"] = {"bucket": {"value": "${aws_s3_bucket.shared.id}"}}
    return made


@pytest.fixture(scope="module")
def account() -> Iterator[Emulator]:
    """An account with a state home."""
    with Emulator(REGION) as emulator:
        session: Any = emulator.session()
        session.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        key = {"KeySchema": [{"AttributeName": "LockID", "KeyType": "HASH"}]}
        attributes = [{"AttributeName": "LockID", "AttributeType": "S"}]
        session.client("dynamodb").create_table(TableName=TABLE, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST", **key)
        yield emulator


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space, where the stacks and .hubsmith lie."""
    return tmp_path_factory.mktemp("check out")


@pytest.fixture
def stacks(checkout: Path) -> tuple[Stack, ...]:
    """The three stacks on disk, as they are in the table above."""
    made = []
    for name, needs in NEEDS.items():
        path = checkout / "out" / name / "cdk.tf.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document(name)))
        made.append(Stack(name, needs, path))
    return tuple(made)


@pytest.fixture
def make_engine(checkout: Path, account: Emulator, stacks: tuple[Stack, ...]) -> Callable[[], Engine]:
    """An engine on the emulated account, with the machine's own Terraform and mirror."""
    layout = Layout(checkout, "fx")
    terraform = find_terraform(layout.tools, os.environ)
    found = plugins.prepare(layout.plugins, plugins.requirements([document("fx-data")], terraform.flavour), terraform, os.environ)
    environment = {**os.environ, **account.environment}
    override = {"provider": {"aws": [{"max_retries": 2}]}}

    def in_state(stack: str) -> frozenset[str] | None:
        client: Any = account.session().client("s3")
        listed = client.list_objects_v2(Bucket=BUCKET, Prefix=f"fx/{stack}.tfstate").get("Contents", [])
        if not listed:
            return None
        state = json.loads(client.get_object(Bucket=BUCKET, Key=f"fx/{stack}.tfstate")["Body"].read())
        return frozenset(f"{each['type']}.{each['name']}" for each in state["resources"] if each["mode"] == "managed") or None

    def make() -> Engine:
        target = Target(environment, override, account.session(), "123456789012", True, "emulator")
        return Engine(layout, target, Display("fx"), terraform, found, layout.start_run(), in_state=in_state, pause=0.1)

    return make


def numbers(result: RunResult) -> dict[str, tuple[str, int, int, int, int]]:
    assert not result.failures, [(each.stack, each.failure) for each in result.failures]
    return {each.stack: (each.outcome, each.add, each.change, each.replace, each.destroy) for each in result.stacks}


def test_one_life(make_engine: Callable[[], Engine], account: Emulator, stacks: tuple[Stack, ...], checkout: Path, evidence: Any) -> None:
    session: Any = account.session()
    _first_plan_waits(make_engine, stacks)
    made = make_engine().up(stacks)
    assert numbers(made) == {
        "fx-data": ("applied", 3, 0, 0, 0),
        "fx-network": ("applied", 1, 0, 0, 0),
        "fx-cluster": ("applied", 1, 0, 0, 0),
    }
    again = make_engine().up(stacks)
    assert not again.has_changes, plan_lines("fx", again)
    assert {each.outcome for each in again.stacks} == {"unchanged"}
    _drift(make_engine, session, stacks)
    _data_at_risk(make_engine, stacks)
    _protected_data(make_engine, stacks)
    _held_lock(make_engine, session, stacks)
    gone = make_engine().down(stacks)
    assert numbers(gone) == {
        "fx-data": ("destroyed", 0, 0, 0, 3),
        "fx-network": ("destroyed", 0, 0, 0, 1),
        "fx-cluster": ("destroyed", 0, 0, 0, 1),
    }
    assert {each.outcome for each in make_engine().down(stacks).stacks} == {"unchanged"}, "a second cleanup has nothing to do"
    said = summary("fx", "up", 0, made, seconds=1) + summary("fx", "down", 0, gone, seconds=1)
    logs = "".join(path.read_text(errors="replace") for path in checkout.rglob("*.log"))
    assert "apply_complete" in logs
    assert CANARY not in logs + said
    assert account.faults() == []
    evidence.record("a plan whose upstream is not applied waits and lists what it will create", "applied")
    evidence.record("a plan shows data in red that an install would lose, protected or not, and ends with 3", "applied")
    evidence.record("drift that no plan repairs is shown and counts as a change", "applied")


def _first_plan_waits(make_engine: Callable[[], Engine], stacks: tuple[Stack, ...]) -> None:
    plan = make_engine().plan(stacks)
    assert numbers(plan) == {"fx-data": ("planned", 3, 0, 0, 0), "fx-network": ("planned", 1, 0, 0, 0), "fx-cluster": ("waits", 1, 0, 0, 0)}
    assert plan.stacks[2].waits_for == ("fx-data", "fx-network")


def _drift(make_engine: Callable[[], Engine], session: Any, stacks: tuple[Stack, ...]) -> None:
    """One change that a plan repairs, and one that it does not even mention."""
    session.client("ssm").put_parameter(Name="/fx/motd", Value="changed by hand", Type="String", Overwrite=True)
    ec2 = session.client("ec2")
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["nodes"]}])["SecurityGroups"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])
    plan = make_engine().plan(stacks)
    assert numbers(plan)["fx-data"] == ("planned", 0, 1, 0, 0)
    assert numbers(plan)["fx-cluster"] == ("unchanged", 0, 0, 0, 0)
    drift = {change.address: [attribute.name for attribute in change.attributes] for each in plan.stacks for change in each.drift}
    assert drift["aws_security_group.nodes"] == ["ingress"]
    assert "insecure_value" in drift["aws_ssm_parameter.motd"]
    assert set(drift) == {"aws_security_group.nodes", "aws_ssm_parameter.motd"}
    assert any('"0.0.0.0/0"' in text for _, text in plan_lines("fx", plan))
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])
    assert numbers(make_engine().up(stacks))["fx-data"] == ("applied", 0, 1, 0, 0)
    assert not make_engine().plan(stacks).has_changes


def _data_at_risk(make_engine: Callable[[], Engine], stacks: tuple[Stack, ...]) -> None:
    """Another bucket name replaces the bucket: refused, because nobody agreed."""
    changed = document("fx-data")
    changed["resource"]["aws_s3_bucket"] = {"shared": {"bucket": "fx-shared-other"}}
    stacks[0].path.write_text(json.dumps(changed))
    engine = make_engine()
    engine.approve = lambda stack, lost: False
    result = engine.up(stacks[:1])
    stacks[0].path.write_text(json.dumps(document("fx-data")))
    failure = result.failures[0].failure
    assert failure is not None
    assert failure.what == "the plan takes away aws_s3_bucket.shared (replace)"
    assert not make_engine().plan(stacks[:1]).has_changes, "nothing was touched"


def _protected_data(make_engine: Callable[[], Engine], stacks: tuple[Stack, ...]) -> None:
    """The same bucket, held by prevent_destroy: a plan shows in red what an install then refuses."""
    changed = document("fx-data")
    changed["resource"]["aws_s3_bucket"] = {"shared": {"bucket": "fx-shared-other", "lifecycle": {"prevent_destroy": True}}}
    # Terraform quotes the line it refuses: all of a document that is one line, with the canary in it.
    stacks[0].path.write_text(json.dumps(changed, indent=1))
    plan = make_engine().plan(stacks[:1])
    refused = make_engine().up(stacks[:1]).failures[0].failure
    stacks[0].path.write_text(json.dumps(document("fx-data")))
    assert numbers(plan) == {"fx-data": ("planned", 0, 0, 1, 0)}
    assert judged(plan, exit_code(plan), allow_loss=False) == LOSES_DATA
    text = report("fx", plan, Context("Here."))
    assert "- data: aws_s3_bucket.shared is REPLACED: what is in it is lost" in text
    assert "bucket: fx-shared-data → fx-shared-other" in text
    assert refused is not None
    assert refused.kind == "protected"
    assert not make_engine().plan(stacks[:1]).has_changes, "nothing was touched"


def _held_lock(make_engine: Callable[[], Engine], session: Any, stacks: tuple[Stack, ...]) -> None:
    """Somebody else's lock object: who and the way out are told, and nothing is tried again."""
    info = {
        "ID": "0af1-77",
        "Operation": "OperationTypeApply",
        "Who": "ada@laptop",
        "Created": "2026-11-21T09:14:02Z",
        "Path": "x",
        "Info": "",
        "Version": "1.11.4",
    }
    key = "fx/fx-network.tfstate.tflock"
    session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(info))
    failure = make_engine().plan(stacks[1:2]).failures[0].failure
    session.client("s3").delete_object(Bucket=BUCKET, Key=key)
    assert failure is not None
    assert failure.kind == "locked"
    assert "ada@laptop since 2026-11-21 09:14:02" in failure.why
    assert failure.fix.endswith("./hub unlock fx (lock 0af1-77)")
    assert isinstance(session, boto3.Session)
