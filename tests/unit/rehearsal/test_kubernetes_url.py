"""The Kubernetes API of a running rehearsal: found by its env, gone with its cluster."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from kubernetes.client import ApiClient, ApiException, Configuration, CoreV1Api

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.rehearsal import session
from modules.rehearsal.emulator import kubernetes
from modules.rehearsal.emulator.front import Front
from tests._support.emulator import loopback_session

DEMO = load_env(Path(__file__).resolve().parents[3], "demo")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    session.stop(tmp_path, "demo")


def make_cluster(aws: boto3.Session, name: str) -> None:
    """An EKS cluster in a network of its own."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"{DEMO.region}{zone}")
             for index, zone in enumerate("ab")]  # fmt: skip
    subnets = [each["Subnet"]["SubnetId"] for each in zones]
    role = "arn:aws:iam::123456789012:role/cluster"
    aws.client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})


def api(url: str) -> CoreV1Api:
    return CoreV1Api(ApiClient(Configuration(host=url)))


def edit(url: str, **document: Any) -> Any:
    request = urllib.request.Request(f"{url}/hubsmith/cluster/edit", data=json.dumps(document).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_the_api_of_a_rehearsal(checkout: Path) -> None:
    with pytest.raises(HubError, match="does not run"):
        session.kubernetes_url(checkout, "demo")
    running = session.start(checkout, DEMO)
    with pytest.raises(HubError, match="There is none"):
        session.kubernetes_url(checkout, "demo")

    aws = loopback_session(running.url, DEMO.region)
    make_cluster(aws, "one")
    url = session.kubernetes_url(checkout, "demo")
    core = api(url)
    core.create_namespaced_config_map("default", {"metadata": {"name": "display"}, "data": {"display": ":0"}})
    dumped = session.cluster_dump(checkout, "demo")
    assert dumped is not None
    [cluster] = dumped.values()
    assert {"display": ":0"} in [each.get("data") for each in cluster["objects"]]

    assert edit(running.url, fail_request="GET *", code=503, times=1) == {"edited": True}
    with pytest.raises(ApiException) as refused:
        core.read_namespaced_config_map("display", "default")
    assert refused.value.status == 503
    assert core.read_namespaced_config_map("display", "default").data == {"display": ":0"}
    # What fails because a test asked for it is no answer the emulator owes anybody.
    assert session.faults(checkout, "demo") == ()

    make_cluster(aws, "two")
    with pytest.raises(HubError, match="one, two"):
        session.kubernetes_url(checkout, "demo")
    assert session.kubernetes_url(checkout, "demo", "one") == url
    aws.client("eks").delete_cluster(name="one")
    with pytest.raises(ApiException) as gone:
        core.list_namespace()
    assert gone.value.status == 404


def test_a_mistake_of_ours_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("metadata")

    monkeypatch.setattr(kubernetes, "api", broken)
    front, said = Front(lambda *_: [], "token"), list[str]()
    environ = {"PATH_INFO": "/hubsmith/kubernetes/us-east-2/one/api/v1/pods", "REQUEST_METHOD": "GET"}
    [body] = front(environ, lambda line, _headers: said.append(line))
    assert (said, json.loads(body)["reason"]) == (["500 Internal Server Error"], "InternalError")
    [fault] = front.faults.documents()
    assert (fault["service"], fault["action"]) == ("kubernetes", "GET /us-east-2/one/api/v1/pods")
