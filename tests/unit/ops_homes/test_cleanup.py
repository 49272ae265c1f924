"""Homes survive every cleanup but --delete-data, and the report says whose they are."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from modules.common import tags
from modules.common.errors import HubError
from modules.common.homes import CLAIM_TAG, NAMESPACE_TAG
from modules.config.models import HubConfig
from modules.ops import data_removal
from modules.ops.data_removal import remove_data
from modules.ops.inventory import inventory
from modules.ops.prospect import in_words
from modules.ops.sweep import leftovers, sweep
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_aws.test_cleanup import World, last_json, world

__all__ = ["world"]

ADA = "home of ada: 100 GiB in us-east-2a, about 8.00 USD a month (ec2:volume {})"
DATABASE = "the hub's database: 10 GiB in us-east-2a, about 0.80 USD a month (ec2:volume {})"


@pytest.fixture
def config() -> HubConfig:
    """An env of the tests' own."""
    return make_config()


@pytest.fixture
def volumes(session: boto3.Session, config: HubConfig) -> list[str]:
    """Ada's home, the hub's database, and a volume of the default class that nobody keeps."""
    ec2: Any = session.client("ec2", region_name="us-east-2")
    made = []
    for claim, gib in (("claim-ada", 100), ("hub-db-dir", 10), ("data-prometheus-0", 5)):
        pairs = {**tags.deployment_tags(config.deployment, config.env), CLAIM_TAG: claim, NAMESPACE_TAG: config.hub.namespace}
        written = [{"Key": key, "Value": value} for key, value in pairs.items()]
        volume = ec2.create_volume(AvailabilityZone="us-east-2a", Size=gib, TagSpecifications=[{"ResourceType": "volume", "Tags": written}])
        made.append(str(volume["VolumeId"]))
    return made


def there(session: boto3.Session) -> set[str]:
    """The volumes of the account."""
    ec2: Any = session.client("ec2", region_name="us-east-2")
    return {each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]}


def test_a_whole_cleanup_keeps_them_and_sweeps_only_the_rest(world: World, volumes: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    ada, database, _ = volumes
    assert world.run(confirm="lab", as_json=True) == 0
    said = last_json(capsys)
    assert said["orphans"] == []
    assert said["kept"][-2:] == [ADA.format(ada), DATABASE.format(database)]
    assert there(world.session) == {ada, database}


def test_a_hub_that_goes_alone_says_what_it_leaves(world: World, volumes: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run(stack="hub", confirm="lab") == 0
    assert f"  kept        {ADA.format(volumes[0])}\n" in capsys.readouterr().out
    assert there(world.session) == set(volumes)


@pytest.mark.parametrize(("stack", "kept"), [("vault", True), ("hub", False)])
def test_vault_that_goes_alone_says_what_it_leaves(
    world: World, config: HubConfig, capsys: pytest.CaptureFixture[str], stack: str, kept: bool
) -> None:
    pairs = {**tags.deployment_tags(config.deployment, config.env), CLAIM_TAG: "data-vault-0", NAMESPACE_TAG: "vault"}
    written = [{"Key": key, "Value": value} for key, value in pairs.items()]
    ec2: Any = world.session.client("ec2", region_name="us-east-2")
    volume = ec2.create_volume(AvailabilityZone="us-east-2a", Size=10, TagSpecifications=[{"ResourceType": "volume", "Tags": written}])
    world.write_state(f"lab-{stack}", ["aws_iam_role.role"])
    (world.root / f"lab-{stack}.json").write_text(json.dumps({"resource": {"aws_iam_role": {"role": {}}}}))
    world.stacks = tuple(dict.fromkeys((*world.stacks, f"lab-{stack}")))
    assert world.run(stack=stack, confirm="lab") == 0
    line = f"  kept        Vault's data-vault-0: 10 GiB in us-east-2a, about 0.80 USD a month (ec2:volume {volume['VolumeId']})\n"
    assert (line in capsys.readouterr().out) is kept
    assert there(world.session) == {volume["VolumeId"]}


def test_delete_data_asks_for_them_by_number_and_deletes_them(world: World, volumes: list[str]) -> None:
    world.display.answers = ["lab", "lab"]
    world.run(delete_data=True)
    assert "PEOPLE'S DATA goes too: 1 home volume, 1 bucket, 1 hub database, with all backups." in world.display.asked[1]
    assert there(world.session) == set()


def test_delete_data_deletes_what_an_interrupted_one_left(world: World, volumes: list[str]) -> None:
    for stack in ("lab-data", "lab-network", "lab-cluster", "lab-hub"):
        world.write_state(stack, [])
    world.run(delete_data=True, confirm="lab")
    assert world.destroyed == []
    assert there(world.session) == set()


@pytest.mark.parametrize("delete_data", [False, True])
def test_a_dry_run_says_which(world: World, volumes: list[str], capsys: pytest.CaptureFixture[str], delete_data: bool) -> None:
    assert world.run(dry_run=True, delete_data=delete_data) == 0
    verb = "would go    " if delete_data else "would stay  "
    said = capsys.readouterr().out
    assert f"  {verb}{ADA.format(volumes[0])}\n" in said
    assert f"  would go    ec2:volume {volumes[2]} (in no state" in said
    assert there(world.session) == set(volumes)


@pytest.mark.parametrize(("kept", "left"), [({"lab-data"}, 1), (set(), 3), ({"lab-data", "lab-cluster"}, 1), ({"lab-cluster"}, 3)])
def test_they_stay_as_long_as_stack_data(session: boto3.Session, config: HubConfig, volumes: list[str], kept: set[str], left: int) -> None:
    assert len(leftovers(session, config, kept, seconds=0.0)) == left


def test_the_sweep_takes_only_what_is_nobodys(session: boto3.Session, config: HubConfig, volumes: list[str]) -> None:
    assert sweep(session, config, (), dry_run=False, pause=0.0).removed == (f"volume {volumes[2]}",)
    assert there(session) == set(volumes[:2])


def test_in_words(session: boto3.Session, config: HubConfig, volumes: list[str]) -> None:
    assert in_words(inventory(session, config)) == "1 home volume, 1 hub database"


def test_a_volume_in_use_is_waited_for_and_named(
    session: boto3.Session, config: HubConfig, volumes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ec2: Any = session.client("ec2", region_name="us-east-2")
    node = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.attach_volume(VolumeId=volumes[0], InstanceId=node, Device="/dev/sdf")
    monkeypatch.setattr(data_removal, "_DETACH_SECONDS", -1.0)
    with pytest.raises(HubError, match=f"{volumes[0]} is still attached to {node}"):
        remove_data(session, config, inventory(session, config), pause=0.0)
    said: list[str] = []

    def let_go(line: str) -> None:
        said.append(line)
        if "waiting for" in line:
            ec2.detach_volume(VolumeId=volumes[0], InstanceId=node)

    monkeypatch.setattr(data_removal, "_DETACH_SECONDS", 60.0)
    remove_data(session, config, inventory(session, config), note=let_go, pause=0.0)
    assert f"volume {volumes[0]}: waiting for {node} to let go of it" in said
    assert volumes[0] not in there(session)
