"""Cluster-autoscaler as it is synthesised: on its own node where there is one, allowed to scale its own groups, which it finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.config.load import list_envs, load_env
from tests._support.graph import Graph
from tests._support.iam_evaluate import allows, assumes
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
SCALED = [env for env in list_envs(ROOT) if load_env(ROOT, env).cluster.autoscaler == "cluster-autoscaler"]
RELEASE = "helm_release.release-cluster-autoscaler"
GROUP = "arn:aws:autoscaling:{}:{}:autoScalingGroup:1:autoScalingGroupName/eks-ray"
#: Labels that every kubelet gives its node.
KUBELETS = {"kubernetes.io/os": "linux"}
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}


def values(stacks: Documents, env: str) -> dict[str, Any]:
    (text,) = Graph(stacks[f"{env}-platform"]).bodies[RELEASE].values["values"]
    found: dict[str, Any] = json.loads(text)
    return found


def homes(stacks: Documents, env: str) -> list[dict[str, Any]]:
    """The node groups that the autoscaler's pod may stand on, by selector and taints."""
    chart = values(stacks, env)
    tolerated = {(each.get("key"), each.get("value"), each.get("effect")) for each in chart.get("tolerations", [])}
    groups = [body.values for body in Graph(stacks[f"{env}-cluster"]).of_type("aws_eks_node_group")]
    return [
        group
        for group in groups
        if chart["nodeSelector"].items() <= {**group["labels"], **KUBELETS}.items()
        and all((taint["key"], taint.get("value"), _EFFECTS[taint["effect"]]) in tolerated for taint in group.get("taint") or [])
    ]


def test_some_envs_have_it() -> None:
    assert {"daft", "helio"} <= set(SCALED)


@pytest.mark.parametrize("env", SCALED)
def test_it_stands_on_a_node_that_is_always_there_and_on_demand(env: str, stacks: Documents) -> None:
    found = homes(stacks, env)
    assert found
    for group in found:
        assert group["scaling_config"]["min_size"] >= 1
        assert group["capacity_type"] == "ON_DEMAND"


def test_in_daft_that_is_its_own_and_only_its_own(stacks: Documents) -> None:
    (group,) = homes(stacks, "daft")
    assert group["node_group_name"].endswith("-cluster-autoscaler")
    assert group["taint"] == [{"key": "dedicated", "value": "clusterAutoscaler", "effect": "NO_SCHEDULE"}]
    graph = Graph(stacks["daft-platform"])
    others = [json.loads(body.values["values"][0]) for body in graph.of_type("helm_release") if body.address != RELEASE]
    keeps_off = [each for chart in others for each in chart.get("tolerations") or [] if each.get("value") == "clusterAutoscaler"]
    assert keeps_off == []


@pytest.mark.parametrize("env", SCALED)
def test_its_account_becomes_a_role_that_scales_the_clusters_groups_alone(env: str, stacks: Documents) -> None:
    config, graph = load_env(ROOT, env), Graph(stacks[f"{env}-platform"])
    account = values(stacks, env)["rbac"]["serviceAccount"]
    assert account["annotations"]["eks.amazonaws.com/role-arn"] == "${aws_iam_role.cluster-autoscaler-role.arn}"
    trust = json.loads(graph.bodies["aws_iam_role.cluster-autoscaler-role"].values["assume_role_policy"])
    provider = trust["Statement"][0]["Principal"]["Federated"]
    issuer = next(key for key in trust["Statement"][0]["Condition"]["StringEquals"] if key.endswith(":sub")).removesuffix(":sub")
    for name, is_it in ((account["name"], True), ("default", False), (f"{account['name']}-2", False)):
        token = {"sub": f"system:serviceaccount:kube-system:{name}", "aud": "sts.amazonaws.com"}
        assert assumes(trust, provider, token, issuer) is is_it
    text = graph.bodies["aws_iam_role_policy.cluster-autoscaler-role-scale"].values["policy"]
    policy = json.loads(text.replace("${data.aws_caller_identity.account.account_id}", config.aws.account or ""))
    group = GROUP.format(config.region, config.aws.account)
    tag = f"aws:ResourceTag/k8s.io/cluster-autoscaler/{config.cluster_name}"
    for action in ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"):
        assert allows(policy, action, group, {tag: "owned"})
        assert not allows(policy, action, group, {})
        assert not allows(policy, action, group, {"aws:ResourceTag/k8s.io/cluster-autoscaler/other": "owned"})
        assert not allows(policy, action, GROUP.format("eu-west-1", config.aws.account), {tag: "owned"})
    assert allows(policy, "autoscaling:DescribeAutoScalingGroups", "*", {"aws:RequestedRegion": config.region})
    assert not allows(policy, "autoscaling:UpdateAutoScalingGroup", group, {tag: "owned"})


@pytest.mark.parametrize("env", SCALED)
def test_it_looks_for_groups_of_the_very_cluster_they_are_made_for(env: str, stacks: Documents) -> None:
    """EKS itself tags each managed group k8s.io/cluster-autoscaler/enabled and .../<cluster>=owned, so the name is what has to agree."""
    config, graph = load_env(ROOT, env), Graph(stacks[f"{env}-cluster"])
    assert values(stacks, env)["autoDiscovery"] == {"clusterName": config.cluster_name}
    assert graph.bodies["aws_eks_cluster.main"].values["name"] == config.cluster_name
    for body in graph.of_type("aws_eks_node_group"):
        assert body.values["cluster_name"] == "${aws_eks_cluster.main.name}"
