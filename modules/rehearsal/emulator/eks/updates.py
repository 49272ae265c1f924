"""Updates, which all succeed at once, and tags."""

from __future__ import annotations

from modules.rehearsal.emulator.answers import Call, Document, Refused
from modules.rehearsal.emulator.eks.state import answers, cluster_of, clusters, listed


@answers("DescribeUpdate")
def describe_update(call: Call) -> Document:
    """One update of a cluster or of a part of it."""
    update = cluster_of(call, "name").updates.get(call["updateId"])
    if update is None:
        raise Refused("ResourceNotFoundException", f"No update found for ID: {call['updateId']}")
    return {"update": update}


@answers("ListUpdates")
def list_updates(call: Call) -> Document:
    """Ids of all updates."""
    return listed(call, "updateIds", cluster_of(call, "name").updates)


@answers("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Document:
    """The tags of anything EKS holds."""
    return {"tags": _find(call)["tags"]}


@answers("TagResource")
def tag_resource(call: Call) -> Document:
    """Add or overwrite tags."""
    found = _find(call)
    found["tags"] = {**found["tags"], **call["tags"]}
    return {}


@answers("UntagResource")
def untag_resource(call: Call) -> Document:
    """Remove tags."""
    found = _find(call)
    found["tags"] = {key: value for key, value in found["tags"].items() if key not in call["tagKeys"]}
    return {}


def _find(call: Call) -> Document:
    for cluster in clusters.of(call.account, call.region).values():
        for _, arn, document in cluster.documents():
            if arn == call["resourceArn"]:
                return document
    raise Refused("NotFoundException", f"The resource {call['resourceArn']} was not found")
