"""What the API of the rehearsal's cluster refuses, in an API server's codes, reasons and words."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from kubernetes import client

from tests.unit.cluster.api_support import Served, config_map, deployment, refusal, served, served_process

__all__ = ["served", "served_process"]


def _taken(core: Any, apps: Any) -> None:
    core.create_namespaced_config_map("dcv", config_map("display"))
    core.create_namespaced_config_map("dcv", config_map("display"))


def _stale(core: Any, apps: Any) -> None:
    old = core.create_namespaced_config_map("dcv", config_map("display"))
    core.patch_namespaced_config_map("display", "dcv", {"data": {"a": "b"}})
    core.replace_namespaced_config_map("display", "dcv", old)


def _stale_patch(core: Any, apps: Any) -> None:
    core.create_namespaced_config_map("dcv", config_map("display"))
    core.patch_namespaced_config_map("display", "dcv", {"metadata": {"resourceVersion": "1"}, "data": {"a": "b"}})


def _another_uid(core: Any, apps: Any) -> None:
    core.create_namespaced_config_map("dcv", config_map("display"))
    core.delete_namespaced_config_map("display", "dcv", body={"preconditions": {"uid": "another"}})


def _immutable(core: Any, apps: Any) -> None:
    apps.create_namespaced_deployment("dcv", deployment())
    labels = {"app.kubernetes.io/name": "other"}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}
    apps.patch_namespaced_deployment("dcv-seats", "dcv", {"spec": spec})


def _taken_port(core: Any, apps: Any) -> None:
    for name in ("one", "two"):
        port = {"port": 8443, "nodePort": 31980, "protocol": "TCP"}
        core.create_namespaced_service("dcv", {"metadata": {"name": name}, "spec": {"type": "NodePort", "ports": [port]}})


def _below_zero(core: Any, apps: Any) -> None:
    apps.create_namespaced_deployment("dcv", deployment())
    apps.patch_namespaced_deployment_scale("dcv-seats", "dcv", {"spec": {"replicas": -1}})


def _log(core: Any, apps: Any) -> None:
    spec = deployment()["spec"]["template"]["spec"]
    core.create_namespaced_pod("dcv", {"metadata": {"name": "seat"}, "spec": spec})
    core.read_namespaced_pod_log("seat", "dcv")


def _forbidden(core: Any, apps: Any) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    core.create_namespace({"metadata": {"name": "hub", "labels": labels}})
    spec = deployment()["spec"]["template"]["spec"]
    core.create_namespaced_pod("hub", {"metadata": {"name": "seat"}, "spec": {**spec, "hostNetwork": True}})


@pytest.mark.parametrize(
    ("act", "code", "reason", "says"),
    [
        (lambda core, apps: core.read_namespaced_secret("s", "dcv"), 404, "NotFound", 'secrets "s" not found'),
        (lambda core, apps: apps.read_namespaced_deployment("d", "dcv"), 404, "NotFound", 'deployments.apps "d" not found'),
        (lambda core, apps: core.delete_namespaced_pod("p", "dcv"), 404, "NotFound", 'pods "p" not found'),
        (lambda core, apps: apps.patch_namespaced_deployment("d", "dcv", {}), 404, "NotFound", 'deployments.apps "d" not found'),
        (lambda core, apps: apps.read_namespaced_deployment_scale("d", "dcv"), 404, "NotFound", '"d" not found'),
        (lambda core, apps: core.create_namespaced_config_map("no", config_map("a")), 404, "NotFound", 'namespaces "no" not found'),
        (_taken, 409, "AlreadyExists", 'configmaps "display" already exists'),
        (_stale, 409, "Conflict", 'Operation cannot be fulfilled on configmaps "display": the object has been modified'),
        (_stale_patch, 409, "Conflict", "the object has been modified"),
        (_another_uid, 409, "Conflict", "uid in precondition: another"),
        (_immutable, 422, "Invalid", "spec.selector: field is immutable"),
        (_taken_port, 422, "Invalid", "provided port is already allocated"),
        (_below_zero, 422, "Invalid", "spec.replicas: Invalid value: -1"),
        (_log, 404, "NotFound", "runs no containers"),
        (_forbidden, 403, "Forbidden", "the namespace hub enforces restricted"),
        (lambda core, apps: core.create_namespaced_config_map("dcv", config_map("No Name")), 422, "Invalid", "DNS-1123"),
        (lambda core, apps: core.create_namespaced_config_map("dcv", {"metadata": {}}), 422, "Invalid", "name or generateName"),
        (lambda core, apps: core.create_namespaced_config_map("dcv", {"data": {}}), 400, "BadRequest", "no metadata"),
        (
            lambda core, apps: core.create_namespaced_config_map("dcv", {"kind": "Secret", "metadata": {"name": "a"}}),
            400, "BadRequest", "the kind in the data (Secret) does not match the expected kind (ConfigMap)",
        ),
        (
            lambda core, apps: core.create_namespaced_config_map("dcv", {"metadata": {"name": "a", "namespace": "default"}}),
            400, "BadRequest", "the namespace of the object (default) does not match",
        ),
        (
            lambda core, apps: core.create_namespaced_config_map("dcv", {"metadata": {"name": "a"}, "data": {"no key": ""}}),
            422, "Invalid", "no key",
        ),
        (lambda core, apps: apps.create_namespaced_deployment("dcv", deployment(image="pause")), 422, "Invalid", "no fixed tag"),
    ],
)  # fmt: skip
def test_refusals(served: Served, act: Callable[[Any, Any], object], code: int, reason: str, says: str) -> None:
    core, apps = client.CoreV1Api(served.client), client.AppsV1Api(served.client)
    found = refusal(lambda: act(core, apps))
    assert found[:2] == (code, reason)
    assert says in found[2]


@pytest.mark.parametrize(
    ("path", "method", "code"),
    [
        ("/api/v1/namespaces/dcv/nonsense", "GET", 404),
        ("/apis/nobody.org/v1/things", "GET", 404),
        ("/apis/apps/v2/deployments", "GET", 404),
        ("/api/v1/configmaps/a", "GET", 404),
        ("/api/v1/namespaces/dcv/nodes", "GET", 404),
        ("/openapi/v2", "GET", 404),
        ("/apis/apps", "GET", 200),
        ("/readyz", "GET", 200),
        ("/api/v1/namespaces/dcv/configmaps", "PUT", 405),
        ("/api/v1/configmaps", "POST", 405),
        ("/api/v1/namespaces/dcv", "POST", 405),
        ("/api/v1/namespaces/default", "PATCH", 415),
        ("", "GET", 404),
    ],
)
def test_paths(served: Served, path: str, method: str, code: int) -> None:
    request = urllib.request.Request(served.url + path, method=method, data=None if method == "GET" else b"{}")
    if code < 400:
        with urllib.request.urlopen(request) as answer:
            assert answer.status == code
        return
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert (refused.value.code, json.load(refused.value)["code"]) == (code, code)
