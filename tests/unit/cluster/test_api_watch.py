"""Watching: what there is, then what happens, from the version on that somebody knows."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client import ApiException
from kubernetes.watch import Watch

from tests.unit.cluster.api_support import Served, client_of, served, served_process

__all__ = ["served", "served_process"]


def named(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"app": name}}, "data": data}


def events(core: client.CoreV1Api, count: int, **more: Any) -> list[tuple[str, str]]:
    """(type, name) of the first events; fewer when the server ends the watch before."""
    seen = list[tuple[str, str]]()
    for event in Watch().stream(core.list_namespaced_config_map, "dcv", timeout_seconds=1, **more):
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == count:
            break
    return seen


def later(act: Any) -> None:
    """Do it while somebody watches."""
    threading.Timer(0.05, act).start()


def test_all_there_is_and_then_what_happens(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", named("a"))
    later(lambda: core.create_namespaced_config_map("dcv", named("b")))
    assert events(core, 2) == [("ADDED", "a"), ("ADDED", "b")]


def test_from_a_version_on(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    for name in ("a", "b", "c"):
        core.create_namespaced_config_map("dcv", named(name))
    since = core.list_namespaced_config_map("dcv").metadata.resource_version
    core.patch_namespaced_config_map("a", "dcv", {"data": {"k": "v"}})
    core.delete_namespaced_config_map("b", "dcv")
    core.create_namespaced_config_map("dcv", named("d"))
    core.create_namespaced_config_map("dcv", named("e"))
    core.delete_namespaced_config_map("e", "dcv")
    found = events(core, 3, resource_version=since)
    assert sorted(found) == [("ADDED", "d"), ("DELETED", "b"), ("MODIFIED", "a")]


def test_an_edit_from_outside_is_seen(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", named("a"))
    since = core.list_namespaced_config_map("dcv").metadata.resource_version
    later(lambda: served.worlds.edit({"remove": "ConfigMap/dcv/a"}))
    assert events(core, 1, resource_version=since) == [("DELETED", "a")]


def test_only_what_is_selected(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", named("a"))
    core.create_namespaced_config_map("dcv", named("b"))
    assert events(core, 1, field_selector="metadata.name=b") == [("ADDED", "b")]
    since = core.list_namespaced_config_map("dcv").metadata.resource_version
    # What is selected no longer is gone for whoever watches.
    later(lambda: core.patch_namespaced_config_map("a", "dcv", {"metadata": {"labels": {"app": "other"}}}))
    assert events(core, 1, label_selector="app=a", resource_version=since) == [("DELETED", "a")]


def test_a_made_anew_object_is_another(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", named("a"))
    since = core.list_namespaced_config_map("dcv").metadata.resource_version
    core.delete_namespaced_config_map("a", "dcv")
    core.create_namespaced_config_map("dcv", named("a"))
    assert events(core, 2, resource_version=since) == [("DELETED", "a"), ("ADDED", "a")]


@pytest.mark.parametrize(("version", "code"), [("99999", 410), ("yesterday", 400)])
def test_versions_nobody_knows(served: Served, version: str, code: int) -> None:
    core = client.CoreV1Api(served.client)
    with pytest.raises(ApiException) as refused:
        core.list_namespaced_config_map("dcv", watch=True, resource_version=version)
    assert refused.value.status == code


def test_a_version_that_is_forgotten(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    served.world.gone = deque(maxlen=1)
    core.create_namespaced_config_map("dcv", named("a"))
    since = core.list_namespaced_config_map("dcv").metadata.resource_version
    for _ in range(2):
        core.delete_namespaced_config_map("a", "dcv")
        core.create_namespaced_config_map("dcv", named("a"))
    with pytest.raises(ApiException) as refused:
        core.list_namespaced_config_map("dcv", watch=True, resource_version=since)
    assert refused.value.status == 410


def test_agents_that_write_at_once_lose_nothing(served: Served) -> None:
    client.CoreV1Api(served.client).create_namespaced_config_map("dcv", named("a"))

    def write(node: str) -> None:
        core = client.CoreV1Api(client_of(served.url))
        for turn in range(5):
            core.patch_namespaced_config_map("a", "dcv", {"data": {f"{node}.{turn}": ":0"}})

    agents = [threading.Thread(target=write, args=(node,)) for node in ("one", "two", "three")]
    for each in agents:
        each.start()
    for each in agents:
        each.join()
    assert len(client.CoreV1Api(served.client).read_namespaced_config_map("a", "dcv").data) == 15
