"""What stack hub promises of Dask, read from the synthesised Terraform of every env that has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.config.load import list_envs, load_env
from modules.k8s.dask import refs
from modules.k8s.network import METADATA, PRIVATE
from tests._support.graph import Graph
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
ENVS = [env for env in list_envs(ROOT) if load_env(ROOT, env).dask]
NAMESPACE = "kubernetes_namespace_v1.dask-namespace"


@pytest.fixture(params=ENVS)
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def graph(stacks: Documents, env: str) -> Graph:
    return Graph(stacks[f"{env}-hub"])


def policies(graph: Graph) -> dict[str, dict[str, Any]]:
    """The specs of the namespace's policies, by name."""
    found = graph.of_type("kubernetes_network_policy_v1")
    return {body.values["metadata"]["name"]: body.values["spec"] for body in found if NAMESPACE in graph.after(body.address)}


def selected(peer: dict[str, Any]) -> str:
    """What a peer says, in short: a part of the gateway or of the hub, or an address range."""
    if block := peer.get("ip_block"):
        return "internet" if set(PRIVATE) <= set(block.get("except", ())) else str(block["cidr"])
    labels = peer["pod_selector"].get("match_labels") or {}
    return str(labels.get("app.kubernetes.io/component") or labels.get("component") or labels.get("k8s-app"))


def ways(spec: dict[str, Any], direction: str, side: str) -> set[tuple[str, str]]:
    """(peer, port) of every allowance; port is "*" for all."""
    return {
        (selected(peer), str(port.get("port", "*")))
        for allowed in spec.get(direction, ())
        for peer in allowed[side]
        for port in allowed.get("ports") or [{}]
    }


def test_there_is_an_env() -> None:
    assert {"demo", "helio"} <= set(ENVS)


def test_the_release_comes_after_all_it_needs(graph: Graph) -> None:
    after = graph.after("helm_release.release-dask-gateway")
    for body in graph.of_type("kubernetes_network_policy_v1", "kubernetes_secret_v1", "kubernetes_service_account_v1"):
        if NAMESPACE in graph.after(body.address):
            assert body.address in after, body.address
    assert NAMESPACE in after


@pytest.mark.parametrize(
    ("name", "reached_by", "reaches"),
    [
        (
            "traefik",
            {"singleuser-server:8000", "proxy:8000", "hub:8000"},
            {"0.0.0.0/0:443", "gateway:8000", "dask-scheduler:8786", "dask-scheduler:8787"},
        ),
        ("gateway", {"traefik:8000", "dask-scheduler:8000"}, {"0.0.0.0/0:443", "hub:8081", "dask-scheduler:8788"}),
        ("controller", set(), {"0.0.0.0/0:443"}),
        (
            "scheduler",
            {"traefik:8786", "traefik:8787", "gateway:8788", "dask-worker:8786"},
            {"dask-worker:*", "gateway:8000", "internet:80", "internet:443"},
        ),
        ("worker", {"dask-scheduler:*", "dask-worker:*"}, {"dask-scheduler:8786", "dask-worker:*", "internet:80", "internet:443"}),
        ("resolve-names", set(), {"kube-dns:53"}),
        ("deny-all", set(), set()),
    ],
)
def test_who_reaches_whom(graph: Graph, env: str, name: str, reached_by: set[str], reaches: set[str]) -> None:
    spec = policies(graph)[name]
    found = {":".join(way) for way in ways(spec, "egress", "to")}
    # AWS's interface endpoints have addresses in the VPC.
    network = load_env(ROOT, env).network
    endpoints = {f"{network.cidr}:443"} if network.endpoints.interface and name in {"scheduler", "worker"} else set()
    assert found == reaches | endpoints
    assert {":".join(way) for way in ways(spec, "ingress", "from")} == reached_by


def test_there_is_no_other_policy_and_none_forgets_metadata(graph: Graph) -> None:
    found = policies(graph)
    assert set(found) == {"traefik", "gateway", "controller", "scheduler", "worker", "resolve-names", "deny-all"}
    blocks = [peer["ip_block"] for spec in found.values() for rule in spec.get("egress", ()) for peer in rule["to"] if "ip_block" in peer]
    assert blocks
    assert all(set(METADATA) <= set(block["except"]) for block in blocks if block["cidr"] == "0.0.0.0/0")


def test_callers_are_of_the_hubs_namespace(graph: Graph, env: str) -> None:
    peers = [peer for rule in policies(graph)["traefik"]["ingress"] for peer in rule["from"]]
    labels = {"kubernetes.io/metadata.name": load_env(ROOT, env).hub.namespace}
    assert [peer["namespace_selector"]["match_labels"] for peer in peers] == [labels] * 3


def test_the_hub_opens_the_same_doors(graph: Graph, env: str) -> None:
    values = json.loads(graph.bodies["helm_release.release-jupyterhub"].values["values"][0])
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": load_env(ROOT, env).dask.namespace}}  # type: ignore[union-attr]
    traefik = {"podSelector": {"matchLabels": refs.labels("traefik")}, "namespaceSelector": namespace}
    out = {"to": [traefik], "ports": [{"port": 8000, "protocol": "TCP"}]}
    for part in (values["singleuser"], values["proxy"]["chp"], values["hub"]):
        assert out in part["networkPolicy"]["egress"]
    proxy = {"to": [{"podSelector": {"matchLabels": {"app": "jupyterhub", "component": "proxy"}}}], "ports": out["ports"]}
    assert proxy in values["singleuser"]["networkPolicy"]["egress"]
    gateway = {"podSelector": {"matchLabels": refs.labels("gateway")}, "namespaceSelector": namespace}
    assert {"from": [gateway], "ports": [{"port": 8081, "protocol": "TCP"}]} in values["hub"]["networkPolicy"]["ingress"]


def test_the_token_is_made_once_and_in_two_secrets_alone(stacks: Documents, graph: Graph, env: str) -> None:
    data = Graph(stacks[f"{env}-data"])
    assert data.bodies["aws_secretsmanager_secret_version.secret-dask-gateway-token-value"].values["secret_string_wo_version"] == 1
    token = "${ephemeral.aws_secretsmanager_secret_version.gateway-token.secret_string}"
    holders = {body.address: body.values["data_wo"] for body in graph.of_type("kubernetes_secret_v1")}
    assert holders["kubernetes_secret_v1.gateway-credentials"] == {"gateway-token": token}
    assert holders["kubernetes_secret_v1.credentials"]["gateway-token"] == token


def test_workers_role_trusts_their_account_alone(graph: Graph, env: str) -> None:
    config = load_env(ROOT, env)
    account = graph.bodies["kubernetes_service_account_v1.dask-worker"].values
    assert account["automount_service_account_token"] is False
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == "${aws_iam_role.dask-worker-role.arn}"
    assert config.dask is not None
    trust = graph.bodies["aws_iam_role.dask-worker-role"].values["assume_role_policy"]
    assert f"system:serviceaccount:{config.dask.namespace}:dask-worker" in trust
    assert config.hub.namespace not in trust.replace(config.name, "")


def test_without_dask_there_is_nothing_of_it(stacks: Documents) -> None:
    others = [env for env in list_envs(ROOT) if env not in ENVS]
    assert others
    for env in others:
        assert not [
            address
            for stack in ("data", "hub")
            for address in Graph(stacks[f"{env}-{stack}"]).bodies
            if "dask" in address or "gateway-" in address
        ]
