"""The cleanup command over a Terraform that only pretends: order, confirmation, what is kept, what is reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common import tags
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import cleanup as module
from modules.ops.bootstrap import ensure_state_backend
from modules.ops.cleanup import CleanupOptions, cleanup
from modules.ops.progress import Display
from modules.ops.prospect import full_name, in_words
from modules.ops.results import RunResult, StackResult
from modules.ops.sweep import Remaining
from modules.ops.synth import Stack
from modules.ops.target import Target
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_aws.things import Maker

EDGES = {"lab-data": (), "lab-network": (), "lab-cluster": ("lab-data", "lab-network"), "lab-hub": ("lab-cluster",)}
RESOURCES = {
    "lab-data": ["aws_s3_bucket.shared"],
    "lab-network": ["aws_vpc.main"],
    "lab-cluster": ["aws_security_group.efs"],
    "lab-hub": ["aws_iam_role.user"],
}


class Typist(Display):
    """A display with someone (or nobody) at the keyboard."""

    def __init__(self, *answers: str) -> None:
        super().__init__("lab")
        self.answers = list(answers)
        self.asked: list[str] = []
        self.said: list[str] = []

    def ask(self, question: str) -> str | None:
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else None

    def step(self, name: str, text: str, mark: str = "ok") -> None:
        self.said.append(f"{mark} {name} {text}")


@dataclass
class World:
    """An account with a hub in it, and the Terraform that pretends to remove it."""

    root: Path
    config: HubConfig
    session: boto3.Session
    display: Typist = field(default_factory=Typist)
    destroyed: list[str] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()
    forgets: frozenset[str] = frozenset()
    stacks: tuple[str, ...] = tuple(EDGES)

    def fill(self) -> None:
        ensure_state_backend(self.session, self.config)
        self._client("s3").delete_bucket_policy(Bucket=self.config.state_bucket)
        make = Maker(self.session, self.config)
        make.bucket("lab-shared")
        self._client("s3").put_bucket_tagging(Bucket="lab-shared", Tagging={"TagSet": self._tags("lab-data", "aws_s3_bucket.shared")})
        vpc = make.vpc()
        self._client("ec2").create_security_group(
            GroupName="efs",
            Description="x",
            VpcId=vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": self._tags("lab-cluster", "aws_security_group.efs")}],
        )
        for stack in EDGES:
            self.write_state(stack, RESOURCES[stack])
            path = self.root / f"{stack}.json"
            lifecycle = {"lifecycle": {"prevent_destroy": True}} if stack == "lab-data" else {}
            resource = {kind: {name: lifecycle} for kind, name in (address.split(".") for address in RESOURCES[stack])}
            path.write_text(json.dumps({"resource": resource}))

    def write_state(self, stack: str, addresses: list[str]) -> None:
        resources = [
            {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": {}}]}
            for kind, name in (address.split(".") for address in addresses)
        ]
        body = json.dumps({"version": 4, "resources": resources, "outputs": {}})
        self._client("s3").put_object(Bucket=self.config.state_bucket, Key=f"lab/{stack}.tfstate", Body=body)

    def down(self, stacks: tuple[Stack, ...], overrides: dict[str, Any]) -> RunResult:
        results = []
        for stack in reversed(stacks):
            failed = stack.name in self.refuses
            if not failed:
                self.destroyed.append(stack.name)
                self.overrides |= {stack.name: overrides[stack.name]}
                self._destroy(stack.name)
            results.append(StackResult(stack.name, "failed" if failed else "destroyed", destroy=0 if failed else 1))
        return RunResult(tuple(reversed(results)), 0.1)

    def _destroy(self, stack: str) -> None:
        if stack not in self.forgets:
            ec2 = self._client("ec2")
            if stack == "lab-network":
                for vpc in ec2.describe_vpcs(Filters=[{"Name": f"tag:{tags.DEPLOYMENT}", "Values": [self.config.deployment]}])["Vpcs"]:
                    ec2.delete_vpc(VpcId=vpc["VpcId"])
            if stack == "lab-cluster":
                for group in ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["efs"]}])["SecurityGroups"]:
                    ec2.delete_security_group(GroupId=group["GroupId"])
            if stack == "lab-data":
                self._client("s3").delete_bucket(Bucket="lab-shared")
        self.write_state(stack, [])

    def exists(self) -> set[str]:
        ec2 = self._client("ec2")
        found = {bucket["Name"] for bucket in self._client("s3").list_buckets()["Buckets"]}
        return found | ({"vpc"} if any(not vpc["IsDefault"] for vpc in ec2.describe_vpcs()["Vpcs"]) else set())

    def run(self, **options: Any) -> int:
        return cleanup(self.root, self.config, CleanupOptions(**options))

    def _client(self, service: str) -> Any:
        return self.session.client(service, region_name=self.config.region)

    def _tags(self, stack: str, address: str) -> list[dict[str, str]]:
        known = {**tags.deployment_tags(self.config.deployment, "lab"), tags.ADDRESS: tags.address_value(stack, address)}
        return [{"Key": key, "Value": value} for key, value in known.items()]


class Bench:
    """As much of a Workbench as a cleanup uses."""

    def __init__(self, world: World, target: Target) -> None:
        self._world = world
        self.target = target
        self.stacks = tuple(Stack(name, EDGES.get(name, ("lab-cluster",)), world.root / f"{name}.json") for name in world.stacks)

    def engine(self, *, adopt: bool) -> World:
        assert not adopt, "a destroy takes nothing over"
        return self._world

    def record(self, command: str, exit_code: int, result: RunResult) -> None:
        assert command == "cleanup"


@pytest.fixture
def world(tmp_path: Path, session: boto3.Session, config: HubConfig, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, config, session)
    made.fill()
    target = Target({}, {}, session, "123456789012", False, "account 123456789012")
    monkeypatch.setattr(module, "place", lambda root, config, display, say: target)
    monkeypatch.setattr(module, "open_workbench", lambda *args, **kwargs: Bench(made, target))
    monkeypatch.setattr(module, "make_display", lambda env, as_json: made.display)
    return made


def last_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return found


def test_all_but_the_data_goes_in_order(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(confirm="lab", as_json=True) == 0
    assert world.destroyed == ["lab-hub", "lab-cluster", "lab-network"]
    assert world.exists() == {"lab-shared", world.config.state_bucket}
    said = last_json(capsys)
    assert (said["exit"], said["orphans"], said["destroy"]) == (0, [], 3)
    assert "s3:bucket lab-shared (lab-data/aws_s3_bucket.shared)" in said["kept"]
    assert set(world.overrides) == {"lab-hub", "lab-cluster", "lab-network"}


def test_twice_is_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(confirm="lab") == 0
    world.destroyed.clear()
    assert world.run(confirm="lab", as_json=True) == 0
    assert world.destroyed == []
    assert last_json(capsys)["orphans"] == []


def test_with_its_data(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world._client("s3").put_object(Bucket="lab-shared", Key="home/ada", Body=b"thesis")
    assert world.run(confirm="lab", delete_data=True, as_json=True) == 0
    assert world.destroyed[:2] == ["lab-hub", "lab-cluster"]
    assert set(world.destroyed) == set(EDGES)
    assert world.overrides["lab-data"] == {"resource": {"aws_s3_bucket": {"shared": {"lifecycle": {"prevent_destroy": False}}}}}
    assert world.exists() == {world.config.state_bucket}
    assert [item for item in last_json(capsys)["kept"] if "state" not in item and "locks" not in item] == []


def test_with_its_state(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(confirm="lab", delete_data=True, purge_state=True, as_json=True) == 0
    assert world.exists() == set()
    assert last_json(capsys)["kept"] == []


@pytest.mark.parametrize(
    ("answers", "delete_data", "goes_on"),
    [
        (["lab"], False, True),
        (["lba"], False, False),
        ([""], False, False),
        ([], False, False),
        (["lab", "lab"], True, True),
        (["lab", "no"], True, False),
        (["lab"], True, False),
    ],
)
def test_the_name_must_be_typed(answers: list[str], delete_data: bool, goes_on: bool, world: World) -> None:
    world.display.answers = answers
    if goes_on:
        assert world.run(delete_data=delete_data) == 0
        assert ["Kept: 1 bucket." in question for question in world.display.asked] == ([False, False] if delete_data else [True])
        assert ["PEOPLE'S DATA goes too: 1 bucket" in question for question in world.display.asked[1:]] == ([True] if delete_data else [])
    else:
        with pytest.raises(HubError, match="Nothing was touched"):
            world.run(delete_data=delete_data)
        assert world.destroyed == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"confirm": "prod"}, "--confirm says prod"),
        ({"purge_state": True, "confirm": "lab"}, "would forget the state of data"),
        ({"purge_state": True, "delete_data": True, "stack": "hub", "confirm": "lab"}, "for the whole env"),
        ({"stack": "data", "confirm": "lab"}, "holds people's data"),
        ({"stack": "hbu", "confirm": "lab"}, "there is no stack lab-hbu here"),
        ({"stack": "cluster", "confirm": "lab"}, "lab-hub stands on lab-cluster. Nothing was touched"),
        ({"stack": "network", "confirm": "lab"}, "lab-hub, lab-cluster stands on lab-network"),
    ],
)
def test_what_contradicts_itself_is_refused(options: dict[str, Any], expected: str, world: World) -> None:
    with pytest.raises(HubError, match=expected):
        world.run(**options)
    assert world.destroyed == []


def test_a_dry_run_touches_nothing_and_needs_no_synth(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise HubError("the synth is broken")

    monkeypatch.setattr(module, "open_workbench", broken)
    world.write_state("lab-network", [])
    assert world.run(dry_run=True, as_json=True) == 0
    said = last_json(capsys)
    assert world.exists() == {"vpc", "lab-shared", world.config.state_bucket}
    assert [item.split(" ")[0] for item in said["orphans"]] == ["ec2:vpc"]
    assert any("1 resources would go" in line for line in world.display.said)


def test_one_stack_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(stack="hub", confirm="lab", as_json=True) == 0
    assert world.destroyed == ["lab-hub"]
    assert world.exists() == {"vpc", "lab-shared", world.config.state_bucket}
    said = last_json(capsys)
    assert said["orphans"] == []
    assert any("ec2:vpc" in item for item in said["kept"])
    assert "cluster, data, network stay as they are" in world.display.said[-1]


def test_one_stack_alone_is_gone_only_with_its_load_balancer(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.root / "lab-hub.json"
    service = {"metadata": {"name": "public", "namespace": "hub"}, "spec": {"type": "LoadBalancer"}}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"resource": {"kubernetes_service_v1": {"public": service}}}))
    asked: list[tuple[str, ...]] = []

    def stays(session: boto3.Session, config: HubConfig, named: tuple[str, ...], **_: Any) -> tuple[Remaining, ...]:
        assert world.destroyed == ["lab-hub"], "while its Service stands it stays"
        asked.append(named)
        return (Remaining("load balancer", "k8s-hub", "it stayed"),)

    monkeypatch.setattr(module.balancers, "wait_until_gone", stays)
    assert world.run(stack="hub", confirm="lab", as_json=True) == 1
    assert asked == [("hub/public",)]
    assert last_json(capsys)["orphans"] == ["load balancer k8s-hub"]


def test_what_is_left_makes_the_exit_code_one(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.forgets = frozenset({"lab-network"})
    assert world.run(confirm="lab", as_json=True) == 1
    said = last_json(capsys)
    assert [item.split(" ")[0] for item in said["orphans"]] == ["ec2:vpc"]


def test_a_failed_destroy_stops_before_what_it_stands_on(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.refuses = frozenset({"lab-cluster"})
    assert world.run(confirm="lab", delete_data=True, purge_state=True, as_json=True) == 1
    assert "lab-network" not in world.destroyed
    assert "lab-data" not in world.destroyed
    assert {"vpc", "lab-shared", world.config.state_bucket} <= world.exists()
    assert last_json(capsys)["exit"] == 1


def test_the_sweep_comes_before_the_vpc_goes(world: World) -> None:
    ec2 = world._client("ec2")
    vpc = next(vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"])
    ec2.create_security_group(GroupName="k8s-elb-1", Description="x", VpcId=vpc)
    assert world.run(confirm="lab") == 0
    assert any(line.startswith("ok sweep 1 removed: security group") for line in world.display.said)


def test_what_a_killed_run_left_in_no_state_goes_but_no_data(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for stack in EDGES:
        world.write_state(stack, [])
    assert world.run(confirm="lab") == 0
    assert world.exists() == {"lab-shared", world.config.state_bucket}
    assert "VPC vpc-" in next(line for line in world.display.said if " sweep " in line)


def test_while_a_run_builds_nothing_is_touched(world: World) -> None:
    lock = {"ID": "1", "Operation": "OperationTypeApply", "Who": "ada@laptop", "Path": "lab/lab-network.tfstate"}
    world._client("s3").put_object(Bucket=world.config.state_bucket, Key="lab/lab-network.tfstate.tflock", Body=json.dumps(lock))
    with pytest.raises(HubError, match="lab-network is locked by ada@laptop") as refused:
        world.run(confirm="lab")
    assert "./hub unlock lab" in str(refused.value)
    assert world.destroyed == []


def test_without_the_state_bucket_nothing_with_an_address_is_taken(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with_states = world.config.model_copy(update={"state": world.config.state.model_copy(update={"bucket": "lab-mistyped"})})
    world.config = with_states
    assert world.run(confirm="lab") == 1
    assert "vpc" in world.exists()


def test_a_stack_that_the_file_forgot_is_named(world: World) -> None:
    world.stacks = ("lab-data", "lab-network", "lab-cluster")
    with pytest.raises(HubError, match=r"lab-hub holds resources, but hub\.yaml no longer asks for it"):
        world.run(confirm="lab")
    assert world.destroyed == []


def test_a_rehearsal_that_does_not_run_holds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_config(rehearsal=True, aws={})
    assert cleanup(tmp_path, config, CleanupOptions(delete_data=True, confirm="lab", as_json=True)) == 0
    said = last_json(capsys)
    assert (said["kept"], said["orphans"], said["exit"]) == ([], [], 0)
    assert not (tmp_path / ".hubsmith").exists()


@pytest.mark.parametrize(("stack", "name"), [("hub", "lab-hub"), ("lab-hub", "lab-hub"), ("data", "lab-data")])
def test_short_and_full_names_of_stacks(stack: str, name: str, config: HubConfig) -> None:
    assert full_name(config, stack) == name


def test_things_in_words() -> None:
    from modules.ops.inventory import make_found

    made = {tags.ADDRESS: "lab-data/aws_x.x"}
    backend = make_found("arn:aws:s3:::lab-state", {})
    found = [backend] + [make_found(arn, made) for arn in ("arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:kms:us-east-2:123456789012:key/1")]
    assert in_words(found) == "2 buckets, 1 key"
    assert in_words([]) == "nothing"
