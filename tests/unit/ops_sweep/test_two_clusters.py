"""Two clusters in one account, both lost: everything of ours is found and goes in order, nothing of the other is touched."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.sweep import Held, command, orphans, sweep
from modules.ops.sweep.command import SweepOptions, sweep_env
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import make_config, refusal
from tests.unit.ops_sweep.orphans import Orphans

#: Two clusters' leftovers take moto seconds to make.
pytestmark = pytest.mark.slow

NOTHING = Held()


class World:
    """Our orphans and a foreign twin of each."""

    def __init__(self, session: boto3.Session) -> None:
        made: Any = session.client
        zone = made("route53", region_name="us-east-2").create_hosted_zone(Name="lab.test", CallerReference="x")["HostedZone"]["Id"]
        self.session = session
        self.config = make_config()
        # Its name begins as ours does.
        self.foreign = make_config(env="lab2", name="lab2", domain="hub2.lab.test")
        self.ours = Orphans(session, self.config, "10.1.0.0/24", zone)
        self.theirs = Orphans(session, self.foreign, "10.2.0.0/24", zone)
        self.refused: set[str] = set()
        self.order: list[str] = []
        session.events.register("before-call", self._before)

    def _before(self, model: Any, **_: Any) -> None:
        if model.name in self.refused:
            raise refusal("AccessDenied", model.name, message="not yet")
        if model.name.startswith(("Delete", "Release", "Terminate", "Detach")):
            self.order.append(model.name)

    def found(self, config: HubConfig, vpc: str) -> set[str]:
        return {str(item) for item in orphans(self.session, config, (vpc,), NOTHING)[0]}

    def sweep(self) -> Any:
        return sweep(self.session, self.config, (self.ours.vpc,), dry_run=False, seconds=30, pause=0.0, held=NOTHING)


@pytest.fixture
def world(session: boto3.Session) -> World:
    return World(session)


def test_all_of_ours_is_found_and_goes_and_the_twins_stay(world: World, evidence: Evidence) -> None:
    assert len({item.rsplit(" ", 1)[0] for item in world.ours.left}) >= 15
    assert world.found(world.config, world.ours.vpc) == world.ours.left
    theirs = world.found(world.foreign, world.theirs.vpc)
    assert theirs == world.theirs.left
    done = world.sweep()
    assert [str(item) for item in done.remaining] == []
    assert set(done.removed) == world.ours.left
    assert world.found(world.config, world.ours.vpc) == set()
    assert world.found(world.foreign, world.theirs.vpc) == theirs
    first = {name: world.order.index(name) for name in reversed(world.order)}
    for before, after in (
        ("DeleteLoadBalancer", "DeleteTargetGroup"),
        ("DeleteNetworkInterface", "DeleteSecurityGroup"),
        ("DeleteNatGateway", "ReleaseAddress"),
        ("DeleteSubnet", "DeleteVpc"),
        ("DetachInternetGateway", "DeleteVpc"),
        ("DeleteInstanceProfile", "DeleteRole"),
        ("DeleteRole", "DeletePolicy"),
        ("DeleteRule", "DeleteQueue"),
    ):
        assert first[before] < first[after], (before, after)
    kinds = len({item.rsplit(" ", 1)[0] for item in world.ours.left})
    said = f"moto, {kinds} kinds, tagged or found by name and place; moto refuses few of the orders that AWS does"
    evidence.record("sweep: one of two lost clusters in an account is found whole and goes, the other is not touched", "exercised", said)


@pytest.mark.parametrize(
    "call",
    ["TerminateInstances", "DeleteTargetGroup", "DeleteSecurityGroup", "DeleteMountTarget", "DetachRolePolicy", "ChangeResourceRecordSets"],
)
def test_after_a_refusal_the_rest_is_gone_and_a_second_run_ends_it(world: World, call: str) -> None:
    world.refused = {call}
    stopped = world.sweep()
    assert any("AccessDenied: not yet" in item.why for item in stopped.remaining)
    assert all("AccessDenied" in item.why or item.why.startswith("waits for ") for item in stopped.remaining)
    world.refused = set()
    again = world.sweep()
    assert again.remaining == ()
    assert world.found(world.config, world.ours.vpc) == set()
    assert world.found(world.foreign, world.theirs.vpc) == world.theirs.left


def test_without_the_states_nothing_with_an_address_is_ours_to_take(world: World) -> None:
    listed = sweep(world.session, world.config, (world.ours.vpc,), dry_run=True).remaining
    kinds = {item.kind for item in listed}
    assert not kinds & {"VPC", "subnet", "NAT gateway", "elastic IP", "role", "mount target", "internet gateway"}
    assert {"instance", "load balancer", "volume", "record", "queue"} <= kinds


def test_what_a_state_holds_stays_by_address_and_by_id(world: World) -> None:
    held = Held(frozenset({("lab-network", "aws_vpc.main")}), frozenset({world.ours.lower}))
    found = {str(item) for item in orphans(world.session, world.config, (world.ours.vpc,), held)[0]}
    assert world.ours.left - found == {f"VPC {world.ours.vpc}", f"security group {world.ours.lower}"}


@pytest.mark.parametrize(
    ("alive", "dry_run", "code", "again"), [(False, True, 2, 2), (False, False, 0, 0), (True, True, 2, 2), (True, False, 0, 0)]
)
def test_the_command(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any, alive: bool, dry_run: bool, code: int, again: int
) -> None:
    monkeypatch.setattr(command, "resolve_target", lambda root, config: SimpleNamespace(session=world.session, label="here"))
    monkeypatch.setattr("modules.ops.sweep.engine.PAUSE_SECONDS", 0.0)
    s3: Any = world.session.client("s3", region_name="us-east-2")
    s3.create_bucket(Bucket=world.config.state_bucket, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    if alive:
        make: Any = world.session.client
        eks = make("eks", region_name="us-east-2")
        role = "arn:aws:iam::123456789012:role/x"
        eks.create_cluster(name="lab", roleArn=role, resourcesVpcConfig={}, tags={DEPLOYMENT: world.config.deployment})
    options = SweepOptions(dry_run=dry_run, yes=True, as_json=True)
    assert sweep_env(tmp_path, world.config, options) == code
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    alias = next(item for item in world.ours.left if item.startswith("key alias"))
    assert set(said["found"]) == ({alias} if alive else world.ours.left)
    assert bool(said["left_alone"]) is alive
    assert sweep_env(tmp_path, world.config, options) == again
