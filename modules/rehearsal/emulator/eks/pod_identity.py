"""Pod identity associations: which role a service account's pods may take."""

from __future__ import annotations

import uuid
from typing import Any

from modules.rehearsal.emulator.answers import Call, Document, Refused, now
from modules.rehearsal.emulator.eks.state import Cluster, answers, arn, cluster_of, listed


def associate(call: Call, cluster: Cluster, given: Document, owner: str | None = None) -> Document:
    """A new association in `cluster`; owner is the ARN of the add-on that made it. Gives its document."""
    wanted = (given["namespace"], given["serviceAccount"])
    if any((held["namespace"], held["serviceAccount"]) == wanted for held in cluster.associations.values()):
        raise Refused("ResourceInUseException", f"Association already exists: {wanted[0]}/{wanted[1]}")
    id = f"a-{uuid.uuid4().hex[:17]}"
    association = {
        "clusterName": cluster.document["name"],
        "associationId": id,
        "associationArn": arn(call, "podidentityassociation", cluster.document["name"], id),
        "namespace": given["namespace"],
        "serviceAccount": given["serviceAccount"],
        "roleArn": given["roleArn"],
        "targetRoleArn": given.get("targetRoleArn"),
        "disableSessionTags": given.get("disableSessionTags", False),
        "ownerArn": owner,
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": given.get("tags") or {},
    }
    cluster.associations[id] = association
    return association


@answers("CreatePodIdentityAssociation")
def create_pod_identity_association(call: Call) -> Document:
    """Refused when the service account has one."""
    return {"association": associate(call, cluster_of(call), dict(call.params))}


@answers("DescribePodIdentityAssociation")
def describe_pod_identity_association(call: Call) -> Document:
    """One association."""
    return {"association": _association(call)}


@answers("ListPodIdentityAssociations")
def list_pod_identity_associations(call: Call) -> Document:
    """All associations, or those of one namespace or service account."""

    def wanted(held: Document) -> bool:
        return all(call.get(name) in (None, held[name]) for name in ("namespace", "serviceAccount"))

    found: list[Any] = [held for held in cluster_of(call).associations.values() if wanted(held)]
    return listed(call, "associations", found)


@answers("UpdatePodIdentityAssociation")
def update_pod_identity_association(call: Call) -> Document:
    """Another role."""
    association = _association(call)
    names = ("roleArn", "targetRoleArn", "disableSessionTags")
    association.update({name: call[name] for name in names if name in call.params}, modifiedAt=now())
    return {"association": association}


@answers("DeletePodIdentityAssociation")
def delete_pod_identity_association(call: Call) -> Document:
    """Gone at once."""
    return {"association": cluster_of(call).associations.pop(_association(call)["associationId"])}


def _association(call: Call) -> Document:
    held = cluster_of(call).associations.get(call["associationId"])
    if held is None:
        raise Refused("ResourceNotFoundException", f"No association found with id: {call['associationId']}")
    return held
