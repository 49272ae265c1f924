"""An env with homes on EBS: moto's EC2 with volumes as the CSI driver tags them, and the stand-in cluster over its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from kubernetes import client
from moto import mock_aws

from modules.common import tags
from modules.common.homes import CLAIM_TAG, NAMESPACE_TAG
from modules.config.models import HubConfig
from modules.ops.target import Target
from tests.unit.cluster.api_support import Served, served, served_process
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session

__all__ = ["served", "served_process"]

ZONE = "us-east-2a"


@dataclass
class Place:
    """config: of the env. root: of a checkout. served: its cluster. core: Kubernetes' own client for it."""

    config: HubConfig
    session: boto3.Session
    root: Path
    served: Served
    made: list[str] = field(default_factory=list)

    @property
    def core(self) -> Any:
        return client.CoreV1Api(self.served.client)

    @property
    def ec2(self) -> Any:
        return self.session.client("ec2", region_name=self.config.region)

    @property
    def target(self) -> Target:
        return Target({}, {}, self.session, ACCOUNT, True, "rehearsal in moto")

    def volume(self, claim: str, *, gib: int = 100, zone: str = ZONE, **changed: str) -> str:
        """A volume as the driver leaves it when its claim's class is ours; `changed` replaces tags, "" takes one away."""
        pairs = {
            **tags.deployment_tags(self.config.deployment, self.config.env),
            CLAIM_TAG: claim,
            NAMESPACE_TAG: self.config.hub.namespace,
            "ebs.csi.aws.com/cluster": "true",
            **changed,
        }
        written = [{"Key": key, "Value": value} for key, value in pairs.items() if value]
        made = self.ec2.create_volume(
            AvailabilityZone=zone, Size=gib, VolumeType="gp3", TagSpecifications=[{"ResourceType": "volume", "Tags": written}]
        )
        self.made.append(made["VolumeId"])
        return str(made["VolumeId"])

    def attach(self, volume: str) -> str:
        """Attach a volume to a node."""
        node = self.ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        self.ec2.attach_volume(VolumeId=volume, InstanceId=node, Device="/dev/sdf")
        return str(node)

    def claim(self, name: str, size: str = "100Gi", kind: str = "homes") -> Any:
        """What KubeSpawner asks for when a user starts a server."""
        spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": kind, "resources": {"requests": {"storage": size}}}
        return self.core.create_namespaced_persistent_volume_claim(self.config.hub.namespace, {"metadata": {"name": name}, "spec": spec})

    def bound(self, name: str) -> str:
        """The EBS volume that a claim has, "" for none."""
        claim = self.core.read_namespaced_persistent_volume_claim(name, self.config.hub.namespace)
        if not claim.spec.volume_name:
            return ""
        return str(self.core.read_persistent_volume(claim.spec.volume_name).spec.csi.volume_handle)


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto."""
    with mock_aws():
        yield new_session()


@pytest.fixture
def place(session: boto3.Session, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The env, with an empty account and a cluster that has the hub's namespace."""
    config = make_config(storage={"homes": {"kind": "ebs"}})
    monkeypatch.delenv("HUB_KUBECONFIG", raising=False)
    monkeypatch.setattr("modules.ops.cluster_api.rehearsal_kubernetes", lambda root, config: served.url)
    made = Place(config, session, tmp_path, served)
    monkeypatch.setattr("modules.ops.homes.command.resolve_target", lambda root, config: made.target)
    made.core.create_namespace({"metadata": {"name": config.hub.namespace}})
    return made
