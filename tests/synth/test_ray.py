"""What stack ray promises, read from the synthesised Terraform of an env with three clusters: two static ones in one namespace, and
one of KubeRay's in another."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from modules.common import ray as refs
from modules.k8s.network import METADATA, PRIVATE
from tests._support.checkout import Checkout
from tests._support.evidence import Evidence
from tests._support.graph import Graph, upstream
from tests.synth.conftest import Documents, read_stacks, synthesise

ENV = "rays"
NODE = {"image": "rayproject/ray:2.60.0", "pool": "ray", "instance_type": "m5.2xlarge", "workers": 1}
CLUSTERS = {
    "default": NODE,
    "nightly": NODE,
    "big": {**NODE, "kind": "kuberay", "namespace": "data-team", "max_workers": 3},
}
#: Pods, by a short name: namespace and labels. What Kubernetes and the other charts put on theirs is written out.
PODS: dict[str, tuple[str, dict[str, str]]] = {
    "notebook": ("jupyterhub", {"app": "jupyterhub", "component": "singleuser-server"}),
    "hub": ("jupyterhub", {"app": "jupyterhub", "component": "hub"}),
    "proxy": ("jupyterhub", {"app": "jupyterhub", "component": "proxy"}),
    "somebody-s-notebook": ("elsewhere", {"app": "jupyterhub", "component": "singleuser-server"}),
    "vault": ("vault", {"app.kubernetes.io/name": "vault", "component": "server"}),
    "operator": ("kuberay", {"app.kubernetes.io/name": "kuberay-operator"}),
    "neighbour": ("ray", {"app": "other"}),
    "head": ("ray", refs.labels("default", "head")),
    "worker": ("ray", refs.labels("default", "worker")),
    "nightly-head": ("ray", refs.labels("nightly", "head")),
    "nightly-worker": ("ray", refs.labels("nightly", "worker")),
    "big-head": ("data-team", {**refs.labels("big", "head"), "ray.io/node-type": "head"}),
    "big-worker": ("data-team", {**refs.labels("big", "worker"), "ray.io/node-type": "worker"}),
}


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One synth of the seed's env with these clusters instead of its own."""
    checkout = Checkout.make(tmp_path_factory.mktemp("checkout"))
    folder = checkout.root / "envs" / ENV
    folder.mkdir()
    given = yaml.safe_load((checkout.root / "envs/daft/hub.yaml").read_text())
    given["ray"] = CLUSTERS
    given["roles"]["daft"]["service_accounts"] = ["jupyterhub:daft", "ray:default-daft", "data-team:big-daft"]
    (folder / "hub.yaml").write_text(yaml.safe_dump(given))
    written = tmp_path_factory.mktemp("rays")
    synthesise(checkout.root, written, HUB_ENV=ENV, PYTHONPATH=str(checkout.root))
    return written


@pytest.fixture(scope="module")
def stacks(outdir: Any) -> Documents:
    return read_stacks(outdir)


@pytest.fixture(scope="module")
def graph(stacks: Documents) -> Graph:
    return Graph(stacks[f"{ENV}-ray"])


def release(graph: Graph, cluster: str) -> dict[str, Any]:
    return dict(graph.bodies[f"helm_release.release-ray-{cluster}"].values)


def values_of(graph: Graph, cluster: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(release(graph, cluster)["values"][0])
    return found


def policies(graph: Graph) -> list[tuple[str, dict[str, Any]]]:
    """(namespace, spec) of every policy."""
    spaces = graph.of_type("kubernetes_namespace_v1")
    names = {f"${{{body.address}.metadata[0].name}}": body.values["metadata"]["name"] for body in spaces}
    found = graph.of_type("kubernetes_network_policy_v1")
    return [(names[body.values["metadata"]["namespace"]], body.values["spec"]) for body in found]


def matches(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    return ((selector or {}).get("match_labels") or {}).items() <= labels.items()


def allows(graph: Graph, pod: str, direction: str, other: str, port: int) -> bool:
    """Whether `pod`'s side of stack ray allows it; a pod for which no policy speaks may do anything."""
    side = {"ingress": "from", "egress": "to"}[direction]
    namespace, labels = PODS[pod]
    mine = [spec for where, spec in policies(graph) if where == namespace and matches(spec.get("pod_selector"), labels)]
    mine = [spec for spec in mine if direction.capitalize() in spec["policy_types"]]
    rules = [rule for spec in mine for rule in spec.get(direction) or ()]
    return not mine or any(
        any(is_peer(peer, namespace, other) for peer in rule[side])
        and (not rule.get("ports") or str(port) in {each["port"] for each in rule["ports"]})
        for rule in rules
    )


def is_peer(peer: dict[str, Any], here: str, other: str) -> bool:
    namespace, labels = PODS[other]
    if "pod_selector" not in peer:
        return False
    where = (peer.get("namespace_selector") or {}).get("match_labels", {"kubernetes.io/metadata.name": here})
    return where == {"kubernetes.io/metadata.name": namespace} and matches(peer["pod_selector"], labels)


@pytest.mark.parametrize(
    ("source", "target", "port", "allowed"),
    [
        ("notebook", "head", 10001, True),
        ("notebook", "nightly-head", 10001, True),
        ("notebook", "big-head", 10001, True),
        ("notebook", "head", 8265, False),
        ("notebook", "head", 6379, False),
        ("notebook", "head", 22346, False),
        ("notebook", "worker", 10001, False),
        ("notebook", "big-worker", 22346, False),
        ("somebody-s-notebook", "head", 10001, False),
        ("hub", "head", 10001, False),
        ("proxy", "head", 8265, False),
        ("vault", "head", 10001, False),
        ("operator", "big-head", 8265, False),
        ("neighbour", "head", 10001, False),
        ("neighbour", "worker", 22345, False),
        ("worker", "head", 6379, True),
        ("worker", "head", 22346, True),
        ("worker", "worker", 22345, True),
        ("worker", "worker", 10500, True),
        ("head", "worker", 10002, True),
        ("head", "notebook", 8888, False),
        ("worker", "hub", 8081, False),
        ("nightly-worker", "head", 6379, False),
        ("nightly-head", "head", 10001, False),
        ("big-worker", "head", 10001, False),
        ("big-worker", "big-head", 6379, True),
        ("head", "vault", 8200, True),
        ("worker", "vault", 8201, False),
    ],
)
def test_who_reaches_whom(graph: Graph, source: str, target: str, port: int, allowed: bool) -> None:
    """Both ends must allow it; of pods of other stacks, only the end that stands here is asked."""
    assert (allows(graph, source, "egress", target, port) and allows(graph, target, "ingress", source, port)) is allowed


def test_every_pod_of_a_namespace_of_ours_has_a_policy_and_asks_for_names(graph: Graph) -> None:
    found = policies(graph)
    for namespace in ("ray", "data-team", "kuberay"):
        (shut,) = [spec for where, spec in found if where == namespace and not spec.get("ingress") and not spec.get("egress")]
        assert (shut["policy_types"], shut["pod_selector"]) == (["Ingress", "Egress"], {})
        assert [spec for where, spec in found if where == namespace and spec["policy_types"] == ["Egress"] and spec["pod_selector"] == {}]


def test_the_world_is_the_internet_and_the_api_for_those_who_ask_it(graph: Graph) -> None:
    kept_off: dict[tuple[str, str], set[str]] = {}
    for _, spec in policies(graph):
        for rule in spec.get("egress") or ():
            for block in [peer["ip_block"] for peer in rule["to"] if "ip_block" in peer]:
                for port in rule["ports"]:
                    of = (json.dumps(spec["pod_selector"].get("match_labels")), port["port"])
                    # Allowances add up: out of reach is what all of them leave out.
                    kept_off[of] = kept_off.get(of, set(block["except"])) & set(block["except"])
    assert len(kept_off) == 13, "two ports for each of six roles, and the operator's one"
    for (labels, port), excepted in kept_off.items():
        assert set(METADATA) <= excepted
        api = port == "443" and (labels == "null" or refs.labels("big", "head") == json.loads(labels))
        assert (set(PRIVATE) <= excepted) is not api, (labels, port)


def test_a_release_a_cluster_each_after_all_it_needs(graph: Graph) -> None:
    for cluster, namespace in {"default": "ray", "nightly": "ray", "big": "data-team"}.items():
        address = f"helm_release.release-ray-{cluster}"
        after = graph.after(address)
        assert f"kubernetes_namespace_v1.namespace-{namespace}" in after
        assert f"kubernetes_secret_v1.token-{cluster}" in after
        assert {f"kubernetes_network_policy_v1.policy-{namespace}-{cluster}-{role}" for role in ("head", "worker")} <= after
        assert release(graph, cluster)["chart"].endswith("/raycluster" if cluster == "big" else "/ray-static-cluster")
        assert ("helm_release.release-kuberay-operator" in after) is (cluster == "big"), "removed before its RayCluster"


def test_each_cluster_s_token_is_its_own_and_in_no_state(graph: Graph, stacks: Documents) -> None:
    hub = Graph(stacks[f"{ENV}-hub"]).bodies["kubernetes_secret_v1.ray-tokens"].values
    assert hub["metadata"]["name"] == refs.NOTEBOOK_SECRET
    assert set(hub["data_wo"]) == set(CLUSTERS)
    data = Graph(stacks[f"{ENV}-data"]).bodies
    for cluster in CLUSTERS:
        secret = graph.bodies[f"kubernetes_secret_v1.token-{cluster}"].values
        assert secret["data_wo"] == {refs.TOKEN_KEY: f"${{ephemeral.aws_secretsmanager_secret_version.{cluster}.secret_string}}"}
        assert values_of(graph, cluster)["token"]["secret"] == secret["metadata"]["name"] == refs.pod_secret(cluster)
        source = stacks[f"{ENV}-ray"]["ephemeral"]["aws_secretsmanager_secret_version"][cluster]["secret_id"]
        assert source.endswith(f"/{refs.token_secret(cluster)}")
        written = data[f"aws_secretsmanager_secret_version.secret-{refs.token_secret(cluster)}-value"].values
        assert "ephemeral.aws_secretsmanager_random_password" in written["secret_string_wo"]
    # Read as data, a value would be in the state.
    for document in stacks.values():
        read = document.get("data", {}).get("aws_secretsmanager_secret_version", {})
        assert not [each["secret_id"] for each in read.values() if "/ray-" in each["secret_id"]]


def test_an_application_role_goes_to_the_accounts_that_name_it(graph: Graph) -> None:
    assert "aws_iam_role" in values_of(graph, "default")["serviceAccount"]["roleArn"]
    assert "aws_iam_role" in values_of(graph, "big")["serviceAccount"]["roleArn"]
    assert values_of(graph, "nightly")["serviceAccount"]["roleArn"] == ""


def test_every_namespace_is_restricted(graph: Graph) -> None:
    levels = {body.values["metadata"]["name"]: body.values["metadata"]["labels"] for body in graph.of_type("kubernetes_namespace_v1")}
    assert set(levels) == {"ray", "data-team", "kuberay"}
    for labels in levels.values():
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_it_says_where_its_clusters_are(stacks: Documents) -> None:
    found = {name: each["value"] for name, each in stacks[f"{ENV}-ray"]["output"].items() if name.startswith("ray_address_")}
    assert found == {
        "ray_address_default": "ray://default-ray-head-svc.ray:10001",
        "ray_address_nightly": "ray://nightly-ray-head-svc.ray:10001",
        "ray_address_big": "ray://big-ray-head-svc.data-team:10001",
    }


def test_it_goes_without_the_hub_and_before_the_nodes(outdir: Any, evidence: Evidence) -> None:
    manifest = json.loads((outdir / "manifest.json").read_text())
    above = upstream(manifest, f"{ENV}-ray")
    assert {f"{ENV}-cluster", f"{ENV}-platform", f"{ENV}-data"} <= above
    assert not {f"{ENV}-hub", f"{ENV}-vault"} & above
    assert f"{ENV}-ray" not in upstream(manifest, f"{ENV}-hub")
    evidence.record(
        "Ray: who reaches a head, a worker, the dashboard", "asserted", "rules of the policies; no network plugin enforced them"
    )
