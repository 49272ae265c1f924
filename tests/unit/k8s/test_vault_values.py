"""Vault's release: keys the chart knows, members on nodes of their own, TLS everywhere, and a seal that nobody has to open."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import hcl2
import pytest

from modules.common import vault as refs
from modules.common.scheduling import POOL_LABEL
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.values import hub_values
from modules.k8s.network import ports
from modules.k8s.releases import releases
from modules.k8s.vault.doors import consumer_namespaces
from modules.k8s.vault.server import server_config
from modules.k8s.vault.values import VaultRefs, vault_values
from modules.rehearsal.verdicts.given import Chart
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import known_schemas
from modules.rehearsal.verdicts.tally import Tally
from tests._support import config_cases
from tests.unit.cluster.support import needs_schemas

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "vault" / "daft.json"
KEY = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
ROLE = "arn:aws:iam::123456789012:role/hubsmith/daft/daft-sandbox-vault"
AT = VaultRefs(role_arn=ROLE, key_arn=KEY, storage_class="vault-data", ca="Q0E=", certificate_revision="7")
NAMESPACES = ("vault", "secrets", "a")


def case(tmp_path: Path, **patch: Any) -> HubConfig:
    """The tests' own full env, with these settings."""
    return config_cases.load(tmp_path, config_cases.text({"base": "full", "patch": patch}))


def values_of(config: HubConfig) -> dict[str, Any]:
    assert config.vault is not None
    return vault_values(config, config.vault, AT)


def groups(members: int) -> dict[str, Any]:
    return {"vault": {"min": members, "max": members}}


def servers(config: HubConfig) -> dict[str, Any]:
    """What Vault reads: its configuration, parsed."""
    found: dict[str, Any] = hcl2.loads(values_of(config)["server"]["ha"]["raft"]["config"])
    return found


def plain(value: Any) -> Any:
    """Without the quotes that the parser leaves around texts."""
    if isinstance(value, dict):
        return {str(key).strip('"'): plain(each) for key, each in value.items() if not str(key).startswith("__")}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.strip('"') if isinstance(value, str) else value


def test_the_values_are_the_golden_ones() -> None:
    text = json.dumps(values_of(load_env(ROOT, "daft")), indent=1, sort_keys=True) + "\n"
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text(), "read the difference, then HUB_UPDATE_GOLDEN=1"


@needs_schemas
@pytest.mark.parametrize("replicas", [1, 3, 5])
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_the_chart_knows_every_key(tmp_path: Path, replicas: int, namespace: str) -> None:
    vault = {"replicas": replicas, "namespace": namespace}
    chart = Chart("vault", releases()["vault"].version, "", values_of(case(tmp_path, vault=vault, node_groups=groups(replicas))))
    judge = Judge(known_schemas())
    assert judge.values(chart, Tally()) == []
    chart.values["server"]["ha"]["replicas"] = "three"
    assert judge.values(chart, Tally())


@needs_schemas
def test_the_injector_where_the_seed_had_it_is_refused(tmp_path: Path) -> None:
    """The seed's wrapper chart wrote `injector` beside `vault`, where it did nothing."""
    values = values_of(case(tmp_path))
    chart = Chart("vault", releases()["vault"].version, "", {"vault": values, "injector": values["injector"]})
    assert Judge(known_schemas()).values(chart, Tally())


@pytest.mark.parametrize("replicas", [1, 3, 5])
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_member_looks_for_every_other(tmp_path: Path, replicas: int, namespace: str) -> None:
    config = case(tmp_path, vault={"replicas": replicas, "namespace": namespace}, node_groups=groups(replicas))
    (raft,) = [each["raft"] for each in plain(servers(config))["storage"]]
    joins = raft["retry_join"]
    domain = f"vault-internal.{namespace}.svc"
    assert [each["leader_api_addr"] for each in joins] == [f"https://vault-{number}.{domain}:8200" for number in range(replicas)]
    assert {each["leader_ca_cert_file"] for each in joins} == {"/vault/userconfig/vault-tls/ca.crt"}
    assert values_of(config)["server"]["ha"]["replicas"] == replicas
    # The name under which a member gives itself out is one that its certificate carries.
    assert values_of(config)["server"]["ha"]["apiAddr"] == f"https://$(VAULT_K8S_POD_NAME).{domain}:8200"
    assert f"*.{domain}" in refs.certificate_names(namespace)


def test_it_listens_with_tls_alone_and_unseals_by_one_key(tmp_path: Path) -> None:
    config = case(tmp_path)
    read = plain(servers(config))
    (listener,) = [each["tcp"] for each in read["listener"]]
    assert listener["address"] == "[::]:8200"
    assert "tls_disable" not in listener
    assert (listener["tls_cert_file"], listener["tls_key_file"]) == tuple(
        f"/vault/userconfig/vault-tls/tls.{end}" for end in ("crt", "key")
    )
    assert [each["awskms"] for each in read["seal"]] == [{"region": config.region, "kms_key_id": KEY}]
    assert read["disable_mlock"] is True
    values = values_of(config)
    assert values["global"]["tlsDisable"] is False
    assert values["server"]["extraVolumes"][0]["name"] == refs.TLS_SECRET


def test_no_word_of_the_configuration_is_replaced_by_the_chart() -> None:
    """Its start script replaces these wherever they stand."""
    text = server_config(namespace="vault", replicas=3, region="us-west-2", key_arn=KEY)
    for word in ("HOST_IP", "POD_IP", "HOSTNAME", "API_ADDR", "TRANSIT_ADDR", "RAFT_ADDR", "{{"):
        assert word not in text


@pytest.mark.parametrize("part", ["server", "injector"])
def test_pods_are_on_the_pool_and_pass_the_restricted_level(tmp_path: Path, part: str) -> None:
    taint = ["team=lab:NoSchedule"]
    values = values_of(case(tmp_path, node_groups={"vault": {"taints": taint}}))[part]
    assert values["nodeSelector"] == {"dedicated": "vaultCluster", POOL_LABEL: "vault"}
    assert [each["value"] for each in values["tolerations"]] == ["vaultCluster", "lab"]
    context = values["securityContext"] if part == "injector" else values["statefulSet"]["securityContext"]
    assert context["pod"]["runAsNonRoot"] is True
    assert context["pod"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert context["container"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert set(values["resources"]["limits"]) == {"memory"}


@pytest.mark.parametrize(("replicas", "injectors", "budget"), [(1, 1, False), (3, 2, True), (5, 2, True)])
def test_a_single_member_holds_no_node_for_ever(tmp_path: Path, replicas: int, injectors: int, budget: bool) -> None:
    values = values_of(case(tmp_path, vault={"replicas": replicas}, node_groups=groups(replicas)))
    assert values["server"]["ha"]["disruptionBudget"]["enabled"] is budget
    assert values["injector"]["replicas"] == injectors


def test_the_injector_serves_the_hub_and_ray_alone(tmp_path: Path) -> None:
    config = case(tmp_path)
    injector = values_of(config)["injector"]
    assert injector["authPath"] == "auth/aws"
    (selector,) = injector["webhook"]["namespaceSelector"]["matchExpressions"]
    assert selector == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(consumer_namespaces(config))}
    assert selector["values"] == ["jupyterhub", "ray"]
    assert injector["extraEnvironmentVars"]["AGENT_INJECT_VAULT_CACERT_BYTES"] == AT.ca


def test_an_install_ends_before_vault_is_initialised_and_a_rollout_stops_at_a_sealed_member(tmp_path: Path) -> None:
    server = values_of(case(tmp_path))["server"]
    assert server["updateStrategyType"] == "RollingUpdate"
    asked = server["readinessProbe"]["path"]
    assert "uninitcode=204" in asked
    assert "sealedcode" not in asked


@pytest.mark.parametrize(("vault", "rules"), [({"pool": "vault"}, 1), (None, 0)])
def test_notebooks_reach_vault_and_may_carry_its_agent(tmp_path: Path, vault: dict[str, Any] | None, rules: int) -> None:
    config = case(tmp_path).model_copy(update={} if vault else {"vault": None})
    values = hub_values(config, HubRefs((), "1", "", "client", None, {}))
    found = [each for each in values["singleuser"]["networkPolicy"]["egress"] if each.get("ports") == ports(refs.PORT)]
    assert len(found) == rules
    context = values["hub"]["config"]["KubeSpawner"]["pod_security_context"]
    assert ("seccompProfile" in context) is bool(rules)
