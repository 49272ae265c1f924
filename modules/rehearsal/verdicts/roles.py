"""Rules of a Role that give nothing, or everything: the API server takes both without a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modules.rehearsal.verdicts.fields import Manifest, Path

Found = Iterator[tuple[Path, str]]

#: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_SPECIAL_VERBS = {"roles": ("bind", "escalate"), "serviceaccounts": ("impersonate",)}
#: A request that makes something, or removes many, names nothing yet, so that a rule for names never fits it.
#: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
_NAMELESS_VERBS = ("create", "deletecollection")
_SCALED = ("", "/status", "/scale")
_WITH_STATUS = ("", "/status")
_OF_PODS = ("/attach", "/binding", "/ephemeralcontainers", "/eviction", "/exec", "/log", "/portforward", "/proxy", "/resize")
#: API group to what stands in a namespace there, with its subresources. https://kubernetes.io/docs/reference/kubernetes-api/
_RESOURCES: dict[str, dict[str, tuple[str, ...]]] = {
    "": {
        **dict.fromkeys(("bindings", "configmaps", "endpoints", "events", "limitranges", "podtemplates", "secrets"), ("",)),
        **dict.fromkeys(("persistentvolumeclaims", "resourcequotas"), _WITH_STATUS),
        "pods": (*_WITH_STATUS, *_OF_PODS),
        "replicationcontrollers": _SCALED,
        "serviceaccounts": ("", "/token"),
        "services": (*_WITH_STATUS, "/proxy"),
    },
    "apps": {
        "controllerrevisions": ("",),
        "daemonsets": _WITH_STATUS,
        **dict.fromkeys(("deployments", "replicasets", "statefulsets"), _SCALED),
    },
    "autoscaling": {"horizontalpodautoscalers": _WITH_STATUS},
    "batch": dict.fromkeys(("cronjobs", "jobs"), _WITH_STATUS),
    "coordination.k8s.io": {"leases": ("",)},
    "discovery.k8s.io": {"endpointslices": ("",)},
    "events.k8s.io": {"events": ("",)},
    "networking.k8s.io": {"ingresses": _WITH_STATUS, "networkpolicies": ("",)},
    "policy": {"poddisruptionbudgets": _WITH_STATUS},
    "rbac.authorization.k8s.io": dict.fromkeys(("rolebindings", "roles"), ("",)),
    "storage.k8s.io": {"csistoragecapacities": ("",)},
}


def check_role(manifest: Manifest) -> Found:
    """(path, sentence) for each rule of a Role that names no verb or resource there is, or a wildcard; nothing for another kind.

    Groups of custom resources (with a dot, and not Kubernetes' own) are not in the table: of these only wildcards are told.
    """
    if manifest["kind"] != "Role":
        return
    for index, rule in enumerate(manifest.get("rules") or ()):
        path: Path = ("rules", index)
        groups, resources, verbs = (rule.get(field) or [] for field in ("apiGroups", "resources", "verbs"))
        yield from _wildcards(path, rule)
        for number, resource in enumerate(resources):
            if "*" not in (resource, *groups) and not any(_is_there(group, resource) for group in groups):
                where = ", ".join(group or "core" for group in groups)
                yield (*path, "resources", number), f"there is no {resource} in a namespace in the group {where or 'of nothing'}"
        yield from _verbs(path, verbs, resources, named=bool(rule.get("resourceNames")))


def _wildcards(path: Path, rule: dict[str, Any]) -> Found:
    for field in ("apiGroups", "resources", "verbs"):
        for number, value in enumerate(rule.get(field) or ()):
            if "*" in value:
                yield (*path, field, number), f"{value} gives more than anybody can name; list what is needed"


def _is_there(group: str, resource: str) -> bool:
    known = _RESOURCES.get(group)
    if known is None:
        return "." in group and not group.endswith(".k8s.io")
    name, slash, sub = resource.partition("/")
    return slash + sub in known.get(name, ())


def _verbs(path: Path, verbs: list[str], resources: list[str], *, named: bool) -> Found:
    special = {verb for resource in resources for verb in _SPECIAL_VERBS.get(resource, ())}
    for number, verb in enumerate(verbs):
        where = (*path, "verbs", number)
        if verb != "*" and verb not in _VERBS and verb not in special:
            yield where, f"{verb} is none of {', '.join(_VERBS)}"
        if named and verb in _NAMELESS_VERBS:
            yield where, f"{verb} never fits a rule with resourceNames: such a request has no name"
