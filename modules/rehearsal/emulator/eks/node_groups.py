"""Managed node groups: each has a real (and empty) autoscaling group in the emulated account."""

from __future__ import annotations

import uuid

from modules.rehearsal.emulator.answers import Call, Document, Refused, now
from modules.rehearsal.emulator.eks import network
from modules.rehearsal.emulator.eks.access_entries import add_entry
from modules.rehearsal.emulator.eks.state import answers, arn, cluster_of, listed, record_update


@answers("CreateNodegroup")
def create_nodegroup(call: Call) -> Document:
    """A node group that is active at once. Refused when present, or when a subnet or its launch template is not."""
    cluster, name = cluster_of(call), call["nodegroupName"]
    if name in cluster.node_groups:
        raise Refused("ResourceInUseException", f"NodeGroup already exists with name {name} and cluster name {call['clusterName']}")
    network.subnets(call, call["subnets"])
    template = network.resolve_template(call, call.get("launchTemplate"))
    version = call.get("version", cluster.document["version"])
    scaling = {"minSize": 1, "maxSize": 2, "desiredSize": 2, **call.get("scalingConfig", {})}
    _check_scaling(scaling)
    group: Document = {
        "nodegroupName": name,
        "nodegroupArn": arn(call, "nodegroup", cluster.document["name"], name, str(uuid.uuid4())),
        "clusterName": cluster.document["name"],
        "version": version,
        "releaseVersion": call.get("releaseVersion") or _release(version),
        "createdAt": now(),
        "modifiedAt": now(),
        "status": "ACTIVE",
        "capacityType": call.get("capacityType", "ON_DEMAND"),
        "scalingConfig": scaling,
        "instanceTypes": call.get("instanceTypes") or (None if template else ["t3.medium"]),
        "subnets": call["subnets"],
        "remoteAccess": call.get("remoteAccess"),
        "amiType": call.get("amiType", "AL2023_x86_64_STANDARD"),
        "nodeRole": call["nodeRole"],
        "labels": call.get("labels", {}),
        "taints": call.get("taints", []),
        "diskSize": call.get("diskSize") or (None if template else 20),
        "health": {"issues": []},
        "updateConfig": call.get("updateConfig", {"maxUnavailable": 1}),
        "nodeRepairConfig": call.get("nodeRepairConfig"),
        "launchTemplate": template,
        "tags": call.get("tags", {}),
    }
    behind = network.create_group(call, cluster.document["name"], name, group)
    group["resources"] = {"autoScalingGroups": [{"name": behind}]}
    cluster.node_groups[name] = group
    if cluster.document["accessConfig"]["authenticationMode"] != "CONFIG_MAP" and group["nodeRole"] not in cluster.access_entries:
        # EKS lets the nodes of a managed group in by itself.
        add_entry(call, cluster, group["nodeRole"], "EC2_LINUX")
    return {"nodegroup": group}


@answers("DescribeNodegroup")
def describe_nodegroup(call: Call) -> Document:
    """One node group."""
    return {"nodegroup": _group(call)}


@answers("ListNodegroups")
def list_nodegroups(call: Call) -> Document:
    """Names of a cluster's node groups."""
    return listed(call, "nodegroups", cluster_of(call).node_groups)


@answers("DeleteNodegroup")
def delete_nodegroup(call: Call) -> Document:
    """Gone at once, with its autoscaling group."""
    group = _group(call)
    for behind in group["resources"]["autoScalingGroups"]:
        network.delete_group(call, behind["name"])
    del cluster_of(call).node_groups[group["nodegroupName"]]
    return {"nodegroup": {**group, "status": "DELETING"}}


@answers("UpdateNodegroupConfig")
def update_nodegroup_config(call: Call) -> Document:
    """Labels, taints, sizes, how many nodes may be replaced at once."""
    group = _group(call)
    if "scalingConfig" in call.params:
        scaling = {**group["scalingConfig"], **call["scalingConfig"]}
        _check_scaling(scaling)
        group["scalingConfig"] = scaling
    for name in ("updateConfig", "nodeRepairConfig"):
        if name in call.params:
            group[name] = call[name]
    labels = call.get("labels", {})
    removed = set(labels.get("removeLabels") or [])
    group["labels"] = {key: value for key, value in group["labels"].items() if key not in removed} | (labels.get("addOrUpdateLabels") or {})
    taints = call.get("taints", {})
    added = taints.get("addOrUpdateTaints") or []
    replaced = {(taint["key"], taint["effect"]) for taint in [*added, *(taints.get("removeTaints") or [])]}
    group["taints"] = [taint for taint in group["taints"] if (taint["key"], taint["effect"]) not in replaced] + added
    group["modifiedAt"] = now()
    return record_update(cluster_of(call), "ConfigUpdate")


@answers("UpdateNodegroupVersion")
def update_nodegroup_version(call: Call) -> Document:
    """Another Kubernetes version, image release, or version of the launch template."""
    cluster, group = cluster_of(call), _group(call)
    version = call.get("version") or (cluster.document["version"] if not call.get("releaseVersion") else group["version"])
    if version != group["version"] or call.get("releaseVersion"):
        group.update(version=version, releaseVersion=call.get("releaseVersion") or _release(version))
    if given := call.get("launchTemplate"):
        group["launchTemplate"] = network.resolve_template(call, given)
    group["modifiedAt"] = now()
    return record_update(cluster, "VersionUpdate", Version=version)


def _group(call: Call) -> Document:
    group = cluster_of(call).node_groups.get(call["nodegroupName"])
    if group is None:
        raise Refused("ResourceNotFoundException", f"No node group found for name: {call['nodegroupName']}.")
    return group


def _release(kubernetes: str) -> str:
    """The release of the node image for a Kubernetes version, in the shape EKS uses."""
    return f"{kubernetes}.0-20260101"


def _check_scaling(scaling: Document) -> None:
    low, size, high = scaling["minSize"], scaling["desiredSize"], scaling["maxSize"]
    if high < 1:
        raise Refused("InvalidParameterException", "maxSize must be greater than or equal to 1")
    if not low <= size <= high:
        raise Refused("InvalidParameterException", f"desired capacity {size} must be between minSize {low} and maxSize {high}")
