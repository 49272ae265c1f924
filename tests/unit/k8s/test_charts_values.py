"""Values of the platform's charts: keys that exist, pods that find their nodes, and nothing more privileged than its work."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from modules.catalog.instances import find_shape
from modules.common.scheduling import POOL_LABEL
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.config.nodes import ExistingCluster, NodeGroup, Pool
from modules.config.pod_logs import PodLogs
from modules.k8s.charts import (
    cluster_autoscaler,
    external_dns,
    fluent_bit,
    karpenter,
    load_balancer,
    metrics_server,
    neuron_device_plugin,
    nvidia_device_plugin,
    parts,
)
from modules.k8s.releases import releases
from tests._support.policies import ROOT, env_names

ROLE = "${data.terraform_remote_state.cluster.outputs.role}"
#: Top-level keys of each chart's published values.yaml (their nearest readable version: load balancer controller 3.6.0,
#: external-dns 1.21, metrics-server 3.12, nvidia 0.20, neuron 1.9, fluent-bit 0.57), as far as ours use or override them.
KEYS = {
    "aws-load-balancer-controller": """affinity clusterName configureDefaultAffinity controllerConfig createIngressClassResource
        defaultTags defaultTargetType enableServiceMutatorWebhook enableShield enableWaf enableWafv2 ingressClassParams keepTLSSecret
        nodeSelector podDisruptionBudget podSecurityContext region replicaCount resources securityContext serviceAccount tolerations
        vpcId webhookConfig""",
    "external-dns": """affinity domainFilters env extraArgs interval managedRecordTypes nodeSelector podSecurityContext policy provider
        registry resources securityContext serviceAccount sources tolerations triggerLoopOnEvent txtOwnerId txtPrefix txtSuffix""",
    "metrics-server": "affinity args defaultArgs nodeSelector podDisruptionBudget replicas resources securityContext tls tolerations",
    "nvidia-device-plugin": """affinity config devicePlugin failOnInitError gfd migStrategy nodeSelector podSecurityContext
        priorityClassName resources securityContext tolerations""",
    "neuron-device-plugin": "devicePlugin draDriver neuronInstances npd scheduler",
    "fluent-bit": """affinity config daemonSetVolumeMounts daemonSetVolumes env image kind nodeSelector podSecurityContext
        priorityClassName rbac resources securityContext serviceAccount testFramework tolerations updateStrategy""",
}


FOREIGN = ExistingCluster(
    name="theirs",
    oidc_provider_arn="arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/A",
    oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/A",
    security_group_id="sg-0123456789abcdef0",
    node_role_arn="arn:aws:iam::123456789012:role/nodes",
)


def pool(**options: Any) -> Pool:
    return Pool.model_validate({"families": ["g5"], "sizes": ["xlarge"], **options})


def group(**options: Any) -> NodeGroup:
    return NodeGroup.model_validate({"instance_types": ["t3a.medium"], **options})


@cache
def env(name: str) -> HubConfig:
    return load_env(ROOT, name)


def changed(name: str = "demo", **sections: Any) -> HubConfig:
    return env(name).model_copy(update=sections)


def all_values(config: HubConfig) -> dict[str, dict[str, Any]]:
    """The values of every release that this env wants."""
    made = {
        load_balancer.RELEASE: load_balancer.values(config, role_arn=ROLE, vpc_id="vpc-1"),
        metrics_server.RELEASE: metrics_server.values(config),
    }
    if karpenter.wanted(config):
        made[karpenter.RELEASE] = karpenter.values(config, role_arn=ROLE, endpoint="https://api", queue="hub-interruptions")
    if cluster_autoscaler.wanted(config):
        made[cluster_autoscaler.RELEASE] = cluster_autoscaler.values(config, role_arn=ROLE)
    if external_dns.wanted(config):
        made[external_dns.RELEASE] = external_dns.values(config, role_arn=ROLE, zone_id="Z1")
    if fluent_bit.wanted(config):
        made[fluent_bit.RELEASE] = fluent_bit.values(config, role_arn=ROLE)
    if nvidia_device_plugin.wanted(config):
        made[nvidia_device_plugin.RELEASE] = nvidia_device_plugin.values(config)
    if neuron_device_plugin.wanted(config):
        made[neuron_device_plugin.RELEASE] = neuron_device_plugin.values(config)
    return made


EVERY = [(name, release) for name in env_names() for release in all_values(env(name))]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from leaves(below, f"{path}[{index}]")
    else:
        yield path, value


def schema_of(release: str) -> dict[str, Any] | None:
    """The schema of a chart's values, where this machine has it: HUB_SCHEMAS, or the shared folder beside the repository."""
    entry = releases()[release]
    names = [f"{chart}-{entry.version}.values.inferred.schema.json" for chart in (entry.chart, f"{entry.chart}-chart")]
    folders = [Path(os.environ["HUB_SCHEMAS"])] if "HUB_SCHEMAS" in os.environ else []
    for folder in [*folders, ROOT.parent / "shared" / "schemas"]:
        for name in names:
            if (folder / name).is_file():
                return dict(json.loads((folder / name).read_text()))
    return None


@pytest.mark.parametrize(("name", "release"), [pair for pair in EVERY if pair[1] in {"karpenter", "cluster-autoscaler"}])
def test_values_obey_the_schema_of_the_chart(name: str, release: str) -> None:
    schema = schema_of(release)
    if schema is None:
        pytest.skip(f"no schema of {release} {releases()[release].version} on this machine (HUB_SCHEMAS)")
    jsonschema.validate(all_values(env(name))[release], schema)


@pytest.mark.parametrize("wrong", [{"settings": {"clusterNam": "x"}}, {"replica": 2}, {"controller": {"resource": {}}}, {"replicas": []}])
def test_the_schema_sees_a_misspelt_key(wrong: dict[str, Any]) -> None:
    schema = schema_of("karpenter")
    if schema is None:
        pytest.skip("no schema of karpenter on this machine (HUB_SCHEMAS)")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**karpenter.values(env("demo"), role_arn=ROLE, endpoint="e", queue="q"), **wrong}, schema)


@pytest.mark.parametrize(("name", "release"), [pair for pair in EVERY if pair[1] in KEYS])
def test_top_keys_are_the_charts(name: str, release: str) -> None:
    assert sorted(all_values(env(name))[release].keys() - set(KEYS[release].split())) == []


@pytest.mark.parametrize(("name", "release"), EVERY)
def test_values_are_plain_data_that_engine_tokens_pass_through(name: str, release: str) -> None:
    made = all_values(env(name))[release]
    assert json.loads(json.dumps(made, sort_keys=True)) == made
    # Helm would run these; an engine's token looks like `${...}` and stays.
    assert "{{" not in json.dumps(made)


@pytest.mark.parametrize(("name", "release"), EVERY)
def test_nothing_is_privileged_and_everything_is_sized(name: str, release: str) -> None:
    found = dict(leaves(all_values(env(name))[release]))
    forbidden = {"privileged", "hostNetwork", "hostPID", "hostIPC", "insecureSkipTLSVerify"}
    assert [path for path, value in found.items() if path.rsplit(".", 1)[-1] in forbidden and value] == []
    assert any(path.endswith("resources.requests.memory") for path in found)
    assert any(path.endswith("resources.limits.memory") for path in found)
    assert not any(path.endswith("limits.cpu") for path in found)


@pytest.mark.parametrize(("name", "release"), EVERY)
def test_no_image_floats(name: str, release: str) -> None:
    found = dict(leaves(all_values(env(name))[release]))
    assert [path for path, value in found.items() if value in {"latest", "Always"}] == []


def places_of(values: dict[str, Any]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    inner = values.get("devicePlugin", values)
    return inner.get("nodeSelector", {}), inner.get("tolerations", [])


@pytest.mark.parametrize("release", ["karpenter", "aws-load-balancer-controller", "external-dns", "metrics-server"])
def test_controllers_run_on_core_nodes(release: str) -> None:
    selector, tolerated = places_of(all_values(env("demo"))[release])
    assert selector["hub.jupyter.org/node-purpose"] == "core"
    assert tolerated == []


@pytest.mark.parametrize("release", ["aws-load-balancer-controller", "metrics-server", "external-dns"])
def test_on_somebody_elses_cluster_controllers_take_any_node(release: str) -> None:
    made = all_values(changed(cluster=env("demo").cluster.model_copy(update={"existing": FOREIGN}), pools={}, node_groups={}))
    assert places_of(made[release])[0] == {"kubernetes.io/os": "linux"}
    assert "karpenter" not in made
    assert "cluster-autoscaler" not in made
    assert made["aws-load-balancer-controller"]["clusterName"] == "theirs"


@pytest.mark.parametrize("release", ["fluent-bit", "nvidia-device-plugin"])
def test_drivers_and_logs_go_wherever_there_are_nodes(release: str) -> None:
    assert places_of(all_values(env("demo"))[release])[1] == [{"operator": "Exists"}]


@pytest.mark.parametrize("name", env_names())
def test_there_is_one_autoscaler_and_never_two(name: str) -> None:
    made = all_values(env(name))
    assert ("karpenter" in made) + ("cluster-autoscaler" in made) == (env(name).cluster.existing is None)


@pytest.mark.parametrize(("least", "replicas"), [(1, 1), (2, 2), (3, 2)])
def test_a_second_replica_needs_a_second_node(least: int, replicas: int) -> None:
    cluster = env("demo").cluster
    config = changed(cluster=cluster.model_copy(update={"core": cluster.core.model_copy(update={"min": least, "max": 4})}))
    made = all_values(config)
    assert [made[release][key] for release, key in REPLICAS] == [replicas] * 3


REPLICAS = [("karpenter", "replicas"), ("aws-load-balancer-controller", "replicaCount"), ("metrics-server", "replicas")]


def test_the_controllers_leave_half_of_the_default_core_nodes_to_the_hub() -> None:
    """Two t3a.medium, the smallest core group: a controller that does not fit keeps the whole install waiting."""
    shape = find_shape("t3a.medium")
    assert shape is not None
    made = all_values(env("demo"))
    count = {**{release: made[release][key] for release, key in REPLICAS}, "external-dns": 1}
    asked = {release: made[release].get("controller", made[release])["resources"]["requests"] for release in count}
    cpu = sum(int(asked[release]["cpu"].removesuffix("m")) * number for release, number in count.items())
    memory = sum(int(asked[release]["memory"].removesuffix("Mi")) * number for release, number in count.items())
    assert cpu <= shape.vcpu * 1000
    assert memory <= shape.free_memory_mib


ACCOUNTS = {
    "karpenter": (karpenter.SERVICE_ACCOUNT, ("serviceAccount",)),
    "aws-load-balancer-controller": (load_balancer.SERVICE_ACCOUNT, ("serviceAccount",)),
    "external-dns": (external_dns.SERVICE_ACCOUNT, ("serviceAccount",)),
    "fluent-bit": (fluent_bit.SERVICE_ACCOUNT, ("serviceAccount",)),
    "cluster-autoscaler": (cluster_autoscaler.SERVICE_ACCOUNT, ("rbac", "serviceAccount")),
}


@pytest.mark.parametrize("release", ACCOUNTS)
def test_the_service_account_is_the_one_its_role_trusts(release: str) -> None:
    name, path = ACCOUNTS[release]
    made: Any = all_values(env("daft" if release == "cluster-autoscaler" else "demo"))[release]
    for key in path:
        made = made[key]
    assert made == {"create": True, "name": name, "annotations": {"eks.amazonaws.com/role-arn": ROLE}}
    assert releases()[release].namespace == parts.NAMESPACE


@pytest.mark.parametrize(
    ("release", "path", "value"),
    [
        ("karpenter", "settings.clusterName", "demo"),
        ("karpenter", "settings.clusterEndpoint", "https://api"),
        ("karpenter", "settings.interruptionQueue", "hub-interruptions"),
        ("karpenter", "dnsPolicy", "Default"),
        ("aws-load-balancer-controller", "clusterName", "demo"),
        ("aws-load-balancer-controller", "region", "us-east-2"),
        ("aws-load-balancer-controller", "vpcId", "vpc-1"),
        ("aws-load-balancer-controller", "enableServiceMutatorWebhook", False),
        ("aws-load-balancer-controller", "controllerConfig.featureGates.NLBGatewayAPI", False),
        ("aws-load-balancer-controller", "webhookConfig.disableIngressValidation", True),
        ("aws-load-balancer-controller", "keepTLSSecret", True),
        ("external-dns", "provider.name", "aws"),
        ("external-dns", "policy", "sync"),
        ("external-dns", "registry", "txt"),
        ("external-dns", "domainFilters[0]", "demo.test"),
        ("external-dns", "sources[0]", "service"),
        ("external-dns", "extraArgs[0]", "--aws-zone-type=public"),
        ("external-dns", "extraArgs[1]", "--zone-id-filter=Z1"),
        ("fluent-bit", "testFramework.enabled", False),
        ("fluent-bit", "daemonSetVolumeMounts[0].readOnly", True),
        # What modules/catalog/instances.py sets aside on every node for log shipping.
        ("fluent-bit", "resources.requests.cpu", "100m"),
        ("fluent-bit", "resources.requests.memory", "160Mi"),
        ("nvidia-device-plugin", "failOnInitError", False),
        ("nvidia-device-plugin", "nodeSelector.nvidia.com/gpu.present", "true"),
    ],
)
def test_settings(release: str, path: str, value: Any) -> None:
    assert dict(leaves(all_values(env("demo"))[release]))[path] == value


def test_a_private_zone_is_looked_for_among_private_ones() -> None:
    dns = env("demo").dns
    assert dns is not None
    config = changed(dns=dns.model_copy(update={"private": True}))
    assert external_dns.values(config, role_arn=ROLE, zone_id="Z1")["extraArgs"][0] == "--aws-zone-type=private"


@pytest.mark.parametrize("sections", [{"dns": None}, {"domain": None}])
def test_without_a_name_or_a_zone_there_is_no_external_dns(sections: dict[str, Any]) -> None:
    assert not external_dns.wanted(changed(**sections))


def test_external_dns_owns_by_the_deployment() -> None:
    owners = {env(name).env: all_values(env(name))["external-dns"]["txtOwnerId"] for name in env_names() if external_dns.wanted(env(name))}
    assert len(set(owners.values())) == len(owners) > 1
    with pytest.raises(ValueError, match="no dns zone"):
        external_dns.values(changed(dns=None), role_arn=ROLE, zone_id="Z1")


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({"cost-centre": "rehearsal"}, {"cost-centre": "rehearsal"}),
        ({"a": "one,two"}, {}),
        ({"a": "k=v"}, {}),
        ({"a": "two words"}, {}),
        ({"a b": "x", "c": "y"}, {"c": "y"}),
        ({"hubsmith:env": "other"}, {}),
    ],
)
def test_tags_that_would_break_the_argument_are_left_off(tags: dict[str, str], kept: dict[str, str]) -> None:
    config = changed(tags=tags)
    made = load_balancer.default_tags(config)
    assert made == {**kept, "hubsmith:deployment": config.deployment, "hubsmith:env": "demo"}


def test_logs_go_to_the_one_group_and_make_none() -> None:
    text = all_values(env("demo"))["fluent-bit"]["config"]["outputs"]
    assert f"log_group_name /hubsmith/{env('demo').deployment}/pods\n" in text
    assert "auto_create_group Off" in text
    assert "region us-east-2" in text


def test_a_pod_cannot_decide_whether_it_is_logged() -> None:
    filters = all_values(env("demo"))["fluent-bit"]["config"]["filters"]
    assert "K8S-Logging.Parser Off" in filters
    assert "K8S-Logging.Exclude Off" in filters


def test_logs_can_be_left_to_others() -> None:
    cluster = env("demo").cluster.model_copy(update={"pod_logs": PodLogs(enabled=False)})
    assert not fluent_bit.wanted(changed(cluster=cluster))


def test_the_autoscaler_has_its_own_group_where_there_is_one() -> None:
    made = all_values(env("daft"))["cluster-autoscaler"]
    assert made["nodeSelector"] == {"hub.jupyter.org/node-purpose": "core", "dedicated": "clusterAutoscaler"}
    assert made["tolerations"] == [{"key": "dedicated", "operator": "Equal", "value": "clusterAutoscaler", "effect": "NoSchedule"}]
    assert all_values(env("helio"))["cluster-autoscaler"]["nodeSelector"]["hub.jupyter.org/node-purpose"] == "core"


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36"])
def test_the_autoscaler_is_of_the_clusters_minor(version: str) -> None:
    cluster = env("daft").cluster.model_copy(update={"version": version})
    made = cluster_autoscaler.values(changed("daft", cluster=cluster), role_arn=ROLE)
    assert made["image"] == {"tag": f"v{version}.0"}


def test_the_autoscaler_finds_groups_by_the_cluster() -> None:
    made = all_values(env("daft"))["cluster-autoscaler"]
    assert made["autoDiscovery"] == {"clusterName": "daft-sandbox"}
    assert made["awsRegion"] == "us-west-2"
    assert made["extraArgs"]["expander"] == "least-waste"
    assert made["extraArgs"]["skip-nodes-with-local-storage"] is False


def test_the_autoscaler_sees_groups_alike_that_differ_in_our_label_alone() -> None:
    made = all_values(env("helio"))["cluster-autoscaler"]["extraArgs"]
    assert made["balance-similar-node-groups"] is True
    assert made["balancing-ignore-label"] == POOL_LABEL


def test_spot_that_never_comes_is_given_up_sooner_than_by_default() -> None:
    waits = all_values(env("helio"))["cluster-autoscaler"]["extraArgs"]["max-node-provision-time"]
    assert 5 < int(waits.removesuffix("m")) < 15, "longer than a GPU node takes, shorter than the autoscaler's own default"


@pytest.mark.parametrize(
    ("pools", "groups", "nvidia", "neuron"),
    [
        ({}, {}, False, False),
        ({"a": pool(families=["m5"])}, {}, False, False),
        ({"a": pool(gpu="nvidia")}, {}, True, False),
        ({"a": pool(gpu="nvidia-time-sliced", gpu_time_slices=4)}, {}, True, False),
        ({"a": pool(gpu="neuron")}, {}, False, True),
        ({}, {"b": group(gpu="nvidia")}, True, False),
        ({}, {"b": group(gpu="neuron")}, False, True),
        ({"a": pool(gpu="nvidia", ami="bottlerocket@v1.40.0")}, {}, False, False),
        ({"a": pool(gpu="nvidia"), "c": pool(gpu="neuron")}, {}, True, True),
    ],
)
def test_device_plugins_where_there_are_devices(pools: Any, groups: Any, nvidia: bool, neuron: bool) -> None:
    config = changed(pools=pools, node_groups=groups)
    assert nvidia_device_plugin.wanted(config) is nvidia
    assert neuron_device_plugin.wanted(config) is neuron


def test_cards_are_shared_as_each_pool_says() -> None:
    pools = {
        "whole": pool(gpu="nvidia"),
        "four": pool(gpu="nvidia-time-sliced", gpu_time_slices=4),
        "eight": pool(gpu="nvidia-time-sliced", gpu_time_slices=8),
    }
    made = nvidia_device_plugin.values(changed(pools=pools))["config"]
    configurations = {name: json.loads(text) for name, text in made["map"].items()}
    assert made["default"] == "whole"
    assert "sharing" not in configurations["whole"]
    for key, count in (("four", 4), ("eight", 8)):
        chosen = nvidia_device_plugin.node_labels(pools[key])["nvidia.com/device-plugin.config"]
        sharing = configurations[chosen]["sharing"]["timeSlicing"]
        assert sharing["resources"] == [{"name": "nvidia.com/gpu", "replicas": count}]
        assert sharing["failRequestsGreaterThanOne"] is True
    assert nvidia_device_plugin.node_labels(pools["whole"]) == {}
    assert {each["flags"]["migStrategy"] for each in configurations.values()} == {"none"}


def test_without_sharing_the_plugin_needs_no_configuration_file() -> None:
    assert nvidia_device_plugin.values(changed(pools={"a": pool(gpu="nvidia")}))["config"] == {}


def test_bottlerocket_brings_its_own_plugin() -> None:
    pools = {"ours": pool(gpu="nvidia"), "theirs": pool(gpu="nvidia", ami="bottlerocket@v1.40.0")}
    affinity = nvidia_device_plugin.values(changed(pools=pools))["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": POOL_LABEL, "operator": "NotIn", "values": ["theirs"]}]


def test_of_the_neuron_chart_only_the_plugin_runs() -> None:
    made = neuron_device_plugin.values(changed(pools={"a": pool(gpu="neuron")}))
    assert {part: made[part]["enabled"] for part in made} == {"devicePlugin": True, "npd": False, "scheduler": False, "draDriver": False}
    assert made["devicePlugin"]["nodeSelector"] == {"aws.amazon.com/neuron.present": "true"}


@pytest.mark.parametrize(
    ("taint", "toleration"),
    [
        ("a=b:NoSchedule", {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"}),
        ("a:NoExecute", {"key": "a", "operator": "Exists", "effect": "NoExecute"}),
        ("x.io/y=z:PreferNoSchedule", {"key": "x.io/y", "operator": "Equal", "value": "z", "effect": "PreferNoSchedule"}),
    ],
)
def test_tolerations(taint: str, toleration: dict[str, str]) -> None:
    assert parts.tolerations([taint]) == [toleration]


def test_the_crds_come_without_values() -> None:
    assert karpenter.crd_values() == {}
