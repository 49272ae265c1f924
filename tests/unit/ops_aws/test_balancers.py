"""Load balancers of a hub or of desktops that went alone: waited for, and named when they stay."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from modules.config.models import HubConfig
from modules.ops.balancers import services, wait_until_gone
from tests.unit.ops_aws.things import Maker

FRONT = "jupyterhub/hub-public"
CLUSTER, SERVICE = {"Key": "elbv2.k8s.aws/cluster", "Value": "lab"}, {"Key": "service.k8s.aws/stack", "Value": FRONT}
LEGACY = [{"Key": "kubernetes.io/cluster/lab", "Value": "owned"}, {"Key": "kubernetes.io/service-name", "Value": FRONT}]


def service(kind: str, name: str = "hub-public", as_list: bool = False) -> dict[str, Any]:
    spec, metadata = {"type": kind}, {"name": name, "namespace": "jupyterhub"}
    return {"spec": [spec] if as_list else spec, "metadata": [metadata] if as_list else metadata}


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ({}, ()),
        ({"public": service("LoadBalancer")}, (FRONT,)),
        ({"public": service("LoadBalancer", as_list=True), "inner": service("ClusterIP", "inner")}, (FRONT,)),
        ({"public": service("LoadBalancer", "${aws_vpc.main.id}")}, ()),
    ],
)
def test_services_that_have_one(bodies: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert services({"resource": {"kubernetes_service_v1": bodies}}) == expected


@pytest.mark.parametrize(
    ("tags", "stays"),
    [
        ([CLUSTER, SERVICE], True),
        (LEGACY, True),
        ([CLUSTER], False),
        ([SERVICE], False),
        ([{**CLUSTER, "Value": "other"}, SERVICE], False),
        ([CLUSTER, {**SERVICE, "Value": "desktop/public"}], False),
    ],
)
def test_only_the_hub_s_own_is_waited_for(session: boto3.Session, config: HubConfig, tags: list[dict[str, str]], stays: bool) -> None:
    make = Maker(session, config)
    subnet = make.subnet(make.vpc())
    make.client("elbv2").create_load_balancer(Name="k8s-hub", Subnets=[subnet], Type="network", Tags=tags)
    left = wait_until_gone(session, config, [FRONT], seconds=-1.0)
    assert [item.id for item in left] == (["k8s-hub"] if stays else [])
    assert all("./cleanup.sh" in item.why for item in left)


def test_one_that_goes_in_time_is_no_leftover(session: boto3.Session, config: HubConfig) -> None:
    make = Maker(session, config)
    elb = make.client("elbv2")
    made = elb.create_load_balancer(Name="k8s-hub", Subnets=[make.subnet(make.vpc())], Type="network", Tags=[CLUSTER, SERVICE])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    assert wait_until_gone(session, config, [FRONT], pause=0.0, note=lambda text: elb.delete_load_balancer(LoadBalancerArn=arn)) == ()


def test_without_a_service_nobody_asks(config: HubConfig) -> None:
    nobody: Any = None
    assert wait_until_gone(nobody, config, ()) == ()
