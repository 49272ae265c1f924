"""What Hydroplane's own tests expect of a specification (seeds 6.9), asked of the API; of manifests see tests/launcher/unit."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.launcher.lab import spec
from tests.launcher.service import Service


def limits(cpu: Any = None, memory: Any = None) -> dict[str, Any]:
    given = {"cpu_vcpu": cpu, "memory_mib": memory}
    return {name: value for name, value in given.items() if value is not None}


def resources(request: dict[str, Any] | None, limit: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {"resource_request": request, "resource_limit": limit}.items() if value is not None}


MINIMAL = {"process_name": "test", "container": {"image_uri": "nginxdemos/hello"}}


@pytest.mark.parametrize(
    "document",
    [
        MINIMAL,
        {**MINIMAL, "group": None},
        {**MINIMAL, "group": "chat-clients", "has_public_ip": True},
        spec("test", 80),
        spec("test", {"container_port": 53, "host_port": 12345, "protocol": "udp", "name": "dns"}),
        spec("test", container=resources(limits("1.0", 256), None)),
        spec("test", container=resources(None, limits("1.0", 256))),
        spec("test", container=resources(limits("0.25", 128), limits("3.0", 256))),
        spec("test", container=resources(limits("0.25"), limits(memory=256))),
        spec("test", container=resources({}, {})),
        spec("test", container={"command": ["./chat", "--name", "alice"], "env": [{"name": "A", "value": "b"}]}),
        spec("test", container={"node_selector": {"disk": "fast"}}),
    ],
)
def test_accepted(service: Service, ada: httpx.Client, document: dict[str, Any]) -> None:
    answer = ada.post("/process", json=document)
    assert (answer.status_code, answer.json()) == (201, None), answer.text
    assert service.cluster.names("Deployment") == ["test"]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "process_name"),
        ({"process_name": "test"}, "container"),
        ({"process_name": "test", "container": {}}, "image_uri"),
        (spec("test", 8675309), "ports.0.container_port"),
        (spec("test", 0), "ports.0.container_port"),
        (spec("test", {"host_port": 80}), "ports.0.container_port"),
        (spec("test", {"container_port": 80, "protocol": "sctp"}), "ports.0.protocol"),
        (spec("test", {"container_port": 80, "protocol": "TCP"}), "ports.0.protocol"),
        (spec("test", 80, 80), "port 80/tcp"),
        (spec("test", container=resources(limits(cpu="-1.0"), None)), "cpu_vcpu"),
        (spec("test", container=resources(limits(memory=-256), None)), "memory_mib"),
        (spec("test", container=resources(limits(cpu="0.0001"), None)), "cpu_vcpu"),
        (spec("test", container=resources(limits(memory=512), limits(memory=256))), "memory_mib"),
        (spec("test", container=resources(limits("2.0"), limits("1.0"))), "cpu_vcpu"),
        (spec("test", imaginary=1), "imaginary"),
    ],
)
def test_refused_before_anything_is_made(service: Service, ada: httpx.Client, document: dict[str, Any], field: str) -> None:
    answer = ada.post("/process", json=document)
    assert (answer.status_code, answer.json()["error"]) == (422, 422), answer.text
    assert field in answer.json()["details"]
    assert service.cluster.calls == []


BODIES = {b"{": (400, 422), b"\xff": (400, 422), b"": (422,), b"[]": (422,), b'"x"': (422,), b"null": (422,)}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_specification(ada: httpx.Client, body: bytes) -> None:
    answer = ada.post("/process", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in BODIES[body]
    assert sorted(answer.json()) == ["details", "error"]
