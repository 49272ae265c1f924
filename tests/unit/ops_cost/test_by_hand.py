"""Three envs recomputed by hand: every figure below was typed from AWS's pricing pages and the env's file, none comes from our code.

A month has 730 hours. us-east-2 costs in all of these what us-east-1 does. Published on 2026-11-21: EKS 0.10 an hour; t3a.medium
0.0376, t3a.xlarge 0.1504; NAT gateway 0.045 an hour and a GB; public IPv4 0.005; interface endpoint 0.01 a zone; NLB 0.0225; gp3 0.08 a
GiB; EFS 0.30, its backup 0.05, S3 0.023 a GB; key 1.00; secret 0.40; zone 0.50; logs 0.50 a GB written, 0.03 a GB and month kept.
"""

from __future__ import annotations

import pytest

from modules.ops.cost.estimate import estimate
from tests._support.pools import config_of

#: What the three have in common: one control plane, two t3a.medium with 100 GiB, one NAT gateway, a public load balancer in two zones.
_ALIKE = {
    "control-plane": 0.10 * 730,
    "core": 2 * 0.0376 * 730,
    "core-disks": 2 * 100 * 0.08,
    "nat": 0.045 * 730,
    "nat-ipv4": 0.005 * 730,
    "nat-data": 10 * 0.045,
    "hub-balancer": 0.0225 * 730,
    "hub-balancer-ipv4": 2 * 0.005 * 730,
    "zone": 0.50,
    # One for the data, one for the cluster's secrets.
    "keys": 2 * 1.00,
    "control-logs": 5 * 0.50,
    # Ninety days: each GB is there for three months.
    "control-logs-kept": 5 * 3 * 0.03,
    "pod-logs": 1 * 0.50,
    "pod-logs-kept": 1 * 1 * 0.03,
    "flow-logs": 1 * 0.50,
}
_BY_HAND = {
    "demo": {
        **_ALIKE,
        "group-lectures": 1 * 0.1504 * 730,
        "group-lectures-disks": 1 * 100 * 0.08,
        # ecr.api and sts, in two zones each.
        "endpoints": 2 * 2 * 0.01 * 730,
        # Cookie, crypt key, Dask's token, GitHub's secret, the desktops' login, the launcher's token, its processes' registry.
        "secrets": 7 * 0.40,
        "flow-logs-kept": 1 * (14 / 30) * 0.03,
        # Ten homes of 10 GB, and two trees of 50.
        "efs": (10 * 10 + 2 * 50) * 0.30,
        "backup": (10 * 10 + 2 * 50) * 0.05,
        "s3": 2 * 50 * 0.023,
        "database": 10 * 0.08,
    },
    "dandi": {
        **_ALIKE,
        # Cookie, crypt key, GitHub's secret, the archive's tokens.
        "secrets": 4 * 0.40,
        "flow-logs-kept": 1 * 3 * 0.03,
        "efs": (10 * 10 + 2 * 50) * 0.30,
        "backup": (10 * 10 + 2 * 50) * 0.05,
        "s3": 1 * 50 * 0.023,
        "database": 50 * 0.08,
    },
    "helio": {
        **_ALIKE,
        # Cookie, crypt key, Dask's token, Cognito's secret.
        "secrets": 4 * 0.40,
        "flow-logs-kept": 1 * 3 * 0.03,
        # Homes are on EBS: ten volumes of 100 GiB; one tree on EFS.
        "homes": 10 * 100 * 0.08,
        "efs": 1 * 50 * 0.30,
        "backup": 1 * 50 * 0.05,
        "s3": 2 * 50 * 0.023,
        "database": 10 * 0.08,
    },
}
_DATA = {"efs", "backup", "homes", "s3", "database"}
_GONE_ASLEEP = {"core", "core-disks", "group-lectures", "group-lectures-disks", "nat-data", "pod-logs", "flow-logs"}


@pytest.mark.parametrize("env", _BY_HAND)
def test_every_line_as_by_hand(env: str) -> None:
    lines = {each.key: each.month for each in estimate(config_of(env)).lines}
    assert lines == {key: pytest.approx(amount, rel=0.01) for key, amount in _BY_HAND[env].items()}


@pytest.mark.parametrize("env", _BY_HAND)
def test_the_sums_as_by_hand(env: str) -> None:
    found, hand = estimate(config_of(env)), _BY_HAND[env]
    assert found.idle == pytest.approx(sum(amount for key, amount in hand.items() if key not in _DATA), rel=0.01)
    assert found.storage == pytest.approx(sum(amount for key, amount in hand.items() if key in _DATA), rel=0.01)
    # A cluster without nodes writes 1 GB of logs instead of 5.
    stays = sum(amount for key, amount in hand.items() if key not in _DATA | _GONE_ASLEEP) - 4 * 0.50
    assert found.asleep == pytest.approx(stays, rel=0.01)
    assert found.nat == pytest.approx(0.045 * 730, rel=0.01)
    assert found.balancers == pytest.approx((0.0225 + 2 * 0.005) * 730, rel=0.01)
    # Deep: neither NAT nor load balancer, nor their three addresses.
    assert found.asleep_deep == pytest.approx(stays - (0.045 + 0.0225 + 3 * 0.005) * 730, rel=0.01)


@pytest.mark.parametrize(
    ("env", "profile", "on_full_node"),
    [
        # m5.xlarge, 0.192: 4 CPUs less kubelet's 80 and the system's 280 thousandths leave 3.64; 16 GiB leave 13.5: three with 4 GiB.
        ("demo", "Base", 0.192 / 3),
        ("demo", "Tiny", 0.192 / 14),
        # m5.2xlarge, 0.384: 8 CPUs hold one of 6.
        ("demo", "Large", 0.384 / 1),
        ("demo", "GPU", 0.526 / 1),
        # t3a.xlarge, 0.1504: seven of half a CPU.
        ("demo", "Lecture", 0.1504 / 7),
        ("dandi", "Base", 0.384 / 1),
        ("dandi", "Medium", 0.768 / 1),
        ("dandi", "Large", 1.536 / 1),
        ("dandi", "T4 GPU for inference", 0.752 / 1),
        # HelioCloud's own page said 0.20 for two on an m5.2xlarge and 0.77 for the big one.
        ("helio", "Server", 0.384 / 7),
        ("helio", "Large Server", 0.384 / 2),
        ("helio", "X-Large Server", 0.384 / 1),
        ("helio", "The Big Big Server", 0.768 / 1),
        ("helio", "GPU Server", 0.752 / 1),
        ("helio", "GPU Server - X-Large", 1.204 / 1),
    ],
)
def test_servers_as_by_hand(env: str, profile: str, on_full_node: float) -> None:
    (found,) = [each for each in estimate(config_of(env)).profiles if each.name == profile]
    assert found.on_demand == pytest.approx(on_full_node, rel=0.01)
