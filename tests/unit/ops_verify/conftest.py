"""An env whose account is moto's and whose cluster is the rehearsal's own, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from kubernetes.client import ApiClient, Configuration
from moto import mock_aws

from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi
from modules.ops.failures.kubernetes import Door
from modules.ops.target import Target
from modules.ops.verify.scene import Options, Scene
from tests.unit.cluster.api_support import Served, served, served_process
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session
from tests.unit.ops_verify.aws import Service, install
from tests.unit.ops_verify.cluster import Cluster

__all__ = ["served", "served_process"]
Stage = Callable[..., Scene]


@pytest.fixture
def config() -> HubConfig:
    """A small env with homes on EFS and one Karpenter pool."""
    return make_config()


@pytest.fixture
def session(config: HubConfig) -> Iterator[boto3.Session]:
    """An account in which everything is applied."""
    with mock_aws():
        made = new_session()
        install(made, config)
        yield made


@pytest.fixture
def service() -> Service:
    """EKS and Route 53."""
    return Service()


@pytest.fixture
def api(served: Served, config: HubConfig) -> ClusterApi:
    """The verbs' client of the stand-in cluster, which knows Karpenter's kinds."""
    served.world.custom_kinds["NodePool"] = ("karpenter.sh", "karpenter-crd", "1.14.1")
    return ClusterApi(ApiClient(Configuration(host=served.url, retries=0)), Door(config))


@pytest.fixture
def cluster(api: ClusterApi, served: Served) -> Cluster:
    """To be filled and spoilt."""
    return Cluster(api, served.world)


@pytest.fixture
def stage(tmp_path: Path, api: ClusterApi, session: boto3.Session, service: Service, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Makes the scene of an env. rehearsal: whether it is one, so that what no controller says is unknown."""

    def make(config: HubConfig, *, rehearsal: bool = False, options: Options | None = None) -> Scene:
        target = Target({}, {}, session, ACCOUNT, rehearsal, "moto")
        scene = Scene(tmp_path, config, target, options)
        real = scene.client
        monkeypatch.setattr(scene, "client", lambda name: service if name in ("eks", "route53") else real(name))
        return scene

    monkeypatch.delenv("HUB_KUBECONFIG", raising=False)
    monkeypatch.setattr("modules.ops.cluster_api.open_cluster", lambda root, config, target: api)
    return make
