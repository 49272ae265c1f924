"""Terraform and the API look at the same cluster: what one writes the other sees, as drift where Terraform minds it."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes import client

from modules.rehearsal.standin.backend import Values
from modules.rehearsal.standin.wire import UNKNOWN
from tests.unit.cluster.api_support import Served, served, served_process
from tests.unit.cluster.support import config_map, make_backend, meta, namespace, refusal

__all__ = ["served", "served_process"]
CONFIG_MAP, DEPLOYMENT, NAMESPACE = "kubernetes_config_map_v1", "kubernetes_deployment_v1", "kubernetes_namespace_v1"
AGENT = "dcv-agent-config-map"


def made(served: Served, kind: str, values: Values) -> Values:
    state: Values = served.terraform().create(kind, values, values)[0]
    return state


def seats() -> Values:
    """A kubernetes_deployment_v1 of one pause pod."""
    labels = {"app.kubernetes.io/name": "dcv-seats"}
    size = {"cpu": "10m", "memory": "16Mi"}
    container = {"name": "pause", "image": "registry.k8s.io/pause:3.10", "resources": [{"limits": size, "requests": size}]}
    template = [{"metadata": [{"labels": labels}], "spec": [{"container": [container]}]}]
    spec = [{"replicas": "1", "selector": [{"match_labels": labels}], "template": template}]
    return {"id": UNKNOWN, "metadata": meta("dcv-seats", "dcv"), "spec": spec, "wait_for_rollout": False}


def test_what_an_agent_writes_is_drift(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    state = made(served, CONFIG_MAP, config_map(AGENT, "dcv", display="", socket_mount_path="/sockets"))
    assert core.read_namespaced_config_map(AGENT, "dcv").data == {"display": "", "socket_mount_path": "/sockets"}
    core.patch_namespaced_config_map(AGENT, "dcv", {"data": {"display": ":0", "display.node-1": ":0"}})
    now = served.terraform().read(CONFIG_MAP, state)
    assert now is not None
    assert now["data"] == {"display": ":0", "display.node-1": ":0", "socket_mount_path": "/sockets"}
    assert {**now, "data": 0, "metadata": 0} == {**state, "data": 0, "metadata": 0}


def test_what_terraform_ignores_stays_as_the_agent_wrote_it(served: Served) -> None:
    """With `ignore_changes`, Terraform plans what it has just read; another change of the object must not undo the agent's."""
    core = client.CoreV1Api(served.client)
    state = made(served, CONFIG_MAP, config_map(AGENT, "dcv", display=""))
    core.patch_namespaced_config_map(AGENT, "dcv", {"data": {"display": ":0"}})
    backend = served.terraform()
    read = backend.read(CONFIG_MAP, state)
    assert read is not None
    planned = {**read, "metadata": [{**read["metadata"][0], "labels": {"a": "b"}}]}
    after = backend.update(CONFIG_MAP, read, planned, planned)[0]
    found = core.read_namespaced_config_map(AGENT, "dcv")
    assert (found.data, found.metadata.labels) == ({"display": ":0"}, {"a": "b"})
    assert found.metadata.resource_version == after["metadata"][0]["resource_version"]


def test_a_scaled_deployment_is_drift(served: Served) -> None:
    state = made(served, DEPLOYMENT, seats())
    client.AppsV1Api(served.client).patch_namespaced_deployment_scale("dcv-seats", "dcv", {"spec": {"replicas": 0}})
    now = served.terraform().read(DEPLOYMENT, state)
    assert now is not None
    assert (state["spec"][0]["replicas"], now["spec"][0]["replicas"]) == ("1", "0")


def test_what_the_api_deletes_is_gone_for_terraform(served: Served) -> None:
    state = made(served, CONFIG_MAP, config_map(AGENT, "dcv", display=""))
    client.CoreV1Api(served.client).delete_namespaced_config_map(AGENT, "dcv")
    assert served.terraform().read(CONFIG_MAP, state) is None


def test_what_the_api_makes_is_in_terraforms_way_until_its_namespace_goes(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    state: Any = made(served, NAMESPACE, namespace("desk"))
    core.create_namespaced_config_map("desk", {"metadata": {"name": AGENT}, "data": {"a": "b"}})
    taken = config_map(AGENT, "desk", display="")
    assert "already exists" in refusal(served.terraform().create, CONFIG_MAP, taken, taken)
    # Nothing of Terraform's is inside, so the API server takes the rest along.
    make_backend(served.worlds).delete(NAMESPACE, state)
    assert core.list_config_map_for_all_namespaces().items == []


def test_a_namespace_with_terraforms_objects_stays(served: Served) -> None:
    made(served, CONFIG_MAP, config_map(AGENT, "dcv", display=""))
    core = client.CoreV1Api(served.client)
    with pytest.raises(client.ApiException) as refused:
        core.delete_namespace("dcv")
    assert refused.value.status == 409
    assert AGENT in refused.value.body
