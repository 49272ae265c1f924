"""What stack launcher promises, read from the synthesised Terraform of every env that has one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.common import launcher as refs
from modules.config.extras import Launcher
from modules.config.load import list_envs, load_env
from modules.k8s.network import METADATA, PRIVATE
from modules.launcher.settings.load import parse
from tests._support.graph import Graph, upstream
from tests._support.iam_evaluate import allows, assumes
from tests._support.rbac import Rbac, Subject
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
ENVS = [env for env in list_envs(ROOT) if load_env(ROOT, env).launcher]
SERVER = "kubernetes_deployment_v1.server"
OPERATORS = Subject("Group", refs.OPERATORS)
APPS = "apps"


@pytest.fixture(params=ENVS)
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def graph(env: str, stacks: Documents) -> Graph:
    return Graph(stacks[f"{env}-launcher"])


@pytest.fixture
def settings(env: str) -> Launcher:
    found = load_env(ROOT, env).launcher
    assert found is not None
    return found


@pytest.fixture
def server(settings: Launcher) -> Subject:
    return Subject("ServiceAccount", refs.NAME, settings.namespace)


def policies(graph: Graph, prefix: str) -> dict[str, dict[str, Any]]:
    """Network policies of one namespace, by name; their ids begin with `prefix`."""
    found = {body.address.partition(".")[2]: body.values for body in graph.of_type("kubernetes_network_policy_v1")}
    return {values["metadata"]["name"]: values["spec"] for id, values in found.items() if id == f"{prefix}-{values['metadata']['name']}"}


def peers(spec: dict[str, Any], direction: str, side: str) -> list[dict[str, Any]]:
    return [peer for rule in spec.get(direction, ()) for peer in rule[side]]


def test_the_rehearsal_and_a_real_env_have_one() -> None:
    assert {"demo", "daft"} <= set(ENVS)


#: (allowed, verb, resource, API group, where): where is a namespace of processes ("processes"), the launcher's ("own"), or any name.
REQUESTS = [
    (True, "create", "deployments", APPS, "processes"),
    (True, "delete", "deployments", APPS, "processes"),
    (True, "list", "deployments", APPS, "processes"),
    (True, "create", "services", "", "processes"),
    (True, "delete", "services", "", "processes"),
    (True, "list", "services", "", "processes"),
    (True, "create", "secrets", "", "processes"),
    (True, "list", "pods", "", "processes"),
    (True, "get", "pods/log", "", "processes"),
    (True, "list", "nodes", "", ""),
    # Secrets are made and never read again, in whatever namespace.
    (False, "get", "secrets", "", "processes"),
    (False, "list", "secrets", "", "processes"),
    (False, "delete", "secrets", "", "processes"),
    (False, "update", "secrets", "", "processes"),
    (False, "get", "secrets", "", "own"),
    (False, "create", "secrets", "", "own"),
    (False, "get", "secrets", "", "jupyterhub"),
    (False, "create", "secrets", "", "jupyterhub"),
    (False, "list", "secrets", "", ""),
    # Nothing in any other namespace, its own among them.
    (False, "create", "deployments", APPS, "own"),
    (False, "create", "deployments", APPS, "jupyterhub"),
    (False, "create", "deployments", APPS, "kube-system"),
    (False, "list", "pods", "", "kube-system"),
    (False, "list", "pods", "", ""),
    (False, "get", "pods/log", "", "jupyterhub"),
    # No way to more than it has.
    (False, "create", "pods", "", "processes"),
    (False, "create", "pods/exec", "", "processes"),
    (False, "create", "serviceaccounts/token", "", "processes"),
    (False, "create", "rolebindings", "rbac.authorization.k8s.io", "processes"),
    (False, "escalate", "roles", "rbac.authorization.k8s.io", "processes"),
    (False, "impersonate", "users", "", ""),
    (False, "update", "networkpolicies", "networking.k8s.io", "processes"),
    (False, "update", "resourcequotas", "", "processes"),
    (False, "update", "namespaces", "", ""),
    (False, "get", "nodes", "", ""),
    (False, "delete", "nodes", "", ""),
    (False, "update", "nodes", "", ""),
]


@pytest.mark.parametrize(("allowed", "verb", "resource", "group", "where"), REQUESTS)
def test_rbac(graph: Graph, settings: Launcher, server: Subject, allowed: bool, verb: str, resource: str, group: str, where: str) -> None:
    rbac = Rbac(graph)
    for namespace in settings.process_namespaces if where == "processes" else [settings.namespace if where == "own" else where]:
        assert rbac.allows(server, verb, resource, namespace=namespace, group=group) is allowed
        # People who run the server elsewhere may do as much as it, and no more.
        assert rbac.allows(OPERATORS, verb, resource, namespace=namespace, group=group) is (allowed and bool(settings.operators))


def test_nobody_else_is_bound_and_no_rule_has_a_wildcard(graph: Graph, settings: Launcher, server: Subject) -> None:
    bindings = graph.of_type("kubernetes_role_binding_v1", "kubernetes_cluster_role_binding_v1")
    assert len(bindings) == len(settings.process_namespaces) + 1
    assert {len(body.values["subject"]) for body in bindings} == {2 if settings.operators else 1}
    rules = [rule for body in graph.of_type("kubernetes_role_v1", "kubernetes_cluster_role_v1") for rule in body.values["rule"]]
    assert not any("*" in part for rule in rules for listed in rule.values() for part in listed)
    for stranger in (Subject("ServiceAccount", "default", settings.process_namespaces[0]), Subject("Group", "system:authenticated")):
        assert not Rbac(graph).allows(stranger, "list", "pods", namespace=settings.process_namespaces[0])


def test_the_server_reads_its_settings_and_they_say_what_hub_yaml_says(graph: Graph, env: str, settings: Launcher) -> None:
    (text,) = graph.bodies["kubernetes_config_map_v1.settings"].values["data"].values()
    found = parse(text, "launcher.yml")
    assert found.rules.namespaces == settings.process_namespaces
    assert found.rules.quota == settings.max_processes_per_user
    assert found.rules.public_allowed is bool(settings.public_cidrs)
    assert found.rules.run_as_non_root is settings.run_as_non_root
    assert found.rules.max_age is not None
    assert found.rules.max_age.total_seconds() == (settings.ttl_hours or 0) * 3600
    assert found.runtime.credentials.in_cluster
    assert found.auth is not None
    assert found.auth.jupyterhub is not None
    assert found.auth.jupyterhub.api_url == f"http://hub.{load_env(ROOT, env).hub.namespace}:8081/hub/api"
    assert found.rules.pool.node_selector == ({"hubsmith.io/pool": settings.pool} if settings.pool else {})
    public = found.rules.public_pool
    assert (public.node_selector if public else None) == ({"hubsmith.io/pool": settings.public_pool} if settings.public_pool else None)
    if public:
        assert [each["value"] for each in public.tolerations] == ["public"]


def test_the_pod_is_small_and_has_nothing_to_gain(graph: Graph, settings: Launcher) -> None:
    spec = graph.bodies[SERVER].values["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == ("1", "Recreate")
    pod = spec["template"]["spec"]
    assert pod["termination_grace_period_seconds"] >= 45
    assert pod["security_context"]["run_as_non_root"] is True
    (container,) = pod["container"]
    assert container["image"] == f"{settings.image}:{settings.tag}"
    context = container["security_context"]
    assert (context["allow_privilege_escalation"], context["read_only_root_filesystem"]) == (False, True)
    assert context["capabilities"] == {"drop": ["ALL"]}
    probes = {kind: container[f"{kind}_probe"]["http_get"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert probes == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}
    assert graph.bodies["kubernetes_service_v1.service"].values["spec"]["type"] == "ClusterIP"


def test_it_starts_behind_its_policies_and_with_its_rights(graph: Graph) -> None:
    before = graph.after(SERVER)
    kinds = ("network_policy", "role_binding", "cluster_role_binding", "config_map", "resource_quota", "limit_range", "service_account")
    for kind in kinds:
        for body in graph.of_type(f"kubernetes_{kind}_v1"):
            assert body.address in before, body.address
    for body in graph.of_type("aws_iam_role_policy"):
        assert body.address in before or "operator" in body.address


def test_the_hub_alone_reaches_the_server(graph: Graph, env: str) -> None:
    found = policies(graph, "policy")
    assert set(found) == {"deny-all", "resolve-names", "server"}
    spec, hub = found["server"], load_env(ROOT, env).hub.namespace
    callers = peers(spec, "ingress", "from")
    assert {peer["namespace_selector"]["match_labels"]["kubernetes.io/metadata.name"] for peer in callers} == {hub}
    assert sorted(peer["pod_selector"]["match_labels"]["component"] for peer in callers) == ["hub", "proxy", "singleuser-server"]
    assert [port["port"] for rule in spec["ingress"] for port in rule["ports"]] == ["8000"]


def test_processes_reach_nothing_private(graph: Graph, settings: Launcher, env: str) -> None:
    hub = load_env(ROOT, env).hub.namespace
    for name in settings.process_namespaces:
        found = policies(graph, f"policy-{name}")
        assert set(found) == {"deny-all", "resolve-names", "process"}
        spec = found["process"]
        beside, world = peers(spec, "egress", "to")
        assert beside.keys() == {"pod_selector"}
        assert set(world["ip_block"]["except"]) == {*METADATA, *PRIVATE}
        let_in = peers(spec, "ingress", "from")
        assert sorted(peer["ip_block"]["cidr"] for peer in let_in if "ip_block" in peer) == sorted(settings.public_cidrs)
        spaces = [peer["namespace_selector"]["match_labels"] for peer in let_in if "namespace_selector" in peer]
        assert spaces == [{"kubernetes.io/metadata.name": hub}]


def test_namespaces_keep_to_a_standard_and_have_an_end(graph: Graph, settings: Launcher) -> None:
    levels = {
        body.values["metadata"]["name"]: body.values["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for body in graph.of_type("kubernetes_namespace_v1")
    }
    level = refs.POD_SECURITY_STRICT if settings.run_as_non_root else refs.POD_SECURITY
    assert levels == {settings.namespace: "restricted", **dict.fromkeys(settings.process_namespaces, level)}
    for body in graph.of_type("kubernetes_resource_quota_v1"):
        hard = body.values["spec"]["hard"]
        assert hard["requests.cpu"] == f"{settings.total_cpu:g}"
        assert hard["services.loadbalancers"] == "0"
        assert ("services.nodeports" in hard) is not bool(settings.public_cidrs)
    (limit,) = [each for body in graph.of_type("kubernetes_limit_range_v1") for each in body.values["spec"]["limit"]]
    assert set(limit) == {"type", "default_request"}


def test_node_ports_are_open_to_the_listed_networks_alone(graph: Graph, settings: Launcher) -> None:
    rules = [body.values for body in graph.of_type("aws_vpc_security_group_ingress_rule")]
    opened = sorted((rule["ip_protocol"], rule["cidr_ipv4"], rule["from_port"], rule["to_port"]) for rule in rules)
    assert opened == sorted((protocol, cidr, 30000, 32767) for protocol in ("tcp", "udp") for cidr in settings.public_cidrs)
    assert not any("cidr_ipv6" in rule or "referenced_security_group_id" in rule for rule in rules)


def test_the_role_reads_the_secrets_of_processes_and_the_server_alone_has_it(graph: Graph, settings: Launcher) -> None:
    roles = {body.address: json.loads(body.values["assume_role_policy"]) for body in graph.of_type("aws_iam_role")}
    if not settings.secrets:
        assert "aws_iam_role.role" not in roles
        return
    (trust,) = roles["aws_iam_role.role"]["Statement"]
    provider = trust["Principal"]["Federated"]
    (issuer,) = {key.rpartition(":")[0] for key in trust["Condition"]["StringEquals"]}
    for subject, expected in ((f"{settings.namespace}:{refs.NAME}", True), ("processes:default", False), ("jupyterhub:single-user", False)):
        token = {"sub": f"system:serviceaccount:{subject}", "aud": "sts.amazonaws.com"}
        assert assumes(roles["aws_iam_role.role"], provider, token, issuer) is expected
    policy = json.loads(graph.bodies["aws_iam_role_policy.role-secrets"].values["policy"])
    read, decrypt = policy["Statement"]
    assert (read["Action"], decrypt["Action"]) == ("secretsmanager:GetSecretValue", "kms:Decrypt")
    listed = [read["Resource"]] if isinstance(read["Resource"], str) else read["Resource"]
    assert len(listed) == len(settings.secrets)
    assert all("*" not in arn and "secret-launcher-" in arn for arn in listed)
    assert not allows(policy, "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-2:1:secret:demo/hub-cookie-secret-abcdef")


def test_operators_find_the_cluster_and_no_more(graph: Graph, settings: Launcher, env: str, stacks: Documents) -> None:
    roles = [body for body in graph.of_type("aws_iam_role") if body.address == "aws_iam_role.operator-role"]
    assert bool(roles) is bool(settings.operators)
    for role in roles:
        (trust,) = json.loads(role.values["assume_role_policy"])["Statement"]
        named = trust["Principal"]["AWS"]
        assert ([named] if isinstance(named, str) else named) == list(settings.operators)
        (statement,) = json.loads(graph.bodies["aws_iam_role_policy.operator-role-cluster"].values["policy"])["Statement"]
        assert statement["Action"] == "eks:DescribeCluster"
        assert statement["Resource"].endswith(f":cluster/{load_env(ROOT, env).cluster_name}")
        (entry,) = graph.of_type("aws_eks_access_entry")
        assert entry.values["kubernetes_groups"] == [refs.OPERATORS]
        assert not graph.of_type("aws_eks_access_policy_association")
        assert refs.OPERATOR_OUTPUT in stacks[f"{env}-launcher"]["output"]


def test_notebooks_are_told_and_let_out_and_the_hub_lets_the_launcher_ask(env: str, settings: Launcher, stacks: Documents) -> None:
    values = json.loads(Graph(stacks[f"{env}-hub"]).bodies["helm_release.release-jupyterhub"].values["values"][0])
    assert values["singleuser"]["extraEnv"]["HYDROPLANE_SERVER"] == f"http://launcher.{settings.namespace}:80"
    assert values["custom"]["hubsmith"]["launcher"] == {"url": f"http://launcher.{settings.namespace}:80"}
    space = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": settings.namespace}}}
    door = {"podSelector": {"matchLabels": refs.LABELS}, **space}
    for part in (values["singleuser"], values["proxy"]["chp"], values["hub"]):
        assert {"to": [door], "ports": [{"port": 8000, "protocol": "TCP"}]} in part["networkPolicy"]["egress"]
    assert {"from": [door], "ports": [{"port": 8081, "protocol": "TCP"}]} in values["hub"]["networkPolicy"]["ingress"]
    out = [
        each["to"][0]["namespaceSelector"]["matchLabels"] for each in values["singleuser"]["networkPolicy"]["egress"] if "ports" not in each
    ]
    assert out == [{"kubernetes.io/metadata.name": name} for name in settings.process_namespaces]
    token = values["hub"]["extraEnv"]["HUBSMITH_LAUNCHER_TOKEN"]["valueFrom"]["secretKeyRef"]
    assert token == {"name": "hub-credentials", "key": "launcher-token"}


def test_no_secret_of_the_hub_is_a_secret_of_processes(env: str, settings: Launcher, stacks: Documents) -> None:
    names = [body.values["name"].partition("/")[2] for body in Graph(stacks[f"{env}-data"]).of_type("aws_secretsmanager_secret")]
    assert refs.HUB_TOKEN in names
    assert sorted(name for name in names if name.startswith(refs.SECRET_PREFIX)) == sorted(
        refs.SECRET_PREFIX + each for each in settings.secrets
    )


def test_it_can_go_alone_and_goes_before_the_nodes(env: str, manifest: dict[str, Any]) -> None:
    name = f"{env}-launcher"
    assert f"{env}-platform" in upstream(manifest, name)
    assert f"{env}-hub" not in upstream(manifest, name)
    assert not any(name in upstream(manifest, other) for other in manifest["stacks"] if other.startswith(f"{env}-"))


def test_an_env_without_a_launcher_has_nothing_of_it(stacks: Documents) -> None:
    for env in set(list_envs(ROOT)) - set(ENVS):
        assert f"{env}-launcher" not in stacks
        for name in ("data", "hub"):
            # The hub's code is the same everywhere.
            others = [body for body in Graph(stacks[f"{env}-{name}"]).bodies.values() if body.address != "kubernetes_config_map_v1.code"]
            assert others
            assert [body.address for body in others if "launcher" in json.dumps(body.values)] == []
