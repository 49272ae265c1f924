"""What stack desktop promises, read from the synthesised Terraform of every env that has desktops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.common import desktops as refs
from modules.config.load import list_envs, load_env
from modules.k8s.network import METADATA
from tests._support.graph import Graph, upstream
from tests._support.iam_evaluate import assumes
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
ENVS = [env for env in list_envs(ROOT) if load_env(ROOT, env).desktop]
#: What the agent in the image reads (images/dcv/agent); Kubernetes and IRSA add theirs.
VARIABLES = {
    "AWS_REGION",
    "DCV_CREDENTIALS",
    "DCV_EKS_CONFIG_MAP_NAME",
    "DCV_EKS_DISPLAY_PARAMETER_STORE",
    "DCV_EKS_SOCKET_PARAMETER_STORE",
    "DCV_SEATS",
    "DCV_SESSION",
    "DCV_SOCKET_MOUNT_PATH",
    "DCV_STOP_IDLE_HOURS",
    "NODE_NAME",
    "POD_NAMESPACE",
}


@pytest.fixture(params=ENVS)
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def graph(env: str, stacks: Documents) -> Graph:
    return Graph(stacks[f"{env}-desktop"])


def pod(graph: Graph) -> dict[str, Any]:
    found: dict[str, Any] = graph.bodies["kubernetes_daemon_set_v1.daemon"].values["spec"]["template"]["spec"]
    return found


def test_demo_and_the_seed_s_env_have_desktops() -> None:
    assert {"demo", "addf"} <= set(ENVS)


def test_the_port_is_open_to_the_listed_networks_and_to_nobody_else(env: str, graph: Graph) -> None:
    settings = load_env(ROOT, env).desktop
    assert settings is not None
    rules = [body.values for body in graph.of_type("aws_vpc_security_group_ingress_rule")]
    opened = sorted((rule["ip_protocol"], rule["cidr_ipv4"], rule["from_port"], rule["to_port"]) for rule in rules)
    port = settings.node_port
    assert opened == sorted((protocol, cidr, port, port) for protocol in ("tcp", "udp") for cidr in settings.cidrs)
    assert not any("cidr_ipv6" in rule or "referenced_security_group_id" in rule or "prefix_list_id" in rule for rule in rules)
    (policy,) = [body for body in graph.of_type("kubernetes_network_policy_v1") if body.values["spec"].get("ingress")]
    (let_in,) = policy.values["spec"]["ingress"]
    assert sorted(peer["ip_block"]["cidr"] for peer in let_in["from"]) == sorted(settings.cidrs)
    assert {(port["protocol"], port["port"]) for port in let_in["ports"]} == {("TCP", "8443"), ("UDP", "8443")}


def test_both_protocols_share_one_number_and_stay_on_their_node(env: str, graph: Graph) -> None:
    settings = load_env(ROOT, env).desktop
    assert settings is not None
    spec = graph.bodies["kubernetes_service_v1.front"].values["spec"]
    assert (spec["type"], spec["external_traffic_policy"]) == ("NodePort", "Local")
    assert [(port["protocol"], port["port"], port["node_port"]) for port in spec["port"]] == [
        ("TCP", refs.PORT, settings.node_port),
        ("UDP", refs.PORT, settings.node_port),
    ]


def test_only_the_desktops_reach_the_metadata_service(graph: Graph) -> None:
    allowed = [
        (body.values["metadata"]["name"], body.values["spec"]["pod_selector"]["match_labels"], rule["ports"])
        for body in graph.of_type("kubernetes_network_policy_v1")
        for rule in body.values["spec"].get("egress", [])
        for peer in rule["to"]
        if peer.get("ip_block", {}).get("cidr", "").startswith("169.254")
    ]
    assert allowed == [("desktop", refs.LABELS, [{"port": "80", "protocol": "TCP"}])]
    for body in graph.of_type("kubernetes_network_policy_v1"):
        for rule in body.values["spec"].get("egress", []):
            for peer in rule["to"]:
                if peer.get("ip_block", {}).get("cidr") == "0.0.0.0/0":
                    assert peer["ip_block"]["except"] == list(METADATA)


def test_the_agent_gets_every_variable_it_reads_and_no_secret(graph: Graph) -> None:
    (container,) = pod(graph)["container"]
    assert {variable["name"] for variable in container["env"]} == VARIABLES
    assert "secret_key_ref" not in json.dumps(container)


def test_live_tokens_are_not_hidden_by_systemd(graph: Graph) -> None:
    (container,) = pod(graph)["container"]
    mounts = {mount["mount_path"]: mount["name"] for mount in container["volume_mount"]}
    volumes = {volume["name"]: volume for volume in pod(graph)["volume"]}
    assert volumes[mounts["/run"]]["empty_dir"] == {"medium": "Memory"}


def test_every_probe_has_time_to_ask(graph: Graph) -> None:
    (container,) = pod(graph)["container"]
    for kind, question in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
        probe = container[f"{kind}_probe"]
        assert probe["exec"]["command"][-1] == question
        assert probe["timeout_seconds"] >= 5


def test_the_agent_s_role_in_the_cluster_names_its_objects(env: str, graph: Graph) -> None:
    settings = load_env(ROOT, env).desktop
    assert settings is not None
    rules = graph.bodies["kubernetes_role_v1.agent-role"].values["rule"]
    objects = {
        (group, resource, name)
        for rule in rules
        for group in rule["api_groups"]
        for resource in rule["resources"]
        for name in rule["resource_names"]
    }
    wanted = {("", "configmaps", refs.CONFIG_MAP)}
    if settings.stop_idle_hours:
        wanted.add(("apps", "deployments/scale", refs.SEATS))
    assert objects == wanted
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "patch"}


def test_what_runs_by_itself_is_not_put_back(graph: Graph) -> None:
    ignored = {
        body.address: body.values["lifecycle"]["ignore_changes"]
        for body in graph.of_type("kubernetes_config_map_v1", "kubernetes_deployment_v1", "aws_ssm_parameter")
    }
    assert ignored == {
        "kubernetes_config_map_v1.board": ["data"],
        "kubernetes_deployment_v1.seats": ["spec[0].replicas"],
        "aws_ssm_parameter.display": ["value"],
        "aws_ssm_parameter.socket-mount-path": ["value"],
    }


def test_pods_find_everything_there_when_they_start(graph: Graph) -> None:
    before = graph.after("kubernetes_daemon_set_v1.daemon")
    for kind in ("kubernetes_network_policy_v1", "kubernetes_service_account_v1", "kubernetes_config_map_v1", "kubernetes_role_binding_v1"):
        for body in graph.of_type(kind):
            assert body.address in before, body.address
    assert {body.address for body in graph.of_type("aws_iam_role_policy")} <= before


def test_outputs_have_the_seed_s_names(stacks: Documents, env: str) -> None:
    config = load_env(ROOT, env)
    assert config.desktop is not None
    outputs = stacks[f"{env}-desktop"]["output"]
    assert set(refs.OUTPUTS) <= set(outputs)
    parameters = {body.values["name"] for body in Graph(stacks[f"{env}-desktop"]).of_type("aws_ssm_parameter")}
    place = f"/{config.desktop.project}/{config.env}/{config.desktop.module}"
    assert parameters == {f"{place}/dcv-display", f"{place}/dcv-socket-mount-path"}


def test_desktops_go_without_the_hub_and_before_the_nodes(env: str, manifest: dict[str, Any]) -> None:
    above = upstream(manifest, f"{env}-desktop")
    assert f"{env}-cluster" in above
    assert f"{env}-hub" not in above
    assert f"{env}-desktop" not in upstream(manifest, f"{env}-hub")


@pytest.mark.parametrize(
    ("subject", "audience", "accepted"),
    [
        ("system:serviceaccount:dcv:dcv-agent-src-account", "sts.amazonaws.com", True),
        ("system:serviceaccount:dcv:default", "sts.amazonaws.com", False),
        ("system:serviceaccount:jupyterhub:dcv-agent-src-account", "sts.amazonaws.com", False),
        ("system:serviceaccount:dcv:dcv-agent-src-account", "elsewhere", False),
        ("system:serviceaccount:*", "sts.amazonaws.com", False),
    ],
)
def test_the_agent_s_account_alone_assumes_its_role(graph: Graph, subject: str, audience: str, accepted: bool) -> None:
    trust = json.loads(graph.bodies["aws_iam_role.agent-aws-role"].values["assume_role_policy"])
    (statement,) = trust["Statement"]
    (issuer,) = {key.rpartition(":")[0] for key in statement["Condition"]["StringEquals"]}
    provider = statement["Principal"]["Federated"]
    assert assumes(trust, provider, {"sub": subject, "aud": audience}, issuer) is accepted
