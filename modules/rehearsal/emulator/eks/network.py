"""What EKS makes and reads in EC2 for a cluster and its node groups; it lives in moto, where EC2 calls see it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from modules.rehearsal.emulator.answers import Call, Document, Refused


def ec2(call: Call) -> Any:
    """moto's EC2 of the call's account and region."""
    from moto.ec2.models import ec2_backends

    return ec2_backends[call.account][call.region]


def _autoscaling(call: Call) -> Any:
    from moto.autoscaling.models import autoscaling_backends

    return autoscaling_backends[call.account][call.region]


def subnets(call: Call, ids: Sequence[str]) -> list[Any]:
    """The named subnets. Refused when one does not exist."""
    from moto.ec2.exceptions import InvalidSubnetIdError

    try:
        return [ec2(call).get_subnet(id) for id in ids]
    except InvalidSubnetIdError as error:
        raise Refused("InvalidParameterException", f"The subnet ID in {sorted(ids)} does not exist: {error}") from error


def create_cluster_group(call: Call, cluster: str, vpc_id: str) -> str:
    """The security group EKS makes for a cluster, open within itself; gives its id."""
    group = ec2(call).create_security_group(
        f"eks-cluster-sg-{cluster}-{int(time.time() * 1000) % 10**10}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as any managed workloads.",
        vpc_id=vpc_id,
        tags={f"kubernetes.io/cluster/{cluster}": "owned", "aws:eks:cluster-name": cluster, "Name": f"eks-cluster-sg-{cluster}"},
    )
    return str(group.id)


def delete_cluster_group(call: Call, group_id: str) -> None:
    """Deleting the cluster takes its group along; one still in use stays behind, as on AWS."""
    from moto.core.exceptions import ServiceException
    from werkzeug.exceptions import HTTPException

    with suppress(ServiceException, HTTPException):
        ec2(call).delete_security_group(group_id=group_id)


def resolve_template(call: Call, template: Document | None) -> Document | None:
    """The launch template a node group names, with id, name and version filled in. Refused when it does not exist."""
    if not template:
        return None
    from moto.core.exceptions import ServiceException
    from werkzeug.exceptions import HTTPException

    backend = ec2(call)
    try:
        found = backend.get_launch_template(template["id"]) if template.get("id") else backend.get_launch_template_by_name(template["name"])
    except (ServiceException, HTTPException, KeyError) as error:
        raise Refused("InvalidRequestException", f"Launch template {template} was not found.") from error
    version = template.get("version") or str(found.default_version_number)
    return {"id": found.id, "name": found.name, "version": str(version)}


def create_group(call: Call, cluster: str, node_group: str, document: Document) -> str:
    """The autoscaling group behind a node group, on a copy of its launch template, as EKS makes it; gives its name.

    It starts nothing: the group's desired size stays zero, because an instance here would run no node.
    """
    backend = ec2(call)
    name = f"eks-{node_group}-{uuid.uuid4()}"
    given = document.get("launchTemplate")
    data = dict(backend.get_launch_template(given["id"]).get_version(given["version"]).data) if given else {}
    data.setdefault("ImageId", "ami-0abcdef1234567890")
    data["InstanceType"] = (document.get("instanceTypes") or ["t3.medium"])[0]
    data.pop("TagSpecifications", None)
    owner = {"eks:cluster-name": cluster, "eks:nodegroup-name": node_group}
    copy = backend.create_launch_template(name, "", data, {"launch-template": owner})
    tags = {
        **owner,
        "k8s.io/cluster-autoscaler/enabled": "true",
        f"k8s.io/cluster-autoscaler/{cluster}": "owned",
        f"kubernetes.io/cluster/{cluster}": "owned",
    }
    scaling = document["scalingConfig"]
    _autoscaling(call).create_auto_scaling_group(
        name=name,
        availability_zones=[],
        desired_capacity=0,
        max_size=scaling["maxSize"],
        min_size=0,
        launch_config_name="",
        launch_template={"LaunchTemplateId": copy.id, "Version": "1"},
        vpc_zone_identifier=",".join(document["subnets"]),
        default_cooldown=300,
        health_check_period=15,
        health_check_type="EC2",
        load_balancers=[],
        target_group_arns=[],
        placement_group=None,
        termination_policies=["AllocationStrategy", "OldestLaunchTemplate", "OldestInstance"],
        tags=[
            {"Key": key, "Value": value, "PropagateAtLaunch": "true", "ResourceId": name, "ResourceType": "auto-scaling-group"}
            for key, value in tags.items()
        ],
    )
    return name


def delete_group(call: Call, name: str) -> None:
    """Take the autoscaling group and its launch template away; whoever deleted them before is no error."""
    from moto.core.exceptions import ServiceException
    from werkzeug.exceptions import HTTPException

    with suppress(ServiceException, HTTPException):
        _autoscaling(call).delete_auto_scaling_group(name)
    with suppress(ServiceException, HTTPException):
        ec2(call).delete_launch_template(name, None)
