"""What stack vault promises, read from the synthesised Terraform of every env that has one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.common import vault as refs
from modules.config.load import list_envs, load_env
from modules.k8s.network import METADATA
from tests._support.graph import Graph, upstream
from tests._support.iam_evaluate import allows, assumes
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
ENVS = [env for env in list_envs(ROOT) if load_env(ROOT, env).vault]
RELEASE = "helm_release.release-vault"


@pytest.fixture(params=ENVS)
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def graph(env: str, stacks: Documents) -> Graph:
    return Graph(stacks[f"{env}-vault"])


def policies(graph: Graph) -> dict[str, dict[str, Any]]:
    """Network policies by name."""
    return {body.values["metadata"]["name"]: body.values["spec"] for body in graph.of_type("kubernetes_network_policy_v1")}


def ways(rules: list[dict[str, Any]], side: str) -> list[tuple[str, int]]:
    """(who, port) of every allowance, short: a namespace, `members` or a range."""
    found = []
    for rule in rules:
        for peer in rule[side]:
            if "ip_block" in peer:
                who = peer["ip_block"]["cidr"]
            elif "namespace_selector" in peer:
                who = peer["namespace_selector"]["match_labels"]["kubernetes.io/metadata.name"]
            else:
                assert peer["pod_selector"]["match_labels"] == refs.LABELS
                who = "members"
            found += [(who, int(port["port"])) for port in rule["ports"]]
    return sorted(found)


def test_the_seed_s_env_has_vault() -> None:
    assert "daft" in ENVS


def test_who_talks_to_whom(graph: Graph) -> None:
    found = policies(graph)
    assert set(found) == {"deny-all", "resolve-names", "server", "injector"}
    members = [("members", 8200), ("members", 8201)]
    server, injector = found["server"], found["injector"]
    assert server["pod_selector"]["match_labels"] == refs.LABELS
    assert ways(server["ingress"], "from") == [("jupyterhub", 8200), *members, ("ray", 8200)]
    assert ways(server["egress"], "to") == [("0.0.0.0/0", 443), *members]
    assert ways(injector["ingress"], "from") == [("10.3.0.0/21", 8080), ("100.64.0.0/16", 8080)]
    assert ways(injector["egress"], "to") == [("0.0.0.0/0", 443)]
    for spec in (server, injector):
        (world,) = [peer["ip_block"] for rule in spec["egress"] for peer in rule["to"] if "ip_block" in peer]
        assert set(world["except"]) == set(METADATA)


def test_pods_find_everything_there_when_they_start(graph: Graph) -> None:
    before = graph.after(RELEASE)
    for kind in ("kubernetes_network_policy_v1", "kubernetes_secret_v1", "kubernetes_storage_class_v1", "aws_iam_role_policy"):
        for body in graph.of_type(kind):
            assert body.address in before, body.address
    assert "kubernetes_namespace_v1.namespace" in before


def test_the_private_key_is_in_no_state(graph: Graph, env: str, stacks: Documents) -> None:
    values = graph.bodies["kubernetes_secret_v1.certificate"].values
    assert "data" not in values
    assert set(values["data_wo"]) == {"ca.crt", "tls.crt", "tls.key"}
    assert all("ephemeral.aws_secretsmanager_secret_version.vault-tls" in text for text in values["data_wo"].values())
    # The CA's certificate, which is no secret, is the one thing that is read as data.
    (read,) = stacks[f"{env}-vault"]["data"]["aws_secretsmanager_secret_version"].values()
    assert read["secret_id"].endswith("/vault-ca")


def test_volumes_stay_when_vault_goes(graph: Graph, env: str, stacks: Documents) -> None:
    (kept,) = [body.values for body in graph.of_type("kubernetes_storage_class_v1")]
    assert (kept["metadata"]["name"], kept["reclaim_policy"]) == ("vault-data", "Retain")
    assert "hubsmith:purpose=vault-data" in kept["parameters"].values()
    values = json.loads(graph.bodies[RELEASE].values["values"][0])["server"]
    assert {values[volume]["storageClass"] for volume in ("dataStorage", "auditStorage")} == {"vault-data"}
    # With them stays what opens them again, in the stack that outlives all others.
    data = Graph(stacks[f"{env}-data"]).bodies
    assert {f"aws_secretsmanager_secret.secret-{name}" for name in refs.SECRETS} <= set(data)
    key = data["aws_kms_key.vault-unseal-key"].values
    assert key["enable_key_rotation"] is True
    protects = load_env(ROOT, env).storage.protect
    assert bool(key.get("lifecycle", {}).get("prevent_destroy")) is protects


def test_an_env_without_vault_has_nothing_of_it(stacks: Documents) -> None:
    assert "demo-vault" not in stacks
    assert not [address for address in Graph(stacks["demo-data"]).bodies if "vault-" in address]


@pytest.mark.parametrize(
    ("subject", "accepted"),
    [
        ("system:serviceaccount:vault:vault", True),
        ("system:serviceaccount:vault:vault-agent-injector", False),
        ("system:serviceaccount:jupyterhub:vault", False),
    ],
)
def test_the_servers_alone_become_vault_s_role(graph: Graph, subject: str, accepted: bool) -> None:
    trust = json.loads(graph.bodies["aws_iam_role.role"].values["assume_role_policy"])
    (statement,) = trust["Statement"]
    (issuer,) = {key.rpartition(":")[0] for key in statement["Condition"]["StringEquals"]}
    assert assumes(trust, statement["Principal"]["Federated"], {"sub": subject, "aud": "sts.amazonaws.com"}, issuer) is accepted
    account = json.loads(graph.bodies[RELEASE].values["values"][0])["server"]["serviceAccount"]
    assert account["name"] == refs.SERVICE_ACCOUNT
    assert account["annotations"]["eks.amazonaws.com/role-arn"] == "${aws_iam_role.role.arn}"


def test_no_application_role_can_be_assumed_by_vault(graph: Graph, env: str) -> None:
    policy = json.loads(graph.bodies["aws_iam_role_policy.role-server"].values["policy"])
    for role in ("daft-sandbox_DaftRole", "daft-sandbox-vault", "DaftAdmin", "DaftDeployer", "Admin"):
        assert not allows(policy, "sts:AssumeRole", f"arn:aws:iam::123456789012:role/{role}")


def test_it_goes_without_the_hub_and_before_the_nodes(env: str, manifest: dict[str, Any]) -> None:
    above = upstream(manifest, f"{env}-vault")
    assert {f"{env}-cluster", f"{env}-data", f"{env}-platform"} <= above
    assert f"{env}-hub" not in above
    assert f"{env}-vault" not in upstream(manifest, f"{env}-hub")


def test_the_commands_find_what_they_look_for(env: str, stacks: Documents) -> None:
    assert {refs.ROLE_OUTPUT, refs.KEY_OUTPUT} <= set(stacks[f"{env}-vault"]["output"])
