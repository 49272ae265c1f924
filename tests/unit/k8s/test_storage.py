"""Claims bound to one volume, as synth writes them and as a cluster takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.cdk import App, Backend, Stack
from modules.k8s.providers import use_cluster
from modules.k8s.storage import access_point_claim, node_folder_claim
from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.manifests import manifest_of
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import Schemas
from modules.rehearsal.verdicts.tally import Tally
from tests.unit.cluster.support import make_backend, namespace, refusal

NAMESPACE, VOLUME, CLAIM = "kubernetes_namespace_v1", "kubernetes_persistent_volume_v1", "kubernetes_persistent_volume_claim_v1"
#: Blocks, which Terraform hands to a provider as lists.
_BLOCKS = {"metadata", "spec", "resources", "claim_ref", "persistent_volume_source", "host_path", "csi", "node_affinity", "required"}
Values = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Values]:
    """Every volume and claim of a stack with one of each kind, by "<type>/<id>", as a provider is given it."""
    folder = tmp_path_factory.mktemp("synth")
    app = App(str(folder))
    stack = Stack(app, "lab-hub", backend=Backend("state", "lab", "us-east-2", "locks"), aspects=[])
    use_cluster(stack, env="lab", endpoint="https://lab", certificate_authority="bGFi")
    common = {"namespace": "hub", "read_only": True}
    node_folder_claim(stack, "desktop", volume="lab-desktop", path="/var/addf/dcv-eks", node_labels={"usage": "visualization"}, **common)
    access_point_claim(stack, "home", volume="lab-home", file_system_id="fs-1", access_point_id="fsap-1", **common)
    app.synth()
    resources = json.loads((folder / "stacks" / "lab-hub" / "cdk.tf.json").read_text())["resource"]
    return {f"{kind}/{name}": _given(values) for kind in (VOLUME, CLAIM) for name, values in resources[kind].items()}


def _given(value: Any, name: str = "") -> Any:
    """A resource of a stack's JSON with blocks as lists, names known, and nothing of the engine's own."""
    if isinstance(value, dict):
        inner = {key: _given(each, key) for key, each in value.items() if key != "//"}
        return [inner] if name in _BLOCKS else inner
    if isinstance(value, list):
        return [_given(each) for each in value]
    return "lab-" + value.partition("volume-")[2].partition(".")[0] if name == "volume_name" else value


def _manifest(written: dict[str, Values], kind: str, name: str) -> dict[str, Any]:
    return manifest_of(kind, written[f"{kind}/{name}"])


@pytest.fixture
def cluster() -> ClusterBackend:
    """A cluster with the hub's namespace."""
    backend = make_backend(schemas=Schemas(()))
    _make(backend, NAMESPACE, namespace("hub"))
    return backend


def _make(backend: ClusterBackend, kind: str, values: Values) -> Values:
    planned = {"id": None, **values}
    return backend.create(kind, planned, planned)[0]


def test_a_folder_of_a_node_is_bound_to_its_claim_alone(written: dict[str, Values]) -> None:
    assert _manifest(written, VOLUME, "volume-desktop")["spec"] == {
        "accessModes": ["ReadOnlyMany"],
        "capacity": {"storage": "1Ti"},
        "claimRef": {"name": "desktop", "namespace": "hub"},
        # With another type the kubelet would make the folder, or not look whether there is one.
        "hostPath": {"path": "/var/addf/dcv-eks", "type": "Directory"},
        "nodeAffinity": {
            "required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "usage", "operator": "In", "values": ["visualization"]}]}]}
        },
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
    }
    claim = _manifest(written, CLAIM, "claim-desktop")["spec"]
    assert (claim["volumeName"], claim["storageClassName"], claim["accessModes"]) == ("lab-desktop", "", ["ReadOnlyMany"])


@pytest.mark.parametrize("name", ["desktop", "home"])
def test_a_cluster_binds_it(written: dict[str, Values], cluster: ClusterBackend, name: str) -> None:
    _make(cluster, VOLUME, written[f"{VOLUME}/volume-{name}"])
    made = _make(cluster, CLAIM, written[f"{CLAIM}/claim-{name}"])
    assert made["id"] == f"hub/{name}"
    assert "already exists" in refusal(_make, cluster, VOLUME, written[f"{VOLUME}/volume-{name}"])


def test_another_claim_does_not_get_the_folder(written: dict[str, Values], cluster: ClusterBackend) -> None:
    _make(cluster, VOLUME, written[f"{VOLUME}/volume-desktop"])
    claim = written[f"{CLAIM}/claim-desktop"]
    other = {**claim, "metadata": [{"name": "mine", "namespace": "hub"}]}
    assert "volume is for another claim" in refusal(_make, cluster, CLAIM, other)


@pytest.mark.parametrize("name", ["desktop", "home"])
def test_schemas_and_rules_have_nothing_to_say(written: dict[str, Values], name: str) -> None:
    judge, tally = Judge(Schemas(())), Tally()
    for kind, resource in ((VOLUME, f"volume-{name}"), (CLAIM, f"claim-{name}")):
        assert judge.manifest(_manifest(written, kind, resource), tally) == []
    assert tally.manifests == 2
