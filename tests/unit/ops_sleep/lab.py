"""A cluster on stand-ins: EKS and S3 of the emulator, the Kubernetes API over a World of this process.

Nobody runs controllers here: `move` does what they would between two looks (pods and nodes go). A NodeClaim is gone as soon as it is
given up, where a real one waits for its node to drain.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from kubernetes.client import ApiClient, Configuration

from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi
from modules.ops.failures.kubernetes import Door
from modules.ops.sleep.patience import Patience
from modules.ops.target import Target
from modules.rehearsal.cluster.world import OUTSIDE, Key, Release, World
from tests._support.emulator import Emulator
from tests.unit.cluster.api_support import Served, deployment
from tests.unit.ops_aws.support import ACCOUNT, Killed, make_config
from tests.unit.ops_upgrade.lab import ROLE, quick_session

HUB, SYSTEM = "jupyterhub", "kube-system"
#: Pods of each: kind, namespace, name, replicas.
WORKLOADS = (
    ("Deployment", HUB, "hub", 1),
    ("Deployment", HUB, "proxy", 2),
    ("StatefulSet", HUB, "user-placeholder", 3),
    ("Deployment", HUB, "resting", 0),
    ("Deployment", SYSTEM, "coredns", 2),
    ("Deployment", SYSTEM, "karpenter", 2),
    ("Deployment", SYSTEM, "hub-cluster-autoscaler", 1),
)
#: What a sleeping one looks like: the system's own stay.
STOPPED = {"hub": 0, "proxy": 0, "user-placeholder": 0, "resting": 0, "coredns": 2, "karpenter": 2, "hub-cluster-autoscaler": 0}
_CHANGES = ("UpdateNodegroupConfig", "PutObject", "DeleteObject")


class LabApi(ClusterApi):
    """Counts changes together with the session's, and ends the run at one of them: before its work, or after."""

    def __init__(self, url: str, config: HubConfig) -> None:
        super().__init__(ApiClient(Configuration(host=url, retries=0)), Door(config))
        self.changes: list[str] = []
        self.at, self.moment = 0, ""

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "application/json") -> bytes | None:
        if method == "GET":
            return super().ask(method, path, what, body=body, kind=kind)
        self.begin(what)
        found = super().ask(method, path, what, body=body, kind=kind)
        self.finish()
        return found

    def begin(self, what: str) -> None:
        self.changes.append(what)
        self._end("before")

    def finish(self) -> None:
        self._end("after")

    def _end(self, moment: str) -> None:
        if self.moment == moment and len(self.changes) == self.at:
            raise Killed(self.changes[-1])


@dataclass
class Lab:
    """One env."""

    root: Path
    config: HubConfig
    session: boto3.Session
    world: World
    api: LabApi
    target: Target

    @property
    def patience(self) -> Patience:
        """Gives up after some looks, whatever the time."""
        ticks = itertools.count()
        return Patience(seconds=12, pause=0, sleep=lambda _: self.move(), clock=lambda: float(next(ticks)))

    def kill(self, at: int, moment: str) -> None:
        """End the next run at its `at`-th change; 0 for never."""
        self.api.changes.clear()
        self.api.at, self.api.moment = at, moment

    def put(self, kind: str, namespace: str, name: str, **more: Any) -> None:
        versions = {"NodePool": "karpenter.sh/v1", "NodeClaim": "karpenter.sh/v1", "RayCluster": "ray.io/v1"}
        version = versions.get(kind, "apps/v1" if kind.endswith(("Deployment", "Set")) else "v1")
        meta = {"name": name, **({"namespace": namespace} if namespace else {}), **more.pop("metadata", {})}
        with self.world.lock:
            self.world.put({"apiVersion": version, "kind": kind, "metadata": meta, **more}, OUTSIDE)

    def drop(self, kind: str, namespace: str, name: str) -> None:
        with self.world.lock:
            self.world.drop(Key(kind, namespace, name))

    def names(self, kind: str) -> list[str]:
        with self.world.lock:
            return [key.name for key, _ in self.world.of_kind(kind)]

    def pod(self, name: str, owner: str = "", namespace: str = HUB, **labels: str) -> None:
        """A running pod. owner: kind of what started it; "" for one that nobody brings back."""
        owners = [{"apiVersion": "v1", "kind": owner, "name": "o", "uid": "u"}] if owner else []
        meta = {"labels": labels, "annotations": {"hub.jupyter.org/username": name.removeprefix("jupyter-")}, "ownerReferences": owners}
        self.put("Pod", namespace, name, metadata=meta, spec={"containers": [{"name": "main", "image": "pause:3"}]})

    def notebook(self, user: str) -> None:
        self.pod(f"jupyter-{user}", component="singleuser-server")

    def nodes(self) -> None:
        """Every node there is while the env is awake; those that are there stay."""
        for group, size in self.groups().items():
            for number in range(size["desiredSize"]):
                if f"{group}-{number}" not in self.names("Node"):
                    self.put("Node", "", f"{group}-{number}", metadata={"labels": {"eks.amazonaws.com/nodegroup": group}})
        if "claim-1" not in self.names("NodeClaim"):
            self.put("NodeClaim", "", "claim-1")

    def move(self) -> None:
        """One round of everybody's controllers."""
        sizes = self.groups()
        for name in self.names("Node"):
            group = name.rpartition("-")[0]
            if sizes[group]["desiredSize"] == 0:
                self.drop("Node", "", name)
        if not self.replicas().get("hub") and "hub-0" in self.names("Pod"):
            self.drop("Pod", HUB, "hub-0")

    def groups(self) -> dict[str, dict[str, int]]:
        """Node group → its sizes."""
        eks = self.session.client("eks")
        names = eks.list_nodegroups(clusterName="lab")["nodegroups"]
        return {name: eks.describe_nodegroup(clusterName="lab", nodegroupName=name)["nodegroup"]["scalingConfig"] for name in names}

    def replicas(self) -> dict[str, int]:
        """Deployment or StatefulSet → replicas."""
        with self.world.lock:
            found = [held.manifest for kind in ("Deployment", "StatefulSet") for _, held in self.world.of_kind(kind)]
        return {each["metadata"]["name"]: each["spec"]["replicas"] for each in found}

    def limits(self) -> dict[str, Any]:
        """NodePool → its limits."""
        with self.world.lock:
            return {key.name: held.manifest["spec"].get("limits") or {} for key, held in self.world.of_kind("NodePool")}

    def remembered(self) -> bool:
        """Whether a memory lies in the state bucket."""
        found = self.session.client("s3").list_objects_v2(Bucket=self.config.state_bucket, Prefix="lab/asleep")
        return bool(found["KeyCount"])

    def all(self) -> tuple[Any, ...]:
        """Everything that sleep changes."""
        return self.groups(), self.replicas(), self.limits(), self.remembered()


def build(root: Path, emulator: Emulator, served: Served) -> Lab:
    """The cluster `lab`: two groups of ours and somebody's third, Karpenter with a node of its own, a hub."""
    config = make_config(region=emulator.region)
    session = quick_session(emulator)
    api = LabApi(served.url, config)
    for service in ("eks", "s3"):
        events = session.events
        events.register_first(f"before-call.{service}", lambda model, **_: api.begin(model.name) if model.name in _CHANGES else None)
        events.register_last(f"after-call.{service}", lambda model, **_: api.finish() if model.name in _CHANGES else None)
    _account(session, config)
    api.changes.clear()
    world = served.world
    for kind in ("NodePool", "NodeClaim"):
        world.custom_kinds[kind] = ("karpenter.sh", "karpenter-crd", "1.14.1")
    # Its controller takes the finalizer off a NodeClaim; the stand-in cluster refuses to delete one without it.
    world.releases[SYSTEM, "karpenter"] = Release("karpenter", SYSTEM, "karpenter", "1.14.1", "{}", 1, 0, 0)
    lab = Lab(root, config, session, world, api, Target({}, {}, session, ACCOUNT, True, "stand-ins"))
    for kind, namespace, name, replicas in WORKLOADS:
        spec = deployment(name, replicas)["spec"]
        lab.put(kind, namespace, name, spec={**spec, **({"serviceName": name} if kind == "StatefulSet" else {})})
    for pool, limits in (("default", {"cpu": "64", "memory": "256Gi"}), ("endless", {})):
        lab.put("NodePool", "", pool, spec={**_POOL, **({"limits": limits} if limits else {})})
    lab.pod("hub-0", "ReplicaSet", component="hub")
    lab.nodes()
    return lab


_POOL = {
    "template": {
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
            "requirements": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}],
        }
    }
}


def _account(session: boto3.Session, config: HubConfig) -> None:
    ec2, eks, place = session.client("ec2"), session.client("eks"), {"LocationConstraint": config.region}
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"{config.region}{zone}")["Subnet"]["SubnetId"]
        for index, zone in enumerate("ab")
    ]
    eks.create_cluster(name="lab", version="1.35", roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets})
    ours = {DEPLOYMENT: config.deployment}
    for name, tags, size in (("lab-core", ours, (2, 5, 3)), ("lab-user", ours, (0, 4, 1)), ("theirs", {}, (1, 1, 1))):
        scaling = dict(zip(("minSize", "maxSize", "desiredSize"), size, strict=True))
        eks.create_nodegroup(clusterName="lab", nodegroupName=name, subnets=subnets, nodeRole=ROLE, scalingConfig=scaling, tags=tags)
    session.client("s3").create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration=place)
