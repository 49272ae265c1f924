"""What the check of the core nodes adds up is what our values ask for, pod by pod."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from modules.catalog import core_pods as pods
from modules.config.checks.core import core_pods, core_room, standing
from modules.config.models import HubConfig
from modules.k8s.charts import cluster_autoscaler, external_dns, karpenter, load_balancer, metrics_server
from modules.k8s.dask.refs import DaskRefs
from modules.k8s.dask.values import gateway_values
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.values import hub_values
from modules.k8s.ray.values import operator_values
from tests._support.pools import ROOT, config_of

DEMO = config_of("demo")


def one_node(config: HubConfig) -> HubConfig:
    core = config.cluster.core.model_copy(update={"min": 1})
    return config.model_copy(update={"cluster": config.cluster.model_copy(update={"core": core})})


def of_values(config: HubConfig) -> dict[str, tuple[dict[str, Any], Any]]:
    """Pod → the `resources` that its chart is given, and how many of it (None: the chart's own)."""
    hub, dask = hub_values(config, HubRefs((), "1", "", "client", None, {})), gateway_values(config, DaskRefs("1", {}))
    scheduler = hub["scheduling"]["userScheduler"]
    karpenter_values = karpenter.values(config, role_arn="r", endpoint="e", queue="q")
    balancer, metrics = load_balancer.values(config, role_arn="r", vpc_id="v"), metrics_server.values(config)
    return {
        "hub": (hub["hub"]["resources"], 1),
        "proxy": (hub["proxy"]["chp"]["resources"], 1),
        "user-scheduler": (scheduler["resources"], scheduler.get("replicas")),
        "karpenter": (karpenter_values["controller"]["resources"], karpenter_values["replicas"]),
        "aws-load-balancer-controller": (balancer["resources"], balancer["replicaCount"]),
        "metrics-server": (metrics["resources"], metrics["replicas"]),
        "external-dns": (external_dns.values(config, role_arn="r", zone_id="Z")["resources"], 1),
        "cluster-autoscaler": (cluster_autoscaler.values(config, role_arn="r")["resources"], 1),
        "dask-gateway": (dask["gateway"]["resources"], 1),
        "dask-gateway-controller": (dask["controller"]["resources"], 1),
        "dask-gateway-traefik": (dask["traefik"]["resources"], 1),
        "kuberay-operator": (operator_values(config)["resources"], 1),
    }


EVERY: dict[str, pods.CorePod] = {each.name: each for each in vars(pods).values() if isinstance(each, pods.CorePod)}
EVERY |= {each.name: each for each in pods.DASK}
#: Of EKS's add-ons, or written out in Python.
NOT_CHARTS = {"coredns", "ebs-csi-controller", "efs-csi-controller", "launcher", pods.SPARE.name}


@pytest.mark.parametrize("name", sorted(EVERY.keys() - NOT_CHARTS))
@pytest.mark.parametrize("nodes", [1, 2])
def test_as_our_values_say(name: str, nodes: int) -> None:
    found, replicas = of_values(DEMO if nodes == 2 else one_node(DEMO))[name]
    row = EVERY[name]
    asked = found["requests"]
    assert asked == {"cpu": f"{row.cpu_milli}m", "memory": f"{row.memory_mib}Mi"}
    # The user scheduler's two are the chart's own.
    assert (2 if replicas is None else replicas) == (row.most if nodes == 2 else row.least)


def test_the_launcher_as_its_deployment_says() -> None:
    text = (ROOT / "modules/k8s/launcher/server.py").read_text()
    assert f'requests={{"cpu": "{pods.LAUNCHER.cpu_milli}m", "memory": "{pods.LAUNCHER.memory_mib}Mi"}}' in text


def test_a_core_of_one_node_asks_for_less() -> None:
    two, one = standing(DEMO), standing(one_node(DEMO))
    # CoreDNS, EBS, karpenter, load balancers, metrics, user scheduler.
    assert (two.pods - one.pods, two.cpu_milli - one.cpu_milli) == (6, 100 + 60 + 250 + 100 + 100 + 50)
    assert {each.name for each in core_pods(DEMO)} == EVERY.keys() - {"cluster-autoscaler", "kuberay-operator"}


@pytest.mark.parametrize(
    ("autoscaler", "most", "advice"),
    [
        ("karpenter", 4, "or more nodes (min: 2)."),
        ("cluster-autoscaler", 4, ""),
        ("cluster-autoscaler", 1, "or more nodes (max: 2)."),
    ],
)
def test_nodes_that_may_be_added_count(autoscaler: str, most: int, advice: str) -> None:
    """cluster-autoscaler adds core nodes for a pod that waits; Karpenter adds none."""
    config = one_node(DEMO)
    core = config.cluster.core.model_copy(update={"max": most, "instance_types": ("t3a.medium",)})
    config = config.model_copy(update={"cluster": config.cluster.model_copy(update={"core": core, "autoscaler": autoscaler})})
    found = [message for _, message in core_room.run(config, date(2026, 11, 22))]
    assert len(found) == bool(advice)
    assert all(message.endswith(advice) for message in found)
