"""What the bindings do not tell of a provider: defaults, what forces a replacement, secrets, what is never stored.

Read in the providers' own source, hashicorp/kubernetes 2.38.0 (kubernetes/resource_kubernetes_*_v1.go, schema_*.go) and
hashicorp/helm 3.1.1 (helm/resource_helm_release.go). Defaults inside pod templates are left out: nothing of ours reads them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from modules.rehearsal.standin.schema import Block

#: The resource types a stand-in serves; to Terraform every other one does not exist.
SERVED = {
    "helm": ("helm_release",),
    "kubernetes": tuple(
        f"kubernetes_{name}"
        for name in (
            "annotations",
            "cluster_role_binding_v1",
            "cluster_role_v1",
            "config_map_v1",
            "daemon_set_v1",
            "deployment_v1",
            "labels",
            "limit_range_v1",
            "namespace_v1",
            "network_policy_v1",
            "persistent_volume_claim_v1",
            "persistent_volume_v1",
            "resource_quota_v1",
            "role_binding_v1",
            "role_v1",
            "secret_v1",
            "service_account_v1",
            "service_v1",
            "storage_class_v1",
        )
    ),
}
#: Made with the older SDK, which may plan and store what was not configured.
LEGACY = {"kubernetes"}

_CLUSTER_WIDE = {
    *(f"kubernetes_{kind}_v1" for kind in ("cluster_role", "cluster_role_binding", "namespace", "persistent_volume", "storage_class"))
}
_PATCHES = {"kubernetes_annotations", "kubernetes_labels"}

#: A change of it makes a new object: an attribute, or a block with all that is in it.
_REPLACES = {
    "kubernetes_annotations": ("api_version", "kind"),
    "kubernetes_cluster_role_binding_v1": ("role_ref",),
    "kubernetes_daemon_set_v1": ("spec.selector",),
    "kubernetes_deployment_v1": ("spec.selector",),
    "kubernetes_labels": ("api_version", "kind"),
    "kubernetes_persistent_volume_claim_v1": (
        "spec.access_modes",
        "spec.resources.limits",
        "spec.selector",
        "spec.storage_class_name",
        "spec.volume_mode",
        "spec.volume_name",
    ),
    "kubernetes_persistent_volume_v1": ("spec.persistent_volume_source", "spec.volume_mode"),
    "kubernetes_resource_quota_v1": ("spec.scopes",),
    "kubernetes_role_binding_v1": ("role_ref",),
    "kubernetes_secret_v1": ("type",),
    "kubernetes_service_v1": ("spec.cluster_ip", "spec.cluster_ips", "spec.load_balancer_class"),
    "kubernetes_storage_class_v1": ("allowed_topologies", "mount_options", "parameters", "storage_provisioner", "volume_binding_mode"),
    "helm_release": ("name", "namespace"),
}
#: May change in place as long as the object was not immutable.
_REPLACES_IMMUTABLE = dict.fromkeys(("kubernetes_config_map_v1", "kubernetes_secret_v1"), ("binary_data", "data", "immutable"))
_DEFAULTS: dict[str, dict[str, Any]] = {
    "kubernetes_annotations": {"field_manager": "Terraform"},
    "kubernetes_daemon_set_v1": {"spec.min_ready_seconds": 0, "spec.revision_history_limit": 10, "wait_for_rollout": True},
    "kubernetes_deployment_v1": {
        "spec.min_ready_seconds": 0,
        "spec.paused": False,
        "spec.progress_deadline_seconds": 600,
        "spec.revision_history_limit": 10,
        "wait_for_rollout": True,
    },
    "kubernetes_labels": {"field_manager": "Terraform"},
    "kubernetes_namespace_v1": {"wait_for_default_service_account": False},
    "kubernetes_persistent_volume_claim_v1": {"wait_until_bound": True},
    "kubernetes_persistent_volume_v1": {
        "spec.claim_ref.namespace": "default",
        "spec.persistent_volume_reclaim_policy": "Retain",
        "spec.volume_mode": "Filesystem",
    },
    "kubernetes_cluster_role_binding_v1": {"subject.namespace": "default"},
    "kubernetes_role_binding_v1": {"subject.namespace": "default"},
    "kubernetes_secret_v1": {"type": "Opaque", "wait_for_service_account_token": True},
    "kubernetes_service_account_v1": {"automount_service_account_token": True},
    "kubernetes_service_v1": {
        "spec.allocate_load_balancer_node_ports": True,
        "spec.port.protocol": "TCP",
        "spec.publish_not_ready_addresses": False,
        "spec.session_affinity": "None",
        "spec.type": "ClusterIP",
        "wait_for_load_balancer": True,
    },
    "kubernetes_storage_class_v1": {"allow_volume_expansion": True, "reclaim_policy": "Delete", "volume_binding_mode": "Immediate"},
    "helm_release": {
        **dict.fromkeys(
            (
                "atomic",
                "cleanup_on_fail",
                "create_namespace",
                "dependency_update",
                "disable_crd_hooks",
                "disable_openapi_validation",
                "disable_webhooks",
                "force_update",
                "lint",
                "pass_credentials",
                "recreate_pods",
                "replace",
                "reset_values",
                "reuse_values",
                "skip_crds",
                "take_ownership",
                "upgrade_install",
                "verify",
                "wait_for_jobs",
            ),
            False,
        ),
        "max_history": 0,
        "namespace": "default",
        "render_subchart_notes": True,
        "timeout": 300,
        "wait": True,
    },
}
_SENSITIVE = {
    "kubernetes_secret_v1": ("binary_data", "data"),
    "helm_release": ("repository_password", "set_sensitive"),
}
#: Unknown again in every change: the newer framework forgets what is computed unless told to keep it.
_VOLATILE = {"helm_release": ("id", "manifest", "metadata", "resources", "status", "version")}


def overlaid(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a derived schema with the marks "force_new", "force_new_if", "default", "sensitive", "write_only" and "volatile".

    Raises KeyError for a mark on something the schema does not have.
    """
    marked = copy.deepcopy(dict(schema))
    for kind, block in marked["resources"].items():
        for path, marks in _marks(kind):
            _find(block, path).update(marks)
        for name, attribute in block["attributes"].items():
            if name.endswith("_wo"):
                attribute["write_only"] = True
    return marked


def _marks(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((path, {"force_new": True}) for path in (*_REPLACES.get(kind, ()), *_names(kind)))
    yield from ((path, {"force_new_if": "immutable"}) for path in _REPLACES_IMMUTABLE.get(kind, ()))
    yield from ((path, {"default": value}) for path, value in _DEFAULTS.get(kind, {}).items())
    yield from ((path, {"sensitive": True}) for path in _SENSITIVE.get(kind, ()))
    yield from ((path, {"volatile": True}) for path in _VOLATILE.get(kind, ()))
    if kind.startswith("kubernetes_") and kind not in _CLUSTER_WIDE | _PATCHES:
        yield "metadata.namespace", {"default": "default"}


def _names(kind: str) -> Iterator[str]:
    """What names a Kubernetes object; a new name is a new object."""
    if kind.startswith("kubernetes_"):
        yield "metadata.name"
        if kind not in _CLUSTER_WIDE:
            yield "metadata.namespace"
        if kind not in _PATCHES | {"kubernetes_persistent_volume_v1"}:
            yield "metadata.generate_name"


def _find(block: Block, path: str) -> Block:
    """The attribute or block at a dotted path."""
    head, _, rest = path.partition(".")
    if not rest:
        found: Block = block["attributes"][head] if head in block["attributes"] else block["block_types"][head]
        return found
    return _find(block["block_types"][head]["block"], rest)
