"""What becomes of a volume whose claim goes, and which claim gets it next, over the cluster's own API."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes import client

from tests.unit.cluster.api_support import Served, served, served_process

__all__ = ["served", "served_process"]

ADA, GRACE = ("dcv", "claim-ada"), ("dcv", "claim-grace")


def volume(name: str, claim: tuple[str, str] = ADA, *, policy: str = "Retain", size: str = "100Gi", uid: str = "") -> dict[str, Any]:
    """A volume on EBS that is for one claim."""
    reference = {"namespace": claim[0], "name": claim[1], **({"uid": uid} if uid else {})}
    spec = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "gp2",
        "persistentVolumeReclaimPolicy": policy,
        "claimRef": reference,
        "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1"},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}


def claim(place: tuple[str, str] = ADA, size: str = "100Gi") -> dict[str, Any]:
    """A claim as KubeSpawner makes it: by its class, naming no volume."""
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp2", "resources": {"requests": {"storage": size}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"namespace": place[0], "name": place[1]}, "spec": spec}


@pytest.fixture
def api(served: Served) -> Any:
    """Kubernetes' own client."""
    return client.CoreV1Api(served.client)


def phases(api: Any) -> dict[str, str]:
    """The phase of every volume, by name."""
    return {each.metadata.name: each.status.phase for each in api.list_persistent_volume().items}


@pytest.mark.parametrize(
    ("made", "wanted", "bound"),
    [
        (volume("one"), claim(), "one"),
        (volume("one"), claim(GRACE), None),
        (volume("one", size="50Gi"), claim(), None),
        (volume("one", uid="of-another"), claim(), None),
        (volume("one", size="200Gi"), claim(), "one"),
    ],
    ids=["its own", "another's", "too small", "of an earlier claim", "larger"],
)
@pytest.mark.parametrize("claim_first", [False, True])
def test_a_claim_gets_the_volume_that_is_kept_for_it(
    api: Any, made: dict[str, Any], wanted: dict[str, Any], bound: str | None, claim_first: bool
) -> None:
    place = wanted["metadata"]["namespace"]
    makers = [lambda: api.create_persistent_volume(made), lambda: api.create_namespaced_persistent_volume_claim(place, wanted)]
    for make in reversed(makers) if claim_first else makers:
        make()
    found = api.read_namespaced_persistent_volume_claim(wanted["metadata"]["name"], place)
    assert found.spec.volume_name == bound
    assert (found.status.phase, phases(api)["one"]) == (("Bound", "Bound") if bound else ("Pending", "Available"))


@pytest.mark.parametrize(("policy", "left"), [("Retain", {"one": "Released"}), ("Delete", {})])
def test_its_policy_says_what_becomes_of_it(api: Any, policy: str, left: dict[str, str]) -> None:
    api.create_persistent_volume(volume("one", policy=policy))
    api.create_namespaced_persistent_volume_claim("dcv", claim())
    api.delete_namespaced_persistent_volume_claim(ADA[1], "dcv")
    assert phases(api) == left


def test_a_namespace_takes_its_claims_with_it_and_no_kept_volume(api: Any) -> None:
    api.create_namespace({"metadata": {"name": "hub"}})
    api.create_persistent_volume(volume("one", ("hub", "claim-ada")))
    api.create_persistent_volume(volume("two", ("hub", "claim-grace"), policy="Delete"))
    for name in ("claim-ada", "claim-grace"):
        api.create_namespaced_persistent_volume_claim("hub", claim(("hub", name)))
    api.delete_namespace("hub")
    assert phases(api) == {"one": "Released"}


def test_a_released_volume_is_nobodys_until_the_old_claim_is_forgotten(api: Any) -> None:
    api.create_persistent_volume(volume("one"))
    api.create_namespaced_persistent_volume_claim("dcv", claim())
    api.delete_namespaced_persistent_volume_claim(ADA[1], "dcv")
    api.create_namespaced_persistent_volume_claim("dcv", claim())
    assert phases(api) == {"one": "Released"}
    api.patch_persistent_volume("one", {"spec": {"claimRef": {"uid": None}}})
    assert phases(api) == {"one": "Bound"}
    assert api.read_namespaced_persistent_volume_claim(ADA[1], "dcv").spec.volume_name == "one"
