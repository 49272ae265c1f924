"""./hub homes: what it prints for people and for programs."""

from __future__ import annotations

import json

import pytest

from modules.catalog.volumes import month
from modules.common.errors import HubError
from modules.common.tags import ADDRESS, DEPLOYMENT
from modules.ops.homes.command import list_homes, restore
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_homes.conftest import Place


def test_a_line_for_each_volume(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    ada, database = place.volume("claim-ada"), place.volume("hub-db-dir", gib=10)
    node = place.attach(ada)
    efs = place.session.client("efs", region_name="us-east-2")
    for address in ("lab-data/aws_efs_file_system.homes", ""):
        tags = {DEPLOYMENT: place.config.deployment, ADDRESS: address}
        efs.create_file_system(CreationToken=address or "x", Tags=[{"Key": key, "Value": value} for key, value in tags.items() if value])
    assert list_homes(place.root, place.config, as_json=False) == 0
    head, columns, first, second, system = capsys.readouterr().out.splitlines()
    assert head == "lab: homes are a volume per user · 2 volumes kept, 110 GiB"
    assert columns.split() == ["whose", "volume", "size", "zone", "made", "attached", "USD", "a", "month"]
    assert first.split()[:5] == ["ada", ada, "100", "GiB", "us-east-2a"]
    assert f"to {node} since " in first
    assert first.endswith("8.00")
    assert second.split()[:4] == ["the", "hub's", "database", database]
    assert " no " in second
    assert system.startswith("  fs-")


def test_none(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert list_homes(place.root, make_config(), as_json=False) == 0
    assert capsys.readouterr().out == "lab: homes are a directory per user on EFS · 0 volumes kept, 0 GiB\n"


def test_json(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    ada = place.volume("claim-ada")
    assert list_homes(place.root, place.config, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["env"], found["action"], found["exit"], found["homes"], found["file_systems"]) == ("lab", "list", 0, "ebs", [])
    one = found["volumes"][0]
    assert (one["volume"], one["owner"], one["gib"], one["node"], one["attached_since"]) == (ada, "ada", 100, "", None)
    assert one["usd_month"] == month(100, "us-east-2")


@pytest.mark.parametrize("dry_run", [True, False])
def test_restore_by_hand(place: Place, capsys: pytest.CaptureFixture[str], dry_run: bool) -> None:
    ada = place.volume("claim-ada")
    assert restore(place.root, place.config, dry_run=dry_run, as_json=False) == 0
    assert capsys.readouterr().out == f"lab: 1 volume {'would be ' if dry_run else ''}given back: ada\n"
    assert len(place.core.list_persistent_volume().items) == (0 if dry_run else 1)
    assert restore(place.root, place.config, dry_run=dry_run, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    given, settled = found["steps"], found["settled"]
    assert [each["volume"] for each in (given if dry_run else settled)] == [ada]
    assert (settled if dry_run else given) == []
    assert found["dry_run"] is dry_run


def test_nothing_to_give_back(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert restore(place.root, place.config, dry_run=False, as_json=False) == 0
    assert capsys.readouterr().out == "lab: nothing to give back: every volume that is kept has its claim\n"


def test_looking_starts_no_rehearsal(place: Place) -> None:
    config = make_config(rehearsal=True, aws={}, domain=None, dns=None)
    with pytest.raises(HubError, match="the rehearsal of lab does not run"):
        list_homes(place.root, config, as_json=False)


@pytest.mark.parametrize(("region", "usd"), [("us-east-1", 8.0), ("sa-east-1", 12.72), ("mars-1", None)])
def test_what_a_volume_costs(region: str, usd: float | None) -> None:
    assert month(100, region) == (None if usd is None else pytest.approx(usd))
