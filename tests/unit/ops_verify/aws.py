"""A stand-in for EKS and Route 53 that answers what a test says; and the states of an install in moto's S3."""

from __future__ import annotations

import json
from typing import Any

import boto3

from modules.config.models import HubConfig

ADDONS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver", "aws-efs-csi-driver")
STACKS = ("data", "network", "cluster", "platform", "hub")
BALANCER = "hub-0123.elb.us-east-2.amazonaws.com"


class Service:
    """Both services. Every mapping may be changed by a test."""

    def __init__(self) -> None:
        self.cluster: dict[str, Any] = {"status": "ACTIVE", "version": "1.35"}
        self.addons = {name: {"addonName": name, "status": "ACTIVE"} for name in ADDONS}
        self.groups: dict[str, dict[str, Any]] = {"lab-core": {"nodegroupName": "lab-core", "status": "ACTIVE"}}
        self.records: list[str] = []

    def can_paginate(self, operation: str) -> bool:
        return False

    def describe_cluster(self, *, name: str) -> dict[str, Any]:
        return {"cluster": {"name": name, **self.cluster}}

    def list_addons(self, *, clusterName: str) -> dict[str, Any]:  # noqa: N803  # boto3's name
        return {"addons": list(self.addons)}

    def describe_addon(self, *, clusterName: str, addonName: str) -> dict[str, Any]:  # noqa: N803
        return {"addon": self.addons[addonName]}

    def list_nodegroups(self, *, clusterName: str) -> dict[str, Any]:  # noqa: N803
        return {"nodegroups": list(self.groups)}

    def describe_nodegroup(self, *, clusterName: str, nodegroupName: str) -> dict[str, Any]:  # noqa: N803
        return {"nodegroup": self.groups[nodegroupName]}

    def list_hosted_zones_by_name(self, *, DNSName: str) -> dict[str, Any]:  # noqa: N803
        return {"HostedZones": [{"Id": "Z1", "Name": f"{DNSName}."}]}

    def list_resource_record_sets(self, *, HostedZoneId: str) -> dict[str, Any]:  # noqa: N803
        return {"ResourceRecordSets": [{"Name": f"{name}."} for name in self.records]}


def write_state(session: boto3.Session, config: HubConfig, stack: str, *, status: str = "", empty: bool = False) -> None:
    """The state of one stack, as an apply leaves it. status: `tainted` for a resource that Terraform did not finish."""
    instance = {"attributes": {"id": "x"}, **({"status": status} if status else {})}
    resources = [] if empty else [{"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [instance]}]
    outputs = {"hub_address": {"value": BALANCER}} if stack == "hub" else {}
    body = json.dumps({"version": 4, "serial": 1, "resources": resources, "outputs": outputs})
    s3 = session.client("s3", region_name=config.region)
    s3.put_object(Bucket=config.state_bucket, Key=f"{config.env}/{config.env}-{stack}.tfstate", Body=body)


def install(session: boto3.Session, config: HubConfig) -> None:
    """The states of every stack."""
    s3 = session.client("s3", region_name=config.region)
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    for stack in STACKS:
        write_state(session, config, stack)
