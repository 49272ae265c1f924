"""Access entries and the access policies associated with them."""

from __future__ import annotations

import uuid

from modules.rehearsal.emulator.answers import Call, Document, Refused, now
from modules.rehearsal.emulator.eks.state import Cluster, answers, arn, cluster_of, listed

#: The policies a hub uses and their neighbours; https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
_POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSAutoNodePolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)
#: Where the associations of an entry are kept beside what the API shows of it.
_ASSOCIATED = "associated"


def add_entry(call: Call, cluster: Cluster, principal: str, kind: str) -> Document:
    """An entry for `principal`, of type STANDARD or one of the node types; gives its document."""
    nodes = kind != "STANDARD"
    identity = principal.rsplit(":", 1)[1].split("/", 1)[0]
    default = "system:node:{{EC2PrivateDNSName}}" if nodes else _user_name(principal)
    entry = {
        "clusterName": cluster.document["name"],
        "principalArn": principal,
        "accessEntryArn": arn(
            call, "access-entry", cluster.document["name"], identity, call.account, principal.rsplit("/", 1)[-1], str(uuid.uuid4())
        ),
        "kubernetesGroups": ["system:nodes"] if nodes else [],
        "username": default,
        "type": kind,
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": {},
        _ASSOCIATED: {},
    }
    cluster.access_entries[principal] = entry
    return entry


@answers("CreateAccessEntry")
def create_access_entry(call: Call) -> Document:
    """Refused for a cluster that only reads its ConfigMap, and for a principal that has an entry."""
    cluster, principal, kind = _cluster(call), call["principalArn"], call.get("type", "STANDARD")
    if principal in cluster.access_entries:
        raise Refused("ResourceInUseException", "The specified access entry resource is already in use on this cluster.")
    if kind != "STANDARD" and (call.get("kubernetesGroups") or call.get("username")):
        raise Refused("InvalidParameterException", f"The username and groups of an access entry of type {kind} are set by EKS")
    if any(group.startswith("system:") for group in call.get("kubernetesGroups", [])):
        raise Refused("InvalidParameterException", "The kubernetes group name is invalid, it cannot start with system:")
    entry = add_entry(call, cluster, principal, kind)
    entry["tags"] = call.get("tags", {})
    for name in ("kubernetesGroups", "username"):
        entry[name] = call.get(name) or entry[name]
    return {"accessEntry": entry}


@answers("DescribeAccessEntry")
def describe_access_entry(call: Call) -> Document:
    """One entry."""
    return {"accessEntry": _entry(call)}


@answers("ListAccessEntries")
def list_access_entries(call: Call) -> Document:
    """Principals with an entry, all or those that one policy is associated with."""
    entries, policy = _cluster(call).access_entries, call.get("associatedPolicyArn")
    return listed(call, "accessEntries", [name for name, entry in entries.items() if policy is None or policy in entry[_ASSOCIATED]])


@answers("UpdateAccessEntry")
def update_access_entry(call: Call) -> Document:
    """Groups and user name."""
    entry = _entry(call)
    entry.update({name: call[name] for name in ("kubernetesGroups", "username") if name in call.params}, modifiedAt=now())
    return {"accessEntry": entry}


@answers("DeleteAccessEntry")
def delete_access_entry(call: Call) -> Document:
    """Gone at once, with its associations."""
    del _cluster(call).access_entries[_entry(call)["principalArn"]]
    return {}


@answers("AssociateAccessPolicy")
def associate_access_policy(call: Call) -> Document:
    """Refused for a policy EKS does not have and for an entry of a node type."""
    entry, policy = _entry(call), call["policyArn"]
    if policy.rsplit("/", 1)[-1] not in _POLICIES:
        raise Refused("InvalidParameterException", f"The policyArn parameter format is not valid: {policy}")
    if entry["type"] not in {"STANDARD", "EC2"}:
        raise Refused("InvalidRequestException", f"Access policies cannot be associated with an entry of type {entry['type']}")
    scope = {"namespaces": [], **call["accessScope"]}
    associated = {"policyArn": policy, "accessScope": scope, "associatedAt": now(), "modifiedAt": now()}
    entry[_ASSOCIATED][policy] = associated
    return {"clusterName": entry["clusterName"], "principalArn": entry["principalArn"], "associatedAccessPolicy": associated}


@answers("DisassociateAccessPolicy")
def disassociate_access_policy(call: Call) -> Document:
    """Refused for a policy that is not associated."""
    if _entry(call)[_ASSOCIATED].pop(call["policyArn"], None) is None:
        raise Refused("ResourceNotFoundException", f"The policy {call['policyArn']} is not associated with the access entry.")
    return {}


@answers("ListAssociatedAccessPolicies")
def list_associated_access_policies(call: Call) -> Document:
    """The policies of one entry."""
    entry = _entry(call)
    page = listed(call, "associatedAccessPolicies", list(entry[_ASSOCIATED].values()))
    return {"clusterName": entry["clusterName"], "principalArn": entry["principalArn"], **page}


@answers("ListAccessPolicies")
def list_access_policies(call: Call) -> Document:
    """The policies EKS has."""
    policies = [{"name": name, "arn": f"arn:{call.partition}:eks::aws:cluster-access-policy/{name}"} for name in _POLICIES]
    return listed(call, "accessPolicies", policies)


def _cluster(call: Call) -> Cluster:
    cluster = cluster_of(call)
    if cluster.document["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        wanted = "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
        raise Refused("InvalidRequestException", wanted)
    return cluster


def _entry(call: Call) -> Document:
    try:
        return _cluster(call).access_entries[call["principalArn"]]
    except KeyError:
        raise Refused("ResourceNotFoundException", f"The specified principalArn could not be found: {call['principalArn']}") from None


def _user_name(principal: str) -> str:
    if ":role/" not in principal:
        return principal
    return principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/{{SessionName}}"
