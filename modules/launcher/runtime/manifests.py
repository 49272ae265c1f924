"""The Kubernetes objects of one process: a Deployment of one pod, and a Service when it has ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modules.launcher.models import ContainerSpec, EnvironmentVariable, PortMapping, ProcessSecret, ProcessSpec, ResourceSpec
from modules.launcher.protocols import Pool
from modules.launcher.runtime import labels, security

Thing = dict[str, Any]


@dataclass(frozen=True)
class Launch:
    """One call to start a process, with all that the server decides. id: random. pull_secret, env_secret: names, "" for none."""

    spec: ProcessSpec
    id: str
    owner: str
    namespace: str
    service_account: str
    pool: Pool
    expires: datetime | None = None
    run_as_non_root: bool = False
    env_secret: str = ""
    pull_secret: str = ""


def deployment(launch: Launch) -> Thing:
    """The Deployment. Its selector is Hydroplane's: process and group, so that what it started is still found."""
    chosen = {key: value for key, value in _labels(launch).items() if key in (labels.PROCESS, labels.GROUP)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(launch),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": chosen},
            "template": {"metadata": {"labels": _labels(launch)}, "spec": _pod(launch)},
        },
    }


def service(launch: Launch) -> Thing | None:
    """The Service; None for a process without ports, as Kubernetes takes no Service without one."""
    ports = launch.spec.container.ports
    if not ports:
        return None
    public = {"type": "NodePort", "externalTrafficPolicy": "Local"} if launch.spec.has_public_ip else {"type": "ClusterIP"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(launch),
        "spec": {
            **public,
            "selector": {labels.PROCESS: launch.spec.process_name},
            "ports": [{"name": each.label, "port": each.container_port, "protocol": each.protocol.upper()} for each in ports],
        },
    }


def owned(thing: Thing, owner: Mapping[str, Any]) -> Thing:
    """The object, to be removed by Kubernetes itself when the Deployment `owner` is gone."""
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
    return {**thing, "metadata": {**thing["metadata"], "ownerReferences": [reference]}}


def resources(container: ContainerSpec) -> Thing:
    """requests and limits, as far as they are given."""
    asked = {"requests": _amounts(container.resource_request), "limits": _amounts(container.resource_limit)}
    return {side: amounts for side, amounts in asked.items() if amounts}


def metadata(launch: Launch, name: str) -> Thing:
    """Labels and annotations of every object of a process."""
    notes = {labels.OWNER: launch.owner, labels.LAUNCH: launch.id}
    if launch.expires is not None:
        notes[labels.EXPIRES] = launch.expires.isoformat()
    return {"name": name, "labels": _labels(launch), "annotations": notes}


def _metadata(launch: Launch) -> Thing:
    return metadata(launch, launch.spec.process_name)


def _labels(launch: Launch) -> dict[str, str]:
    group = {labels.GROUP: launch.spec.group} if launch.spec.group is not None else {}
    return {labels.PROCESS: launch.spec.process_name, **group, labels.OWNER_ID: labels.owner_id(launch.owner)}


def _pod(launch: Launch) -> Thing:
    pod: Thing = {
        "restartPolicy": "Always",
        "serviceAccountName": launch.service_account,
        "automountServiceAccountToken": False,
        # Kubernetes would put seven variables per Service of the namespace into every process; a thousand Services are too many to start.
        "enableServiceLinks": False,
        "containers": [_container(launch)],
        **security.pod(strict=launch.run_as_non_root),
    }
    selector = {**(launch.spec.container.node_selector or {}), **launch.pool.node_selector}
    wanted = {
        "nodeSelector": selector,
        "tolerations": [dict(each) for each in launch.pool.tolerations],
        "imagePullSecrets": [{"name": launch.pull_secret}] if launch.pull_secret else [],
    }
    return {**pod, **{key: value for key, value in wanted.items() if value}}


def _container(launch: Launch) -> Thing:
    asked = launch.spec.container
    container: Thing = {
        "name": launch.spec.process_name,
        "image": asked.image_uri,
        "env": [_variable(each, launch.env_secret) for each in asked.env],
        "ports": [_port(each) for each in asked.ports],
        **security.container(strict=launch.run_as_non_root),
    }
    wanted = {"command": list(asked.command or ()), "resources": resources(asked)}
    return {**container, **{key: value for key, value in wanted.items() if value}}


def _variable(variable: EnvironmentVariable, secret: str) -> Thing:
    if isinstance(variable.value, ProcessSecret):
        return {"name": variable.name, "valueFrom": {"secretKeyRef": {"name": secret, "key": variable.name}}}
    return {"name": variable.name, "value": variable.value}


def _port(port: PortMapping) -> Thing:
    named = {"name": port.name} if port.name else {}
    return {"containerPort": port.container_port, "protocol": port.protocol.upper(), **named}


def _amounts(given: ResourceSpec | None) -> dict[str, str]:
    amounts: dict[str, str] = {}
    if given is not None and given.cpu_vcpu is not None:
        # As typed ("3.0" stays so), but never with an exponent, which Kubernetes reads as a unit.
        amounts["cpu"] = f"{given.cpu_vcpu:f}"
    if given is not None and given.memory_mib is not None:
        amounts["memory"] = f"{given.memory_mib}Mi"
    return amounts
