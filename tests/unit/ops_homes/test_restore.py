"""Homes come back: with a new cluster, with a new hub on the old one, and never twice or to somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from modules.common.errors import HubError
from modules.common.homes import NAMESPACE_TAG
from modules.ops.homes import restore
from modules.ops.homes.restore import HomesBack, give, look, said
from modules.ops.homes.volumes import find_volumes
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_homes.conftest import Place


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore, "_PAUSE_SECONDS", 0.0)


def run(place: Place) -> tuple[str, ...]:
    """What an install does when the hub's turn comes."""
    back = HomesBack(place.root, place.config, place.target)
    back.before("lab-hub")
    return back.lines


def test_a_new_cluster_gets_the_homes_of_the_old_one(place: Place, evidence: Evidence) -> None:
    evidence.record("homes on EBS given back", "exercised", "moto's EC2 and the stand-in cluster's Kubernetes API; no real cluster")
    ada, grace = place.volume("claim-ada"), place.volume("claim-grace-40lab-2eorg", zone="us-east-2b")
    database = place.volume("hub-db-dir", gib=10)
    assert run(place) == ("3 volumes given back: ada, grace@lab.org, the hub's database",)
    for name, volume in (("claim-ada", ada), ("claim-grace-40lab-2eorg", grace)):
        place.claim(name)
        assert place.bound(name) == volume
    place.claim("hub-db-dir", "10Gi", "hub-db")
    assert place.bound("hub-db-dir") == database
    made = place.core.read_persistent_volume(f"{place.config.deployment}-{grace}").spec
    assert made.node_affinity.required.node_selector_terms[0].match_expressions[0].to_dict() == {
        "key": "topology.kubernetes.io/zone",
        "operator": "In",
        "values": ["us-east-2b"],
    }
    assert (made.persistent_volume_reclaim_policy, made.access_modes, made.csi.fs_type) == ("Retain", ["ReadWriteOnce"], "ext4")


def test_again_changes_nothing(place: Place) -> None:
    place.volume("claim-ada")
    assert run(place)
    before = list(place.served.world.log)
    assert run(place) == ()
    place.claim("claim-ada")
    assert run(place) == ()
    assert [line for line in place.served.world.log if "PersistentVolume/" in line] == [
        line for line in before if "PersistentVolume/" in line
    ]


def test_a_hub_that_went_alone_finds_its_homes_in_the_same_cluster(place: Place) -> None:
    ada = place.volume("claim-ada")
    run(place)
    place.claim("claim-ada")
    namespace = place.config.hub.namespace
    place.core.delete_namespace(namespace)
    assert run(place) == ("1 volume given back: ada",)
    place.core.create_namespace({"metadata": {"name": namespace}})
    place.claim("claim-ada")
    assert place.bound("claim-ada") == ada
    assert len(place.core.list_persistent_volume().items) == 1


@pytest.mark.parametrize("known", [False, True], ids=["new cluster", "old cluster"])
def test_a_home_grows_to_what_its_claim_will_ask_for(place: Place, known: bool) -> None:
    ada = place.volume("claim-ada", gib=50)
    if known:
        place.served.world.put(_released(ada, "50Gi"), "outside").status = {"phase": "Released"}
    assert run(place) == ("1 volume given back: ada", "home of ada grew from 50 to 100 GiB, the size in hub.yaml")
    place.claim("claim-ada")
    assert place.bound("claim-ada") == ada
    assert find_volumes(place.session, place.config)[0].gib == 100


def _released(handle: str, size: str, *, policy: str = "Retain", kind: str = "homes") -> dict[str, Any]:
    spec = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": kind,
        "persistentVolumeReclaimPolicy": policy,
        "claimRef": {"namespace": "jupyterhub", "name": "claim-ada", "uid": "of-the-old-one"},
        "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": handle},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"pvc-{handle}"}, "spec": spec}


def test_a_class_that_deleted_is_mended(place: Place) -> None:
    ada = place.volume("claim-ada")
    place.served.world.put(_released(ada, "100Gi", policy="Delete", kind="gp3"), "outside").status = {"phase": "Bound"}
    assert run(place) == ("home of ada is kept from now on when its claim goes",)
    found = place.core.read_persistent_volume(f"pvc-{ada}").spec
    assert (found.persistent_volume_reclaim_policy, found.claim_ref.uid, found.storage_class_name) == ("Retain", "of-the-old-one", "gp3")


def test_the_newest_wins_and_the_other_is_said(place: Place) -> None:
    old, new = place.volume("claim-ada"), place.volume("claim-ada")
    newest = find_volumes(place.session, place.config)[0].id
    other = old if newest == new else new
    assert run(place) == ("1 volume given back: ada", f"home of ada: {other} is not used: {newest} is newer")


def test_a_claim_keeps_what_it_has(place: Place) -> None:
    ada = place.volume("claim-ada")
    run(place)
    place.claim("claim-ada")
    later = place.volume("claim-ada")
    assert run(place) == (f"home of ada: {later} is not used: its claim has {ada}",)


def test_what_is_in_use_elsewhere_or_of_another_namespace_is_left(place: Place) -> None:
    busy = place.volume("claim-ada")
    node = place.attach(busy)
    away = place.volume("claim-grace", **{"kubernetes.io/created-for/pvc/namespace": "old"})
    assert run(place) == (
        f"home of ada: {busy} is not used: is in-use by {node}",
        f"home of grace: {away} is not used: was made for namespace old, the hub is in {place.config.hub.namespace}",
    )
    assert place.core.list_persistent_volume().items == []


@pytest.mark.parametrize(
    "changed", [{"hubsmith:deployment": "other-1"}, {"hubsmith:deployment": ""}, {"kubernetes.io/created-for/pvc/name": "data-x-0"}]
)
def test_what_is_not_ours_is_not_seen(place: Place, changed: dict[str, str]) -> None:
    place.volume("claim-ada", **changed)
    assert find_volumes(place.session, place.config) == ()


def test_no_volume_no_question(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.ops.cluster_api.open_cluster", lambda *given: pytest.fail("the cluster was asked"))
    assert run(place) == ()


@pytest.mark.parametrize("stack", ["lab-data", "lab-platform", "lab-desktop"])
def test_only_before_the_hub(place: Place, stack: str) -> None:
    place.volume("claim-ada")
    HomesBack(place.root, place.config, place.target).before(stack)
    assert place.core.list_persistent_volume().items == []


def test_a_cluster_that_refuses_stops_the_hub(place: Place) -> None:
    place.volume("claim-ada")
    giving, cluster = look(place.root, place.config, place.target)
    assert cluster is not None
    give(place.session, place.config, cluster, giving)
    with pytest.raises(HubError, match="could not give back home of ada"):
        give(place.session, place.config, cluster, giving)


def test_a_dry_run_says_would(place: Place) -> None:
    place.volume("claim-ada", gib=50)
    giving, _ = look(place.root, place.config, place.target)
    assert said(giving, would=True) == [
        "1 volume would be given back: ada",
        "home of ada would grow from 50 to 100 GiB, the size in hub.yaml",
    ]
    assert place.core.list_persistent_volume().items == []


VAULT = {"node_groups": {"vault": {"instance_types": ["t3a.medium"], "min": 3, "max": 3, "purpose": "vault"}}, "vault": {"pool": "vault"}}


def members(place: Place, **changed: str) -> list[str]:
    """The volumes that two members of Vault left."""
    claims = [f"{kind}-vault-{number}" for number in range(2) for kind in ("data", "audit")]
    return [place.volume(claim, gib=10, **{NAMESPACE_TAG: "vault", **changed}) for claim in claims]


@pytest.mark.parametrize(("turn", "given"), [("lab-vault", 4), ("lab-hub", 1), ("lab-desktop", 0)])
def test_vault_s_volumes_come_back_before_vault_and_homes_before_the_hub(place: Place, turn: str, given: int) -> None:
    place.config = make_config(storage={"homes": {"kind": "ebs"}}, **VAULT)
    members(place)
    place.volume("claim-ada")
    back = HomesBack(place.root, place.config, place.target)
    back.before(turn)
    assert len(place.core.list_persistent_volume().items) == given
    if turn == "lab-vault":
        (made,) = [each for each in place.core.list_persistent_volume().items if each.spec.claim_ref.name == "data-vault-1"]
        assert (made.spec.claim_ref.namespace, made.spec.storage_class_name) == ("vault", "vault-data")
        assert made.spec.persistent_volume_reclaim_policy == "Retain"
        said = "4 volumes given back: Vault's audit-vault-0, Vault's audit-vault-1, Vault's data-vault-0, Vault's data-vault-1"
        assert back.lines == (said,)


@pytest.mark.parametrize(
    ("settings", "why"),
    [({}, "and this env has no Vault"), ({**VAULT, "vault": {"pool": "vault", "namespace": "secrets"}}, "Vault is in secrets")],
)
def test_vault_s_volumes_are_nobody_else_s(place: Place, settings: dict[str, Any], why: str) -> None:
    place.config = make_config(storage={"homes": {"kind": "ebs"}}, **settings)
    members(place)
    giving, _ = look(place.root, place.config, place.target)
    assert (len(giving.steps), len(giving.left)) == (0, 4)
    assert {left.why for left in giving.left} == {f"was made for namespace vault, {why}"}
