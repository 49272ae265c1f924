"""Mistakes in plain manifests that Kubernetes' published schemas let pass: choices, ranges, names, and what must agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

from modules.config.problems import path_text
from modules.rehearsal.verdicts.fields import Manifest, Path, containers, fits, pods, walk
from modules.rehearsal.verdicts.quantities import quantity
from modules.rehearsal.verdicts.roles import check_role
from modules.rehearsal.verdicts.services import check_service
from modules.rehearsal.verdicts.volumes import check_persistent_volume

Found = Iterator[tuple[Path, str]]
Check = Callable[[Manifest], Found]

#: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_RBAC_NAME = re.compile(r"[^/%]+")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
#: https://kubernetes.io/docs/concepts/configuration/configmap/
_DATA_MAX = 1024 * 1024
_CHOICES: dict[str, tuple[str, ...]] = {
    "protocol": ("TCP", "UDP", "SCTP"),
    "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute"),
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "reclaimPolicy": ("Delete", "Retain"),
    "persistentVolumeReclaimPolicy": ("Delete", "Retain", "Recycle"),
    "volumeBindingMode": ("Immediate", "WaitForFirstConsumer"),
    "volumeMode": ("Filesystem", "Block"),
    "externalTrafficPolicy": ("Cluster", "Local"),
    "sessionAffinity": ("None", "ClientIP"),
    "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    "mountPropagation": ("None", "HostToContainer", "Bidirectional"),
    "fsGroupChangePolicy": ("OnRootMismatch", "Always"),
    "scheme": ("HTTP", "HTTPS"),
}
_LISTED_CHOICES: dict[str, tuple[str, ...]] = {
    "accessModes": ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
    "policyTypes": ("Ingress", "Egress"),
}
_PORTS = ("containerPort", "hostPort", "endPort")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
#: Free-form: nothing in these is a field of Kubernetes.
_FREE = {"data", "stringData", "binaryData", "labels", "annotations", "matchLabels", "nodeSelector", "selector", "parameters"}
_FREE |= {"volumeAttributes", "limits", "requests", "hard", "capacity"}


def check_semantics(manifest: Manifest) -> list[str]:
    """One sentence for each mistake."""
    return [f"{path_text(path)}: {text}" for check in _CHECKS for path, text in check(manifest)]


def _fields(manifest: Manifest) -> Iterator[tuple[Path, Any]]:
    return ((path, value) for path, value in walk(manifest) if path and not _FREE & set(path[:-1]))


def _choices(manifest: Manifest) -> Found:
    for path, value in _fields(manifest):
        name = str(path[-1])
        if name in _CHOICES and isinstance(value, str) and value not in _CHOICES[name]:
            yield path, f"{value} is none of {', '.join(_CHOICES[name])}"
        for index, each in enumerate(value if name in _LISTED_CHOICES and isinstance(value, list) else ()):
            if each not in _LISTED_CHOICES[name]:
                yield (*path, index), f"{each} is none of {', '.join(_LISTED_CHOICES[name])}"


def _ports(manifest: Manifest) -> Found:
    for path, value in _fields(manifest):
        numbered = path[-1] in _PORTS or path[-1] in ("port", "targetPort")
        if numbered and isinstance(value, int) and not 1 <= value <= 65535:
            yield path, f"{value} is not in 1-65535"


def _quantities(manifest: Manifest) -> Found:
    for path, value in walk(manifest):
        if not path or path[-1] not in ("limits", "requests", "hard", "capacity") or not isinstance(value, dict) or "data" in path:
            continue
        for name, amount in value.items():
            if quantity(amount) is None:
                yield (*path, name), f"{amount} is no quantity (write 500m, 2, 4Gi)"
    for path, container in containers(manifest):
        yield from _over_limit((*path, "resources"), container.get("resources") or {})


def _over_limit(path: Path, resources: dict[str, Any]) -> Found:
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items():
        wanted, limit = quantity(amount), quantity(limits.get(name, ""))
        if wanted is not None and limit is not None and wanted > limit:
            yield (*path, "requests", name), f"{amount} is more than the limit {limits[name]}"


def _names(manifest: Manifest) -> Found:
    kind, metadata = manifest["kind"], manifest["metadata"]
    name = metadata.get("name") or ""
    rule = _RBAC_NAME if manifest["apiVersion"].startswith("rbac.") else _LABEL if kind in ("Namespace", "Service") else _SUBDOMAIN
    if not rule.fullmatch(name):
        yield ("metadata", "name"), f"{name!r} is no name for a {kind}: lower-case letters, digits and hyphens"
    for label, value in (metadata.get("labels") or {}).items():
        if not _LABEL_VALUE.fullmatch(str(value)):
            yield ("metadata", "labels", label), f"{value!r} is no label value: at most 63 letters, digits, hyphens, dots, underscores"
    for path, container in containers(manifest):
        if not _LABEL.fullmatch(container.get("name", "")):
            yield (*path, "name"), f"{container.get('name')!r} is no name for a container: lower-case letters, digits and hyphens"
        for index, variable in enumerate(container.get("env") or ()):
            if not _ENV_NAME.fullmatch(variable.get("name", "")):
                yield (*path, "env", index, "name"), f"{variable.get('name')!r} is no name for a variable"


def _probes(manifest: Manifest) -> Found:
    for path, container in containers(manifest):
        for name in _PROBES:
            probe = container.get(name)
            if probe is None:
                continue
            handlers = [each for each in _HANDLERS if each in probe]
            if len(handlers) != 1:
                yield (*path, name), f"has {len(handlers)} handlers ({', '.join(handlers) or 'none'}); one of {', '.join(_HANDLERS)}"
            for field in ("periodSeconds", "timeoutSeconds", "failureThreshold"):
                if probe.get(field, 1) < 1:
                    yield (*path, name, field), "must be at least 1"


def _selector(manifest: Manifest) -> Found:
    spec = manifest.get("spec") or {}
    if manifest["kind"] not in ("DaemonSet", "Deployment", "StatefulSet", "ReplicaSet"):
        return
    selector = spec.get("selector") or {}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield ("spec", "selector"), "an empty selector takes every pod of the namespace for its own"
    for name, value in (selector.get("matchLabels") or {}).items():
        if labels.get(name) != value:
            yield ("spec", "selector", "matchLabels", name), f"the pods' label is {labels.get(name)!r}, not {value!r}"
    for index, each in enumerate(selector.get("matchExpressions") or ()):
        if not fits(each, labels):
            yield ("spec", "selector", "matchExpressions", index), f"the pods' label {each.get('key')} is {labels.get(each.get('key'))!r}"


def _volumes(manifest: Manifest) -> Found:
    for path, pod in pods(manifest):
        declared = [volume.get("name") for volume in pod.get("volumes") or ()]
        templates = [each["metadata"]["name"] for each in (manifest.get("spec") or {}).get("volumeClaimTemplates") or ()]
        for name in sorted({str(each) for each in declared if declared.count(each) > 1}):
            yield (*path, "volumes"), f"two volumes are called {name}"
        for where, container in containers(manifest):
            yield from _mounts(where, container, {*declared, *templates})


def _mounts(path: Path, container: Manifest, declared: set[str]) -> Found:
    seen: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        where, place = (*path, "volumeMounts", index), str(mount.get("mountPath", ""))
        if mount.get("name") not in declared:
            yield (*where, "name"), f"no volume is called {mount.get('name')}"
        if place in seen:
            yield (*where, "mountPath"), f"{place} is mounted twice"
        seen.add(place)


def _unique(manifest: Manifest) -> Found:
    for path, pod in pods(manifest):
        names = [each.get("name") for part in ("initContainers", "containers") for each in pod.get(part) or ()]
        for name in sorted({str(each) for each in names if names.count(each) > 1}):
            yield path, f"two containers are called {name}"


def _tolerations(manifest: Manifest) -> Found:
    for path, pod in pods(manifest):
        for index, each in enumerate(pod.get("tolerations") or ()):
            operator = each.get("operator", "Equal")
            where = (*path, "tolerations", index)
            if operator not in ("Equal", "Exists"):
                yield (*where, "operator"), f"{operator} is none of Equal, Exists"
            if operator == "Exists" and each.get("value"):
                yield (*where, "value"), "stands with the operator Equal alone"
            if not each.get("key") and operator != "Exists":
                yield (*where, "key"), "is needed with the operator Equal"


def _cidrs(manifest: Manifest) -> Found:
    for path, value in _fields(manifest):
        cidrs = value if path[-1] == "except" and isinstance(value, list) else [value] if path[-1] == "cidr" else []
        for cidr in cidrs:
            try:
                ip_network(str(cidr))
            except ValueError as error:
                yield path, str(error)


def _data(manifest: Manifest) -> Found:
    if manifest["kind"] not in ("ConfigMap", "Secret"):
        return
    size = 0
    for part in ("data", "binaryData"):
        for name, text in (manifest.get(part) or {}).items():
            size += len(str(text).encode())
            if not _DATA_KEY.fullmatch(name):
                yield (part, name), "is no key: letters, digits, hyphens, dots and underscores"
    if size > _DATA_MAX:
        yield ("data",), f"holds {size} bytes; the API server takes {_DATA_MAX}"


_CHECKS: tuple[Check, ...] = (
    _choices, check_service, check_role, check_persistent_volume, _ports, _quantities, _names, _probes, _selector, _volumes, _unique,
    _tolerations, _cidrs, _data,
)  # fmt: skip
