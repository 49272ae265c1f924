"""Which choices of an env move which lines, and what is said where the catalog knows no price."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modules.ops.cost.estimate import estimate, in_short
from modules.ops.cost.model import Assumptions, Estimate
from tests._support.pools import ROOT, config_of
from tests.unit.ops_aws.support import make_config

_VPC = {"vpc_id": "vpc-1", "public_subnets": ["subnet-1", "subnet-2", "subnet-3"], "data_plane_subnets": ["subnet-4", "subnet-5"]}
_DESKTOP: dict[str, Any] = {"image": "dcv:1", "cidrs": ["192.0.2.0/24"], "pool": "seats", "cpu": 2, "memory": "8G"}
_SEATS = {"families": ["g4dn"], "sizes": ["xlarge", "2xlarge"], "gpu": "nvidia", "purpose": "desktop"}
_POOL = {"families": ["m5"], "sizes": ["xlarge"]}
_RAY = {"image": "ray:1", "pool": "ray", "instance_type": "m5.2xlarge", "workers": 4}
_GROUP = {"instance_types": ["m5.2xlarge"], "purpose": "ray", "max": 9}


def months(found: Estimate) -> dict[str, float | None]:
    return {each.key: each.month for each in found.lines}


@pytest.mark.parametrize(
    ("changes", "key", "month"),
    [
        ({"cluster": {"support": "EXTENDED"}}, "control-plane", 0.60 * 730),
        ({"cluster": {"core": {"min": 1, "desired": 3}}}, "core", 3 * 0.0376 * 730),
        ({"cluster": {"core": {"disk": {"iops": 4000}}}}, "core-disks-iops", 2 * 1000 * 0.005),
        ({"cluster": {"core": {"disk": {"throughput_mib": 225}}}}, "core-disks-throughput", 2 * 100 * 0.04),
        ({"cluster": {"admin_box": {}}}, "admin-box", 0.0094 * 730),
        ({"network": {"nat": "per-az", "azs": ["a", "b", "c"]}}, "nat", 3 * 0.045 * 730),
        ({"network": {"endpoints": {"interface": ["sts"]}, "azs": ["a", "b", "c"]}}, "endpoints", 3 * 0.01 * 730),
        ({"network": {"existing": _VPC}}, "nat", None),
        ({"network": {"existing": _VPC}}, "flow-logs", None),
        ({"network": {"existing": _VPC}}, "hub-balancer-ipv4", 3 * 0.005 * 730),
        ({"network": {"flow_logs": {"enabled": False}}}, "flow-logs", None),
        ({"hub": {"load_balancer": "internal"}}, "hub-balancer", 0.0225 * 730),
        ({"hub": {"load_balancer": "internal"}}, "hub-balancer-ipv4", None),
        ({"hub": {"placeholders": 4}}, "placeholders", 2 * 0.192 * 730),
        ({"node_groups": {"g": {"instance_types": ["m5.large"], "min": 1, "desired": 2, "max": 3}}}, "group-g", 2 * 0.096 * 730),
        (
            {
                "node_groups": {"g": {"instance_types": ["m5.large"], "min": 1, "desired": 2, "max": 3}},
                "cluster": {"autoscaler": "cluster-autoscaler"},
            },
            "group-g",
            0.096 * 730,
        ),
        ({"pools": {"default": _POOL, "seats": _SEATS}, "desktop": {**_DESKTOP, "seats": 2}}, "desktop", 2 * 0.526 * 730),
        ({"pools": {"default": _POOL, "seats": _SEATS}, "desktop": {**_DESKTOP, "cpu": 4}}, "desktop", 0.752 * 730),
        ({"pools": {"default": _POOL, "seats": _SEATS}, "desktop": {**_DESKTOP, "stop_idle_hours": 8}}, "desktop", None),
        ({"pools": {"default": _POOL, "seats": _SEATS}, "desktop": {**_DESKTOP, "exposure": "nlb"}}, "desktop-balancer", 0.0225 * 730),
        ({"node_groups": {"ray": _GROUP}, "ray": {"a": _RAY}}, "ray-a", 5 * 0.384 * 730),
        # Two of the five are the group's own minimum.
        ({"node_groups": {"ray": {**_GROUP, "min": 2}}, "ray": {"a": _RAY}}, "ray-a", 3 * 0.384 * 730),
        ({"pools": {"default": _POOL, "vault": {**_POOL, "purpose": "vault"}}, "vault": {"pool": "vault"}}, "vault", 3 * 0.192 * 730),
        ({"pools": {"default": _POOL, "vault": {**_POOL, "purpose": "vault"}}, "vault": {"pool": "vault"}}, "vault-volumes", 60 * 0.08),
        ({"pools": {"default": _POOL, "vault": {**_POOL, "purpose": "vault"}}, "vault": {"pool": "vault"}}, "keys", 3.0),
        ({"storage": {"efs": {"enabled": False}}}, "efs", None),
        ({"storage": {"backup": {"enabled": False}}}, "backup", None),
        ({"storage": {"homes": {"kind": "ebs", "size": "1Ti"}}}, "homes", 10 * 1024 * 0.08),
        ({"dns": None, "domain": None}, "zone", None),
        ({"cluster": {"log_types": []}}, "control-logs", None),
    ],
)
def test_a_choice_and_its_line(changes: dict[str, Any], key: str, month: float | None) -> None:
    if "hub" in changes:
        changes = {**changes, "hub": {**make_config().hub.model_dump(), **changes["hub"]}}
    assert months(estimate(make_config(**changes))).get(key) == (None if month is None else pytest.approx(month, rel=0.001))


def test_on_a_cluster_of_somebody_else_only_what_is_ours_is_counted() -> None:
    config = make_config()
    existing = {
        "name": "theirs",
        "oidc_provider_arn": "arn:aws:iam::123456789012:oidc-provider/o",
        "oidc_issuer": "oidc.example/id/1",
        "security_group_id": "sg-1",
        "node_role_arn": "arn:aws:iam::123456789012:role/node",
    }
    found = estimate(make_config(cluster={"existing": existing}, network={"existing": _VPC}))
    gone = {"control-plane", "core", "core-disks", "nat", "nat-ipv4", "nat-data", "control-logs", "pod-logs", "flow-logs"}
    assert months(estimate(config)).keys() - months(found).keys() >= gone
    assert months(found)["keys"] == 1.0


@pytest.mark.parametrize(
    ("changes", "unknown"),
    [
        ({"region": "ap-south-1"}, "core nodes: 2 t3a.medium"),
        ({"node_groups": {"g": {"instance_types": ["p5e.48xlarge"], "min": 1}}}, "node group g: 1 p5e.48xlarge"),
    ],
)
def test_what_has_no_price_is_named_and_never_guessed(changes: dict[str, Any], unknown: str) -> None:
    found = estimate(make_config(**changes))
    assert unknown in found.unknown
    assert [each.month for each in found.lines if each.label == unknown] == [None]
    assert "without a known price not counted" in in_short(found)


def test_elsewhere_a_price_is_about_and_what_is_the_same_everywhere_is_exact() -> None:
    exact = {each.key: each.exact for each in estimate(make_config(region="eu-central-1")).lines}
    assert (exact["control-plane"], exact["nat-ipv4"], exact["keys"]) == (True, True, True)
    assert (exact["core"], exact["nat"], exact["efs"]) == (False, False, False)


def test_what_people_store_is_theirs_to_say() -> None:
    few, many = (months(estimate(make_config(), Assumptions(users=users, home_gb=5)))["efs"] for users in (1, 100))
    assert (few, many) == (pytest.approx((50 + 5) * 0.30), pytest.approx((50 + 500) * 0.30))


def test_one_line_for_an_install() -> None:
    assert in_short(estimate(config_of("helio"))) == (
        'about $213 a month idle and $101 for data (10 users assumed), $0.05/h for the "Server" profile'
    )


def test_spot_is_a_range_and_only_where_the_pool_has_it() -> None:
    spot = {each.name: each.spot for each in estimate(config_of("demo")).profiles}
    assert spot["Base"] == (pytest.approx(0.064 * 0.3), pytest.approx(0.064 * 0.7))
    assert spot["GPU"] is None


def test_an_estimate_asks_nobody(tmp_path: Path) -> None:
    """Plans and pull requests import it: neither AWS nor the engine may come along."""
    text = "import sys; import modules.ops.cost.estimate; print(sorted({'boto3', 'botocore', 'cdktf', 'jsii', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
