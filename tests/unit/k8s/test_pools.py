"""What Karpenter is told of each pool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.common.tags import ADDRESS
from tests._support import config_cases
from tests._support.pools import ENVS, EVERYTHING, GROUP, ROLE, config_of, values_of


def _values(tmp_path: Path, pool: dict[str, Any], **more: Any) -> dict[str, Any]:
    patch = {"pools": {"default": pool}, **more}
    return values_of(config_cases.load(tmp_path, config_cases.text({"patch": patch})))


def _requirement(spec: dict[str, Any], key: str) -> list[str]:
    (found,) = [each for each in spec["template"]["spec"]["requirements"] if each["key"] == key]
    assert found["operator"] == "In"
    return list(found["values"])


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ({}, {"default": ("on-demand", 10)}),
        ({"capacity": ["spot"], "weight": 1}, {"default": ("spot", 1)}),
        ({"capacity": ["spot", "on-demand"]}, {"default-spot": ("spot", 11), "default-on-demand": ("on-demand", 10)}),
        ({"capacity": ["on-demand", "spot"]}, {"default-on-demand": ("on-demand", 11), "default-spot": ("spot", 10)}),
        ({"capacity": ["spot", "on-demand"], "weight": 100}, {"default-spot": ("spot", 100), "default-on-demand": ("on-demand", 99)}),
    ],
    ids=["one", "spot", "fallback", "other-way-round", "no-room-above"],
)
def test_a_capacity_is_a_node_pool_and_the_first_is_the_heaviest(
    pool: dict[str, Any], expected: dict[str, tuple[str, int]], tmp_path: Path
) -> None:
    values = _values(tmp_path, pool)
    found = {
        name: (_requirement(each["spec"], "karpenter.sh/capacity-type"), each["spec"]["weight"])
        for name, each in values["nodePools"].items()
    }
    assert found == {name: ([capacity], weight) for name, (capacity, weight) in expected.items()}
    assert list(values["nodeClasses"]) == ["default"]
    for each in values["nodePools"].values():
        assert each["spec"]["template"]["spec"]["nodeClassRef"] == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}
        assert each["spec"]["template"]["metadata"]["labels"]["hubsmith.io/pool"] == "default"


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("default-spot", {"cpu": "1000", "memory": "1000Gi"}),
        ("gpu", {"cpu": "160", "memory": "640Gi", "nvidia.com/gpu": "20"}),
        ("gpu-ts", {"cpu": "1000", "memory": "1000Gi"}),
        ("inferentia", {"cpu": "960", "memory": "4Ti", "aws.amazon.com/neuron": "60"}),
    ],
)
def test_limits(name: str, limits: dict[str, str]) -> None:
    assert values_of(config_of(EVERYTHING))["nodePools"][name]["spec"]["limits"] == limits


@pytest.mark.parametrize(
    ("name", "labels", "taints"),
    [
        (
            "default-spot",
            {"NodePool": "default", "hub.jupyter.org/node-purpose": "user", "hubsmith.io/pool": "default"},
            [{"key": "hub.jupyter.org/dedicated", "value": "user", "effect": "NoSchedule"}],
        ),
        (
            "gpu-ts",
            {
                "hub.jupyter.org/node-purpose": "user",
                "nvidia.com/gpu.present": "true",
                "hubsmith.io/gpu-sharing": "time-sliced",
                # Which of the device plugin's configurations holds on the node.
                "nvidia.com/device-plugin.config": "slices-4",
                "hubsmith.io/pool": "gpu-ts",
            },
            [
                {"key": "hub.jupyter.org/dedicated", "value": "user", "effect": "NoSchedule"},
                {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},
            ],
        ),
        (
            "trainium",
            {"hub.jupyter.org/node-purpose": "user", "aws.amazon.com/neuron.present": "true", "hubsmith.io/pool": "trainium"},
            [
                {"key": "hub.jupyter.org/dedicated", "value": "user", "effect": "NoSchedule"},
                {"key": "aws.amazon.com/neuron", "value": "present", "effect": "NoSchedule"},
            ],
        ),
        (
            "ray",
            {"dedicated": "ray", "hubsmith.io/pool": "ray"},
            [
                {"key": "dedicated", "value": "ray", "effect": "NoSchedule"},
                # An empty value is left out: the CRD's pattern refuses "".
                {"key": "lab.example.org/batch", "effect": "NoExecute"},
            ],
        ),
    ],
)
def test_labels_and_taints(name: str, labels: dict[str, str], taints: list[dict[str, str]]) -> None:
    template = values_of(config_of(EVERYTHING))["nodePools"][name]["spec"]["template"]
    assert template["metadata"]["labels"] == labels
    assert template["spec"]["taints"] == taints


def test_when_nodes_go() -> None:
    pools = values_of(config_of(EVERYTHING))["nodePools"]
    default, other = pools["default-spot"]["spec"], pools["cpu-on-demand"]["spec"]
    assert default["disruption"] == {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "60s", "budgets": [{"nodes": "1"}]}
    assert (default["template"]["spec"]["expireAfter"], default["template"]["spec"]["terminationGracePeriod"]) == ("720h", "24h")
    assert other["disruption"]["budgets"] == [{"nodes": "3"}]
    assert other["template"]["spec"]["expireAfter"] == "Never"


@pytest.mark.parametrize(
    ("pool", "key", "values"),
    [
        ("gpu", "karpenter.k8s.aws/instance-family", ["g4dn"]),
        ("gpu", "karpenter.k8s.aws/instance-size", ["2xlarge"]),
        ("arm-spot", "kubernetes.io/arch", ["arm64"]),
        ("gpu", "kubernetes.io/os", ["linux"]),
        ("trainium", "topology.kubernetes.io/zone", ["us-east-2b"]),
    ],
)
def test_requirements(pool: str, key: str, values: list[str]) -> None:
    assert _requirement(values_of(config_of(EVERYTHING))["nodePools"][pool]["spec"], key) == values


@pytest.mark.parametrize(("pool", "hops"), [("default", 1), ("gpu", 1), ("desktop", 2), ("public", 2)])
def test_metadata_is_out_of_reach_of_pods_but_where_a_purpose_needs_it(pool: str, hops: int) -> None:
    options = values_of(config_of(EVERYTHING))["nodeClasses"][pool]["spec"]["metadataOptions"]
    assert options == {
        "httpEndpoint": "enabled",
        "httpProtocolIPv6": "disabled",
        "httpPutResponseHopLimit": hops,
        "httpTokens": "required",
    }


@pytest.mark.parametrize(
    ("pool", "public"),
    [("default", False), ("desktop", False), ("public", True)],
)
def test_nodes_are_private_but_for_public_processes(pool: str, public: bool) -> None:
    config = config_of(EVERYTHING)
    spec = values_of(config)["nodeClasses"][pool]["spec"]
    (term,) = spec["subnetSelectorTerms"]
    assert spec.get("associatePublicIPAddress", False) is public
    wanted = {"hubsmith:deployment": config.deployment, "kubernetes.io/role/elb": "1"}
    assert (term["tags"] == wanted) is public
    assert ("karpenter.sh/discovery" in term["tags"]) is not public


@pytest.mark.parametrize(
    ("pool", "devices"),
    [("default", {"/dev/xvda": "200Gi"}), ("minimal-system", {"/dev/xvda": "4Gi", "/dev/xvdb": "100Gi"})],
)
def test_volumes_are_encrypted_and_go_with_the_node(pool: str, devices: dict[str, str]) -> None:
    volumes = values_of(config_of(EVERYTHING))["nodeClasses"][pool]["spec"]["blockDeviceMappings"]
    assert {each["deviceName"]: each["ebs"]["volumeSize"] for each in volumes} == devices
    for each in volumes:
        assert (each["ebs"]["volumeType"], each["ebs"]["encrypted"], each["ebs"]["deleteOnTermination"]) == ("gp3", True, True)
    assert volumes[-1]["ebs"]["iops"] == (6000 if pool == "minimal-system" else 3000)


def test_subnets_of_our_own_are_found_by_tag_and_those_of_others_by_id(tmp_path: Path) -> None:
    ours = values_of(config_of("dandi"))["nodeClasses"]["gpu"]["spec"]["subnetSelectorTerms"]
    assert ours == [{"tags": {"karpenter.sh/discovery": "eks-dandihub"}}]
    theirs = _values(tmp_path, {}, network={"existing": {"vpc_id": "vpc-0a", "data_plane_subnets": ["subnet-0a", "subnet-0b"]}})
    assert theirs["nodeClasses"]["default"]["spec"]["subnetSelectorTerms"] == [{"id": "subnet-0a"}, {"id": "subnet-0b"}]


@pytest.mark.parametrize("env", ENVS)
def test_what_only_terraform_knows_is_handed_on_whole(env: str) -> None:
    config = config_of(env)
    values = values_of(config)
    assert set(values["nodeClasses"]) == set(config.pools)
    for key, each in values["nodeClasses"].items():
        assert each["spec"]["role"] == ROLE
        assert each["spec"]["securityGroupSelectorTerms"] == [{"id": GROUP}]
        assert each["spec"]["tags"]["Name"] == f"{config.cluster_name}-{key}"
        assert each["spec"]["tags"]["hubsmith:deployment"] == config.deployment
        # With an address the sweep would take a node for Terraform's, and leave it.
        assert ADDRESS not in each["spec"]["tags"]
        assert each["spec"]["instanceStorePolicy"] == "RAID0"


@pytest.mark.parametrize("env", ENVS)
def test_no_image_floats(env: str) -> None:
    for each in values_of(config_of(env))["nodeClasses"].values():
        (term,) = each["spec"]["amiSelectorTerms"]
        assert "@v" in term["alias"]
