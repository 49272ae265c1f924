"""What the chart's pods run: commands and variables of its containers, as the kubelet would start them here.

What is another than in a cluster, and nothing else is:
- ports: by the chart's own values, because head and workers share one machine;
- sizes: by the chart's own values, so that a small machine has room;
- --dashboard-host: 127.0.0.1, so that nobody outside reaches the test;
- the Service's name, $(POD_IP) and the folders below /tmp, by MACHINE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests._support.helm import template

CLUSTER, SECRET, KEY = "default", "ray-default-token", "auth_token"
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
_DASHBOARD = "--dashboard-host=0.0.0.0"


@dataclass(frozen=True)
class Container:
    """A command with its arguments, its variables and, where it has one, the command of its startup probe."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    probe: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """Head or worker: what runs first, to its end, and what then stays."""

    before: tuple[Container, ...]
    main: Container


@dataclass(frozen=True)
class Machine:
    """What stands in for a pod's surroundings. service: host of the head's Service; folder: what is /tmp in a pod."""

    token: str
    folder: Path
    service: str = "127.0.0.1"
    address: str = "127.0.0.1"


def part(binary: Path, home: Path, machine: Machine, role: str, **values: Any) -> Part:
    """The part `role` (head or worker) of the chart with `values`. Raises KeyError for a Secret that nobody has."""
    objects = template(binary, "ray-static-cluster", {**_VALUES, **values}, home)
    name = f"{CLUSTER}-ray-{role}"
    (pod,) = [each["spec"]["template"]["spec"] for each in objects if (each["kind"], each["metadata"]["name"]) == ("Deployment", name)]
    before = tuple(_container(each, machine) for each in pod.get("initContainers", ()))
    return Part(before, _container(pod["containers"][0], machine))


#: Small, and of what this machine has: a worker for two tasks at once.
_VALUES: dict[str, Any] = {
    "cluster": CLUSTER,
    "image": "rayproject/ray:2.60.0-py311-cpu",
    "token": {"secret": SECRET, "key": KEY},
    "head": {"cpu": 1, "numCpus": 0, "memoryMib": 1024, "objectStoreMib": 128, "systemMib": 512},
    "worker": {"replicas": 2, "cpu": 2, "numCpus": 2, "memoryMib": 1024, "objectStoreMib": 128, "systemMib": 512},
}


def _container(container: Mapping[str, Any], machine: Machine) -> Container:
    environment = {each["name"]: _value(each, machine) for each in container.get("env", ())}
    words = [*container["command"], *container.get("args", ())]
    probe = container.get("startupProbe", {}).get("exec", {}).get("command", ())
    return Container(_here(words, environment, machine), environment, _here(probe, environment, machine))


def _value(variable: Mapping[str, Any], machine: Machine) -> str:
    source = variable.get("valueFrom", {})
    if secret := source.get("secretKeyRef"):
        return {(SECRET, KEY): machine.token}[secret["name"], secret["key"]]
    if field := source.get("fieldRef"):
        return {"status.podIP": machine.address}[field["fieldPath"]]
    # Caches and the like lie below the pod's own /tmp.
    return re.sub(r"^/tmp(?=/|$)", str(machine.folder), str(variable["value"]))


def _here(words: list[str], environment: Mapping[str, str], machine: Machine) -> tuple[str, ...]:
    expanded = [_REFERENCE.sub(lambda found: environment[found[1]], word) for word in words]
    named = [word.replace(f"{CLUSTER}-ray-head-svc", machine.service) for word in expanded]
    return tuple("--dashboard-host=127.0.0.1" if word == _DASHBOARD else word for word in named)
