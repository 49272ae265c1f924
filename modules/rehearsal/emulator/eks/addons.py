"""Managed add-ons: their versions, configuration values and roles are kept; nothing runs."""

from __future__ import annotations

import json
import re
import uuid

from modules.rehearsal.emulator.answers import Call, Document, Refused, now
from modules.rehearsal.emulator.eks.pod_identity import associate
from modules.rehearsal.emulator.eks.state import Cluster, answers, arn, cluster_of, listed, record_update
from modules.rehearsal.emulator.eks.versions import ADDONS, addon_version

_VERSION = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+$")


@answers("CreateAddon")
def create_addon(call: Call) -> Document:
    """Refused when present, unknown, of a malformed version, or configured with something that is no JSON object."""
    cluster, name = cluster_of(call), call["addonName"]
    if name in cluster.addons:
        raise Refused("ResourceInUseException", "Addon already exists.")
    if name not in ADDONS:
        raise Refused("InvalidParameterException", f"Addon {name} specified is not supported")
    _check(call)
    addon: Document = {
        "addonName": name,
        "clusterName": cluster.document["name"],
        "addonArn": arn(call, "addon", cluster.document["name"], name, str(uuid.uuid4())),
        "addonVersion": call.get("addonVersion") or addon_version(name, cluster.document["version"]),
        "status": "ACTIVE",
        "health": {"issues": []},
        "serviceAccountRoleArn": call.get("serviceAccountRoleArn"),
        "configurationValues": call.get("configurationValues"),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": call.get("tags", {}),
    }
    cluster.addons[name] = addon
    _set_associations(call, cluster, addon)
    return {"addon": addon}


@answers("DescribeAddon")
def describe_addon(call: Call) -> Document:
    """One add-on."""
    return {"addon": _addon(call)}


@answers("ListAddons")
def list_addons(call: Call) -> Document:
    """Names of a cluster's add-ons."""
    return listed(call, "addons", cluster_of(call).addons)


@answers("UpdateAddon")
def update_addon(call: Call) -> Document:
    """Version, role, configuration; what is not named stays."""
    cluster, addon = cluster_of(call), _addon(call)
    _check(call)
    for name in ("addonVersion", "serviceAccountRoleArn", "configurationValues"):
        if name in call.params:
            addon[name] = call[name]
    addon["modifiedAt"] = now()
    if "podIdentityAssociations" in call.params:
        _set_associations(call, cluster, addon)
    return record_update(cluster, "AddonUpdate")


@answers("DeleteAddon")
def delete_addon(call: Call) -> Document:
    """Gone at once, with the pod identity associations it made."""
    cluster, addon = cluster_of(call), _addon(call)
    _drop_associations(cluster, addon)
    del cluster.addons[addon["addonName"]]
    return {"addon": {**addon, "status": "DELETING"}}


@answers("DescribeAddonConfiguration")
def describe_addon_configuration(call: Call) -> Document:
    """A schema that accepts any object: what each add-on accepts is AWS's to say."""
    schema = json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"})
    return {"addonName": call["addonName"], "addonVersion": call["addonVersion"], "configurationSchema": schema}


def _addon(call: Call) -> Document:
    cluster, name = cluster_of(call), call["addonName"]
    if name not in cluster.addons:
        raise Refused("ResourceNotFoundException", f"No addon: {name} found in cluster: {cluster.document['name']}")
    return cluster.addons[name]


def _check(call: Call) -> None:
    if (version := call.get("addonVersion")) and not _VERSION.match(version):
        raise Refused("InvalidParameterException", f"Addon version specified is not supported: {version}")
    if not (text := call.get("configurationValues")):
        return
    try:
        is_object = isinstance(json.loads(text), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise Refused("InvalidParameterException", "ConfigurationValue is not in valid JSON or YAML format.")


def _set_associations(call: Call, cluster: Cluster, addon: Document) -> None:
    _drop_associations(cluster, addon)
    made = [
        associate(call, cluster, {**given, "namespace": "kube-system"}, owner=addon["addonArn"])
        for given in call.get("podIdentityAssociations", [])
    ]
    addon["podIdentityAssociations"] = [association["associationArn"] for association in made]


def _drop_associations(cluster: Cluster, addon: Document) -> None:
    for id in [id for id, held in cluster.associations.items() if held.get("ownerArn") == addon["addonArn"]]:
        del cluster.associations[id]
