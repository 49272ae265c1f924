"""An applied env: its account is moto's, its cluster the rehearsal's own, filled as an install leaves it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi
from modules.ops.target import Target
from modules.ops.verify.scene import Scene
from tests.unit.cluster.api_support import served, served_process
from tests.unit.ops_aws.support import ACCOUNT
from tests.unit.ops_verify.aws import Service
from tests.unit.ops_verify.cluster import Cluster, is_true, node, pod
from tests.unit.ops_verify.conftest import api, cluster, config, service, session, stage

__all__ = ["api", "cluster", "config", "served", "served_process", "service", "session", "stage"]
ARN = f"arn:aws:acm:us-east-2:{ACCOUNT}:certificate/1"
RELEASE = {"name": "jupyterhub", "namespace": "jupyterhub", "chart": "jupyterhub", "version": "4.4.0", "status": "deployed"}


def put_state(session: boto3.Session, config: HubConfig, stack: str, body: bytes | None = None, **outputs: Any) -> None:
    """A state with one release in it; body: these bytes instead."""
    instances = [{"attributes": {**RELEASE, "metadata": {"app_version": "5.4.0", "chart": "jupyterhub", "version": "4.4.0"}}}]
    resources = [{"mode": "managed", "type": "helm_release", "name": "hub", "instances": instances}]
    document = {"version": 4, "serial": 1, "resources": resources, "outputs": {key: {"value": value} for key, value in outputs.items()}}
    session.client("s3", region_name=config.region).put_object(
        Bucket=config.state_bucket, Key=f"{config.env}/{config.env}-{stack}.tfstate", Body=body or json.dumps(document).encode()
    )


@pytest.fixture
def running(
    stage: Callable[[HubConfig], Scene],
    session: boto3.Session,
    service: Service,
    cluster: Cluster,
    config: HubConfig,
    api: ClusterApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Cluster:
    """All is well, and two people are at work while a third server starts."""
    cluster.fill(config)
    for name in ("core-1", "core-2"):
        cluster.drop("Node", name)
        labels = {"eks.amazonaws.com/nodegroup": "lab-core", "node.kubernetes.io/instance-type": "t3.large"}
        document = node(name)
        document["metadata"]["labels"] |= labels
        cluster.put(document, is_true("Ready"))
    document = node("user-1")
    document["metadata"]["labels"] |= {"karpenter.sh/nodepool": "default", "karpenter.sh/capacity-type": "spot"}
    cluster.put(document, is_true("Ready"))
    for name, status in {"ada": is_true("Ready"), "bo": is_true("Ready"), "cy": is_true("Ready", "False")}.items():
        cluster.put(pod(f"jupyter-{name}", {"component": "singleuser-server"}), {"phase": "Running", **status})
    service.groups["lab-core"] |= {"scalingConfig": {"desiredSize": 2}, "version": "1.35"}
    put_state(session, config, "hub", hub_address="hub-0123.elb.us-east-2.amazonaws.com", hub_url="https://hub.lab.test")
    monkeypatch.setattr("modules.ops.status.command.resolve_target", lambda root, config: Target({}, {}, session, ACCOUNT, False, "moto"))
    monkeypatch.setattr("modules.ops.status.command.Scene", lambda root, config, target: stage(config))
    return cluster
