"""Clusters: created with their security group, refused deletion while node groups are there."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from modules.rehearsal.emulator.answers import Call, Document, Refused, now
from modules.rehearsal.emulator.eks import network
from modules.rehearsal.emulator.eks.access_entries import add_entry
from modules.rehearsal.emulator.eks.state import Cluster, answers, arn, cluster_of, clusters, listed, record_update
from modules.rehearsal.emulator.eks.versions import DEFAULT, VERSIONS

_LOG_TYPES = {"api", "audit", "authenticator", "controllerManager", "scheduler"}
#: Never a certificate: nothing answers at the endpoint either.
_NO_AUTHORITY = base64.b64encode(b"emulated, not a certificate").decode()


@answers("CreateCluster")
def create_cluster(call: Call) -> Document:
    """A cluster that is active at once."""
    held, name = clusters.of(call.account, call.region), call["name"]
    if name in held:
        raise Refused("ResourceInUseException", f"Cluster already exists with name: {name}")
    version = call.get("version", DEFAULT)
    if version not in VERSIONS:
        raise Refused("InvalidParameterException", f"unsupported Kubernetes version {version}")
    access = {"authenticationMode": "CONFIG_MAP", **call.get("accessConfig", {})}
    bootstrap_admin = access.pop("bootstrapClusterCreatorAdminPermissions", True)
    issuer = uuid.uuid4().hex.upper()
    cluster = Cluster(
        {
            "name": name,
            "arn": arn(call, "cluster", name),
            "id": str(uuid.uuid4()),
            "createdAt": now(),
            "status": "ACTIVE",
            "version": version,
            "platformVersion": "eks.1",
            "endpoint": f"https://{issuer}.gr7.{call.region}.eks.amazonaws.com",
            "identity": {"oidc": {"issuer": f"https://oidc.eks.{call.region}.amazonaws.com/id/{issuer}"}},
            "certificateAuthority": {"data": _NO_AUTHORITY},
            "roleArn": call["roleArn"],
            "logging": _logging({}, call.get("logging", {})),
            "resourcesVpcConfig": _vpc_config(call, name, call["resourcesVpcConfig"]),
            "kubernetesNetworkConfig": _kubernetes_network(call.get("kubernetesNetworkConfig", {})),
            "accessConfig": access,
            "upgradePolicy": call.get("upgradePolicy", {"supportType": "EXTENDED"}),
            "zonalShiftConfig": call.get("zonalShiftConfig"),
            "encryptionConfig": call.get("encryptionConfig", []),
            "computeConfig": call.get("computeConfig"),
            "storageConfig": call.get("storageConfig"),
            "remoteNetworkConfig": call.get("remoteNetworkConfig"),
            "deletionProtection": call.get("deletionProtection", False),
            "health": {"issues": []},
            "tags": call.get("tags", {}),
        }
    )
    held[name] = cluster
    if bootstrap_admin and access["authenticationMode"] != "CONFIG_MAP":
        add_entry(call, cluster, f"arn:{call.partition}:iam::{call.account}:user/moto", "STANDARD")
    return {"cluster": cluster.document}


@answers("DescribeCluster")
def describe_cluster(call: Call) -> Document:
    """One cluster."""
    return {"cluster": cluster_of(call, "name").document}


@answers("ListClusters")
def list_clusters(call: Call) -> Document:
    """Names of all clusters."""
    return listed(call, "clusters", clusters.of(call.account, call.region))


@answers("DeleteCluster")
def delete_cluster(call: Call) -> Document:
    """The cluster, its add-ons, access entries, associations and security group are gone at once."""
    cluster = cluster_of(call, "name")
    if cluster.document["deletionProtection"]:
        raise Refused("InvalidRequestException", "Cannot delete cluster because deletion protection is enabled")
    if cluster.node_groups:
        raise Refused("ResourceInUseException", "Cluster has nodegroups attached")
    del clusters.of(call.account, call.region)[cluster.document["name"]]
    network.delete_cluster_group(call, cluster.document["resourcesVpcConfig"]["clusterSecurityGroupId"])
    return {"cluster": {**cluster.document, "status": "DELETING"}}


@answers("UpdateClusterConfig")
def update_cluster_config(call: Call) -> Document:
    """Logging, access, endpoints, protection, support."""
    cluster = cluster_of(call, "name")
    document = cluster.document
    if "logging" in call.params:
        document["logging"] = _logging(document["logging"], call["logging"])
        return record_update(cluster, "LoggingUpdate")
    if mode := call.get("accessConfig", {}).get("authenticationMode"):
        order = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
        if order.index(mode) < order.index(document["accessConfig"]["authenticationMode"]):
            raise Refused("InvalidRequestException", f"Unsupported authentication mode update to {mode}")
    for name in ("accessConfig", "upgradePolicy", "zonalShiftConfig", "computeConfig", "storageConfig"):
        if name in call.params:
            document[name] = {**(document[name] or {}), **call[name]}
    if "deletionProtection" in call.params:
        document["deletionProtection"] = call["deletionProtection"]
    if "resourcesVpcConfig" in call.params:
        document["resourcesVpcConfig"] = _endpoints({**document["resourcesVpcConfig"], **call["resourcesVpcConfig"]})
        return record_update(cluster, "EndpointAccessUpdate")
    return record_update(cluster, "ConfigUpdate")


@answers("UpdateClusterVersion")
def update_cluster_version(call: Call) -> Document:
    """One minor version up, as AWS insists."""
    cluster = cluster_of(call, "name")
    old, new = cluster.document["version"], call["version"]
    if new not in VERSIONS or VERSIONS.index(new) - VERSIONS.index(old) != 1:
        raise Refused("InvalidParameterException", f"Unsupported Kubernetes minor version update from {old} to {new}")
    cluster.document["version"] = new
    return record_update(cluster, "VersionUpdate", Version=new)


@answers("AssociateEncryptionConfig")
def associate_encryption_config(call: Call) -> Document:
    """A key for secrets, once and for ever."""
    cluster = cluster_of(call)
    if cluster.document["encryptionConfig"]:
        raise Refused("InvalidRequestException", "Cluster already has an encryption configuration")
    cluster.document["encryptionConfig"] = call["encryptionConfig"]
    return record_update(cluster, "AssociateEncryptionConfig")


def _vpc_config(call: Call, cluster: str, given: Document) -> Document:
    found = network.subnets(call, given["subnetIds"])
    if len({subnet.availability_zone for subnet in found}) < 2:
        raise Refused("InvalidParameterException", "Subnets specified must be in at least two different AZs")
    config = _endpoints({"endpointPublicAccess": True, "endpointPrivateAccess": False, "securityGroupIds": [], **given})
    vpc_id = found[0].vpc_id
    return {**config, "vpcId": vpc_id, "clusterSecurityGroupId": network.create_cluster_group(call, cluster, vpc_id)}


def _endpoints(config: Document) -> Document:
    if not config["endpointPublicAccess"] and not config["endpointPrivateAccess"]:
        raise Refused("InvalidParameterException", "Private and public endpoint access cannot both be false.")
    public_cidrs = (config.get("publicAccessCidrs") or ["0.0.0.0/0"]) if config["endpointPublicAccess"] else []
    return {**config, "publicAccessCidrs": public_cidrs}


def _kubernetes_network(given: Document) -> Document:
    return {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16", "elasticLoadBalancing": {"enabled": False}, **given}


def _logging(present: Document, given: Document) -> Document:
    """The whole picture, one entry for what is on and one for what is off, as AWS answers."""
    on: set[Any] = {kind for setup in present.get("clusterLogging", []) if setup["enabled"] for kind in setup["types"]}
    for setup in given.get("clusterLogging", []):
        types = set(setup.get("types", []))
        if not types <= _LOG_TYPES:
            raise Refused("InvalidParameterException", f"Unsupported log types: {sorted(types - _LOG_TYPES)}")
        on = on | types if setup.get("enabled") else on - types
    parts = ((True, on), (False, _LOG_TYPES - on))
    return {"clusterLogging": [{"types": sorted(types), "enabled": enabled} for enabled, types in parts if types]}
