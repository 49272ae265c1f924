"""A cluster on stand-ins: EKS of the emulator, and its Kubernetes API with nodes, people's servers and budgets."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from kubernetes.client import ApiClient, Configuration

from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.cluster_api import ClusterApi
from modules.ops.failures.kubernetes import Door
from modules.ops.upgrade.facts import Facts
from modules.ops.upgrade.gather import Gatherer
from modules.ops.upgrade.gather_cluster import HOLD
from modules.ops.upgrade.hands import EnvHands
from modules.ops.upgrade.updates import Updates
from tests._support.emulator import Emulator
from tests.unit.ops_aws.support import _LOADER, make_config

ROLE = "arn:aws:iam::123456789012:role/lab"
PODS = "/api/v1/namespaces/jupyterhub/pods"


@dataclass
class Lab:
    """One env on an emulator of its own region."""

    root: Path
    config: HubConfig
    session: boto3.Session
    url: str

    @property
    def eks(self) -> Any:
        return self.session.client("eks")

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """One call of the cluster's API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", method=method, data=data, headers={"Content-Type": kind})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def add_node(self, name: str, kubelet: str, **labels: str) -> None:
        self.ask("POST", "/api/v1/nodes", {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name, "labels": labels}})
        self.set_kubelet(name, kubelet)

    def set_kubelet(self, name: str, kubelet: str) -> None:
        body = {"status": {"nodeInfo": {"kubeletVersion": kubelet}}}
        self.ask("PATCH", f"/api/v1/nodes/{name}/status", body, "application/merge-patch+json")

    def add_server(self, user: str, node: str) -> None:
        meta = {"name": f"jupyter-{user}", "labels": {"component": "singleuser-server"}, "annotations": {"hub.jupyter.org/username": user}}
        spec = {"nodeName": node, "containers": [{"name": "notebook", "image": "quay.io/jupyter/base-notebook:2026-01-01"}]}
        self.ask("POST", PODS, {"kind": "Pod", "apiVersion": "v1", "metadata": meta, "spec": spec})
        status = {"status": {"phase": "Running", "startTime": "2026-11-20T08:15:00Z"}}
        self.ask("PATCH", f"{PODS}/jupyter-{user}/status", status, "application/merge-patch+json")

    def end_server(self, user: str) -> None:
        self.ask("DELETE", f"{PODS}/jupyter-{user}")

    def karpenter(self, version: str) -> None:
        """As Karpenter does: nodes of an older version are replaced, but for those that are held or somebody works on."""
        busy = {each["spec"].get("nodeName") for each in self.ask("GET", PODS)["items"]}
        for node in self.ask("GET", "/api/v1/nodes")["items"]:
            meta = node["metadata"]
            if "karpenter.sh/nodepool" in meta["labels"] and meta["name"] not in busy and HOLD not in (meta.get("annotations") or {}):
                self.set_kubelet(meta["name"], f"v{version}.0-eks-2")

    def versions(self) -> dict[str, str]:
        """The version of everything that has one."""
        name = self.config.cluster_name
        found = {"cluster": self.eks.describe_cluster(name=name)["cluster"]["version"]}
        for addon in self.eks.list_addons(clusterName=name)["addons"]:
            found[addon] = self.eks.describe_addon(clusterName=name, addonName=addon)["addon"]["addonVersion"]
        for group in self.eks.list_nodegroups(clusterName=name)["nodegroups"]:
            found[group] = self.eks.describe_nodegroup(clusterName=name, nodegroupName=group)["nodegroup"]["version"]
        return found

    def gatherer(self, session: boto3.Session | None = None) -> Gatherer:
        api = ClusterApi(ApiClient(Configuration(host=self.url, retries=0)), Door(self.config))
        return Gatherer(self.root, self.config, Clients(session or self.session, self.config.region), api)

    def hands(self, target: str, session: boto3.Session | None = None) -> LabHands:
        gatherer = self.gatherer(session)
        updates = Updates(gatherer.clients, self.config.cluster_name, pause=0)
        return LabHands(self.config, gatherer, updates, target, _no_bench, lab=self)


def _no_bench() -> Any:
    raise AssertionError("Terraform is stood in for")


@dataclass(frozen=True)
class LabHands(EnvHands):
    """The real hands, but for Terraform (EKS is asked directly) and for the nodes that EKS would replace."""

    lab: Lab | None = None

    def facts(self) -> Facts:
        assert self.lab is not None
        self.lab.karpenter(self.lab.versions()["cluster"])
        return super().facts()

    def apply(self, stack: str) -> None:
        assert stack == "cluster", "nothing here runs cluster-autoscaler"
        self.gatherer.clients.get("eks").update_cluster_version(name=self.config.cluster_name, version=self.target)

    def update_group(self, name: str, version: str) -> None:
        super().update_group(name, version)
        assert self.lab is not None
        for node in self.lab.ask("GET", "/api/v1/nodes")["items"]:
            if node["metadata"]["labels"].get("eks.amazonaws.com/nodegroup") == name:
                self.lab.set_kubelet(node["metadata"]["name"], f"v{version}.0-eks-2")

    def read_back(self) -> None:
        """Terraform's; tests/engine has the real one."""


def quick_session(emulator: Emulator) -> boto3.Session:
    """A session of its own that shares the service descriptions with all others: reading them takes most of a client's time."""
    session = emulator.session()
    inner: Any = session._session
    inner.register_component("data_loader", _LOADER)
    return session


def build(root: Path, emulator: Emulator, version: str = "1.35") -> Lab:
    """The cluster `lab` with two add-ons, a core group, a user group, and a node of each kind."""
    config = make_config(region=emulator.region, cluster={"version": "1.36"})
    session = quick_session(emulator)
    ec2, eks = session.client("ec2"), session.client("eks")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"{emulator.region}{zone}")
        for index, zone in enumerate("ab")
    ]
    subnets = [each["Subnet"]["SubnetId"] for each in zones]
    policy = {"supportType": "STANDARD"}
    eks.create_cluster(name="lab", version=version, roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets}, upgradePolicy=policy)
    for addon in ("kube-proxy", "coredns"):
        eks.create_addon(clusterName="lab", addonName=addon)
    for group in ("lab-core", "lab-user"):
        eks.create_nodegroup(clusterName="lab", nodegroupName=group, subnets=subnets, nodeRole=ROLE)
    lab = Lab(root, config, session, f"{emulator.url}/hubsmith/kubernetes/{emulator.region}/lab")
    lab.ask("POST", "/api/v1/namespaces", {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "jupyterhub"}})
    lab.add_node("core-1", f"v{version}.2-eks-1", **{"eks.amazonaws.com/nodegroup": "lab-core"})
    lab.add_node("user-1", f"v{version}.2-eks-1", **{"eks.amazonaws.com/nodegroup": "lab-user"})
    lab.add_node("pool-1", f"v{version}.2-eks-1", **{"karpenter.sh/nodepool": "default"})
    path = root / "envs/lab/hub.yaml"
    path.parent.mkdir(parents=True)
    path.write_text('name: lab\n\ncluster:\n  version: "1.36"\n')
    return lab
