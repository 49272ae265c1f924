"""A resource of the kubernetes provider as the manifest it would send, by tables where the two spell differently."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from modules.rehearsal.standin.wire import without_unknown

Values = dict[str, Any]
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """api_version, kind: of the manifest. spec: whether the body is the block `spec`; otherwise it stands at the top."""

    api_version: str
    kind: str
    spec: bool = True
    namespaced: bool = True


KINDS = {
    "kubernetes_namespace_v1": Kind("v1", "Namespace", spec=False, namespaced=False),
    "kubernetes_service_account_v1": Kind("v1", "ServiceAccount", spec=False),
    "kubernetes_secret_v1": Kind("v1", "Secret", spec=False),
    "kubernetes_config_map_v1": Kind("v1", "ConfigMap", spec=False),
    "kubernetes_storage_class_v1": Kind("storage.k8s.io/v1", "StorageClass", spec=False, namespaced=False),
    "kubernetes_network_policy_v1": Kind("networking.k8s.io/v1", "NetworkPolicy"),
    "kubernetes_persistent_volume_v1": Kind("v1", "PersistentVolume", namespaced=False),
    "kubernetes_persistent_volume_claim_v1": Kind("v1", "PersistentVolumeClaim"),
    "kubernetes_service_v1": Kind("v1", "Service"),
    "kubernetes_role_v1": Kind("rbac.authorization.k8s.io/v1", "Role", spec=False),
    "kubernetes_role_binding_v1": Kind("rbac.authorization.k8s.io/v1", "RoleBinding", spec=False),
    "kubernetes_cluster_role_v1": Kind("rbac.authorization.k8s.io/v1", "ClusterRole", spec=False, namespaced=False),
    "kubernetes_cluster_role_binding_v1": Kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", spec=False, namespaced=False),
    "kubernetes_daemon_set_v1": Kind("apps/v1", "DaemonSet"),
    "kubernetes_deployment_v1": Kind("apps/v1", "Deployment"),
    "kubernetes_limit_range_v1": Kind("v1", "LimitRange"),
    "kubernetes_resource_quota_v1": Kind("v1", "ResourceQuota"),
}

#: Terraform's own business at the top of a resource.
_NOT_SENT = {"id", "timeouts", "status", "metadata", "default_secret_name", "data_wo", "binary_data_wo"}
_OF_THE_SERVER = {"generation", "resource_version", "uid", "generate_name"}
#: Blocks that the API has as a list; all other blocks are one object. By name, or by "<parent>.<name>" where parents differ.
_LISTS = {
    **{name: f"{name}s" for name in ("container", "init_container", "volume", "volume_mount", "volume_device", "toleration", "subject")},
    **{name: f"{name}s" for name in ("rule", "readiness_gate", "topology_spread_constraint", "node_selector_term", "option", "sysctl")},
    **{name: f"{name}s" for name in ("image_pull_secret", "http_header", "limit", "match_expression", "port")},
    **{name: name for name in ("env", "env_from", "ports", "egress", "ingress", "to", "from", "match_expressions", "match_fields")},
    **{name: name for name in ("match_label_expressions", "items", "sources", "host_aliases", "image_pull_secrets", "allowed_topologies")},
    "preferred_during_scheduling_ignored_during_execution": "preferred_during_scheduling_ignored_during_execution",
    "pod_affinity.required_during_scheduling_ignored_during_execution": "required_during_scheduling_ignored_during_execution",
    "pod_anti_affinity.required_during_scheduling_ignored_during_execution": "required_during_scheduling_ignored_during_execution",
    "ServiceAccount.secret": "secrets",
}
#: Names that plain camel case would get wrong; "<parent>.<name>" where parents differ.
_NAMES = {
    "DaemonSet.strategy": "updateStrategy",
    "storage_provisioner": "provisioner",
    "cluster_ip": "clusterIP",
    "cluster_ips": "clusterIPs",
    "external_ips": "externalIPs",
    "load_balancer_ip": "loadBalancerIP",
    "client_ip": "clientIP",
    "host_ip": "hostIP",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "volume_id": "volumeID",
    "target_ww_ns": "targetWWNs",
    "non_resource_urls": "nonResourceURLs",
}
#: Texts in Terraform, numbers in the API.
_NUMBERS = {"replicas", "run_as_user", "run_as_group", "fs_group", "toleration_seconds"}
_NUMBER_OR_NAME = {"port", "target_port", "max_surge", "max_unavailable"}
_OCTAL = {"default_mode", "mode"}


def manifest_of(kind: str, values: Values) -> Manifest:
    """The manifest of a resource; what is UNKNOWN in it is left out. A Secret's data includes what is write-only in `values`."""
    rule, values = KINDS[kind], without_unknown(values)
    made: Manifest = {"apiVersion": rule.api_version, "kind": rule.kind, "metadata": metadata_of(values, rule)}
    top = {name: value for name, value in values.items() if name not in _NOT_SENT and not name.endswith("_revision")}
    if rule.spec:
        body = (top.get("spec") or [{}])[0] or {}
        spec = _object(body, rule.kind)
        # A volume's source is a block of its own in Terraform, and part of the spec in the API.
        spec.update(spec.pop("persistentVolumeSource", {}))
        made["spec"] = spec
    else:
        made.update(_object({name: value for name, value in top.items() if not name.startswith("wait_")}, rule.kind))
    if rule.kind in ("Secret", "ConfigMap"):
        _set_data(made, values, secret=rule.kind == "Secret")
    return made


def metadata_of(values: Values, rule: Kind) -> dict[str, Any]:
    """name, namespace, labels and annotations, without what is empty."""
    given = (values.get("metadata") or [{}])[0]
    metadata = {"name": given.get("name")}
    if rule.namespaced:
        metadata["namespace"] = given.get("namespace") or "default"
    return {**metadata, **{part: dict(given[part]) for part in ("labels", "annotations") if given.get(part)}}


def camel(name: str, parent: str = "") -> str:
    """The API's spelling of an attribute or block."""
    known = _NAMES.get(f"{parent}.{name}") or _NAMES.get(name)
    return known or re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def field_of(name: str, parent: str) -> tuple[str, bool]:
    """(the API's name of a block, whether it is a list there)."""
    plural = _LISTS.get(f"{parent}.{name}") or _LISTS.get(name)
    return camel(plural or name, parent), plural is not None


def value_of(name: str, value: Any) -> Any:
    """An attribute's value as the API types it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        if name in _OCTAL and re.fullmatch("[0-7]+", value):
            return int(value, 8)
        if name in _NUMBERS | _NUMBER_OR_NAME and re.fullmatch(r"-?\d+", value):
            return int(value)
    return value


def is_block(value: Any) -> bool:
    """Whether a value is blocks rather than an attribute. An empty block may come as null inside its list."""
    return isinstance(value, list) and bool(value) and all(each is None or isinstance(each, dict) for each in value)


def _object(block: Values, parent: str) -> Manifest:
    made: Manifest = {}
    for name, value in block.items():
        if is_block(value):
            field, many = field_of(name, parent)
            blocks = [_object(each or {}, name) for each in value]
            made[field] = blocks if many else blocks[0]
        elif _is_sent(name, value, parent):
            plain = [value_of(name, each) for each in value] if isinstance(value, (list, tuple)) else value_of(name, value)
            made[camel(name, parent)] = plain
    return made


def _is_sent(name: str, value: Any, parent: str) -> bool:
    if (parent == "metadata" and name in _OF_THE_SERVER) or (name == "node_port" and value == 0):
        return False
    # An empty storage class means "no class", not "the default one".
    return value not in (None, "", [], {}) or (value == "" and name == "storage_class_name")


def _set_data(made: Manifest, values: Values, *, secret: bool) -> None:
    texts = {**(values.get("data") or {}), **(values.get("data_wo") or {})}
    binary = {**(values.get("binary_data") or {}), **(values.get("binary_data_wo") or {})}
    for part in ("data", "binaryData"):
        made.pop(part, None)
    if secret:
        encoded = {name: base64.b64encode((text or "").encode()).decode() for name, text in texts.items()}
        made["data"] = {**encoded, **binary}
        return
    made.update({part: data for part, data in (("data", texts), ("binaryData", binary)) if data})
