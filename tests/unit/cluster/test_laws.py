"""What the cluster refuses because of what else is in it, or is not: node ports, roles, references, volumes on other nodes."""

from __future__ import annotations

from typing import Any

import pytest

from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.worlds import Worlds
from modules.rehearsal.standin.backend import Values
from modules.rehearsal.standin.wire import UNKNOWN
from tests.unit.cluster.support import HOST, claim, config_map, make, make_backend, meta, refusal, volume, workload

SERVICE, CONFIG_MAP, SECRET = "kubernetes_service_v1", "kubernetes_config_map_v1", "kubernetes_secret_v1"
ROLE, BINDING, ACCOUNT = "kubernetes_role_v1", "kubernetes_role_binding_v1", "kubernetes_service_account_v1"
VOLUME, CLAIM, DEPLOYMENT = "kubernetes_persistent_volume_v1", "kubernetes_persistent_volume_claim_v1", "kubernetes_deployment_v1"
RBAC = "rbac.authorization.k8s.io"


@pytest.fixture
def worlds() -> Worlds:
    """No cluster yet."""
    return Worlds()


@pytest.fixture
def backend(worlds: Worlds) -> ClusterBackend:
    """A provider of an empty cluster."""
    return make_backend(worlds)


def exposed(name: str, *ports: tuple[str, Any], kind: str = "NodePort") -> Values:
    """A kubernetes_service_v1 whose ports are (protocol, node port)."""
    made = [{"name": each.lower(), "port": 8443, "protocol": each, "node_port": number} for each, number in ports]
    spec = {"type": kind, "selector": {"app": name}, "cluster_ip": UNKNOWN, "port": made}
    return {"id": UNKNOWN, "metadata": meta(name, "default"), "spec": [spec], "status": UNKNOWN, "wait_for_load_balancer": True}


def numbers(state: Values) -> list[int]:
    return [port["node_port"] for port in state["spec"][0]["port"]]


def test_one_number_serves_both_protocols_of_one_service(backend: ClusterBackend) -> None:
    desktop = make(backend, SERVICE, exposed("dcv-svc", ("TCP", 31980), ("UDP", 31980)))
    assert backend.read(SERVICE, desktop) == desktop
    said = refusal(make, backend, SERVICE, exposed("other", ("TCP", 31980)))
    assert said.startswith('Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 31980: provided port is already allocated')
    assert "Service/default/dcv-svc has it for TCP" in said
    backend.delete(SERVICE, desktop)
    make(backend, SERVICE, exposed("other", ("TCP", 31980)))
    make(backend, SERVICE, exposed("third", ("UDP", 31980)))


def test_a_service_may_not_take_anothers_port_later_and_may_keep_its_own(backend: ClusterBackend) -> None:
    make(backend, SERVICE, exposed("dcv-svc", ("TCP", 31980)))
    mine = make(backend, SERVICE, exposed("mine", ("TCP", 31981)))
    assert "already allocated" in refusal(backend.update, SERVICE, mine, *[exposed("mine", ("TCP", 31980))] * 2)
    kept, _ = backend.update(SERVICE, mine, *[exposed("mine", ("TCP", 31981), ("UDP", 31980))] * 2)
    assert numbers(kept) == [31981, 31980]


def test_numbers_that_nobody_asked_for_are_free_and_the_same_for_both_protocols(backend: ClusterBackend) -> None:
    states = [make(backend, SERVICE, exposed(f"s{index}", ("TCP", UNKNOWN), ("UDP", UNKNOWN))) for index in range(8)]
    given = [numbers(state) for state in states]
    assert all(tcp == udp and 30000 <= tcp <= 32767 for tcp, udp in given)
    assert len({tcp for tcp, _ in given}) == len(states)
    inside = make(backend, SERVICE, exposed("inside", ("TCP", UNKNOWN), kind="ClusterIP"))
    assert numbers(inside) == [0]
    assert backend.read(SERVICE, inside) == inside


def binding(role: str = "agent", account: str = "agent", kind: str = "Role") -> Values:
    """A kubernetes_role_binding_v1."""
    ref = [{"api_group": RBAC, "kind": kind, "name": role}]
    subject = [{"api_group": "", "kind": "ServiceAccount", "name": account, "namespace": "default"}]
    return {"id": UNKNOWN, "metadata": meta("agent", "default"), "role_ref": ref, "subject": subject}


def make_agent(backend: ClusterBackend, **rule: Any) -> None:
    wanted = {"api_groups": [""], "resources": ["configmaps"], "resource_names": ["board"], "verbs": ["get"], **rule}
    make(backend, ROLE, {"id": UNKNOWN, "metadata": meta("agent", "default"), "rule": [wanted]})
    make(backend, ACCOUNT, {"id": UNKNOWN, "metadata": meta("agent", "default")})


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (binding(), ""),
        (binding(kind="ClusterRole", role="view"), ""),
        (binding(role="agents"), 'Role "agents" not found'),
        (binding(account="agents"), 'ServiceAccount "agents" not found'),
    ],
)
def test_a_binding_gives_somebody_something(backend: ClusterBackend, wanted: Values, says: str) -> None:
    make_agent(backend)
    if says:
        assert f"RoleBinding default/agent would give nobody anything: {says}" in refusal(make, backend, BINDING, wanted)
    else:
        make(backend, BINDING, wanted)


@pytest.mark.parametrize("rule", [{"verbs": ["*"]}, {"resources": ["config"]}, {"verbs": ["create"]}])
def test_a_role_of_nothing_or_everything_is_refused(backend: ClusterBackend, rule: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="it was allowed"):
        refusal(make_agent, backend)
    assert "Role default/agent: rules[0]" in refusal(lambda: make_agent(make_backend(), **rule))


def container(**more: Any) -> Values:
    """A kubernetes_deployment_v1 whose one container has `more`."""
    made = workload({})
    made["spec"][0]["template"][0]["spec"][0]["container"][0].update(more)
    return made


def variable(kind: str, key: str, **more: Any) -> Values:
    return container(env=[{"name": "A", "value_from": [{f"{kind}_key_ref": [{"name": "board", "key": key, **more}]}]}])


def mounted(**source: Any) -> Values:
    return workload({"volume": [{"name": "a", **source}]})


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (variable("config_map", "display"), ""),
        (variable("config_map", "screen"), 'ConfigMap "board" has no key "screen"'),
        (variable("config_map", "screen", optional=True), ""),
        (variable("secret", "token"), ""),
        (variable("secret", "tokens"), 'Secret "board" has no key "tokens"'),
        (container(env_from=[{"config_map_ref": [{"name": "boards"}]}]), 'ConfigMap "boards" not found'),
        (container(env_from=[{"secret_ref": [{"name": "boards", "optional": True}]}]), ""),
        (mounted(config_map=[{"name": "board", "items": [{"key": "display", "path": "d"}]}]), ""),
        (mounted(config_map=[{"name": "board", "items": [{"key": "screen", "path": "d"}]}]), 'ConfigMap "board" has no key "screen"'),
        (mounted(secret=[{"secret_name": "board", "items": [{"key": "no", "path": "d"}]}]), 'Secret "board" has no key "no"'),
        (mounted(projected=[{"sources": [{"config_map": [{"name": "boards"}]}]}]), 'ConfigMap "boards" not found'),
        (mounted(projected=[{"sources": [{"service_account_token": [{"path": "token"}]}]}]), ""),
    ],
)
def test_pods_need_the_very_keys_they_name(backend: ClusterBackend, wanted: Values, says: str) -> None:
    make(backend, CONFIG_MAP, config_map("board", "default", display=""))
    make(backend, SECRET, {**config_map("board", "default", token="t"), "type": "Opaque"})
    if says:
        said = refusal(make, backend, DEPLOYMENT, wanted)
        assert said == f"Waiting for rollout of default/web to finish: context deadline exceeded {says}"
    else:
        make(backend, DEPLOYMENT, wanted)


def on_nodes(key: str, operator: str, *values: str) -> Values:
    """A volume that is a folder of some nodes."""
    made = volume("shared", modes=("ReadWriteMany",))
    [spec] = made["spec"]
    spec["persistent_volume_source"] = [{"host_path": [{"path": "/var/shared"}], "csi": []}]
    expression = {"key": key, "operator": operator, "values": list(values) or None}
    spec["node_affinity"] = [{"required": [{"node_selector_term": [{"match_expressions": [expression]}]}]}]
    return made


@pytest.mark.parametrize(
    ("where", "selector", "fits"),
    [
        (on_nodes("usage", "In", "visualization"), {"usage": "visualization"}, True),
        (on_nodes("usage", "In", "visualization"), {"usage": "user"}, False),
        (on_nodes("usage", "In", "visualization"), {"zone": "a"}, True),
        (on_nodes("usage", "In", "visualization"), {}, True),
        (on_nodes("usage", "NotIn", "user"), {"usage": "user"}, False),
        (on_nodes("usage", "DoesNotExist"), {"usage": "user"}, False),
    ],
)
def test_pods_go_where_their_volume_is(backend: ClusterBackend, where: Values, selector: dict[str, str], fits: bool) -> None:
    make(backend, VOLUME, where)
    make(backend, CLAIM, claim("shared", "default", "shared"))
    wanted = workload({"node_selector": selector, "volume": [{"name": "a", "persistent_volume_claim": [{"claim_name": "shared"}]}]})
    if fits:
        make(backend, DEPLOYMENT, wanted)
    else:
        assert 'PersistentVolume "shared" is on other nodes than those the pods ask for' in refusal(make, backend, DEPLOYMENT, wanted)


def test_a_volume_stays_where_it_is(backend: ClusterBackend) -> None:
    state = make(backend, VOLUME, on_nodes("usage", "In", "visualization"))
    moved = on_nodes("usage", "In", "user")
    assert "spec.nodeAffinity: field is immutable" in refusal(backend.update, VOLUME, state, moved, moved)
    moved = on_nodes("usage", "In", "visualization")
    moved["spec"][0]["persistent_volume_source"][0]["host_path"][0]["path"] = "/var/other"
    assert "spec.hostPath: field is immutable" in refusal(backend.update, VOLUME, state, moved, moved)


def test_a_rollout_that_nobody_can_see_is_counted_as_trusted(backend: ClusterBackend, worlds: Worlds) -> None:
    make(backend, DEPLOYMENT, {**workload({}), "wait_for_rollout": False})
    assert worlds.at(HOST).tally.document()["trusted"] == []
    make(backend, DEPLOYMENT, {**workload({}), "metadata": meta("other", "default")})
    [said] = worlds.summary()["trusted"]
    assert said == "rollout of Deployment default/other: no node runs pods here; what they name is there"
