"""Patches of the API: each of the three kinds as its specification has it, and where it is refused."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from kubernetes import client

from modules.rehearsal.cluster.api.answers import ApiError
from modules.rehearsal.cluster.api.merging import json_patch, merge_patch
from modules.rehearsal.cluster.api.strategic import strategic_merge
from tests.unit.cluster.api_support import Served, served, served_process

__all__ = ["served", "served_process"]


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": ["c", "d"]}, {"a": ["c", "d"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "b"}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        (["a"], {"a": "b"}, {"a": "b"}),
    ],
)
def test_merge_patch(before: Any, patch: Any, after: Any) -> None:
    """Rows of RFC 7386, appendix A, and our own."""
    assert merge_patch(before, patch) == after


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ({}, {"op": "add", "path": "/a", "value": 1}, {"a": 1}),
        ({"a": [1]}, {"op": "add", "path": "/a/0", "value": 0}, {"a": [0, 1]}),
        ({"a": [1]}, {"op": "add", "path": "/a/-", "value": 2}, {"a": [1, 2]}),
        ({"a/b": 1}, {"op": "replace", "path": "/a~1b", "value": 2}, {"a/b": 2}),
        ({"a~b": 1}, {"op": "remove", "path": "/a~0b"}, {}),
        ({"a": [1, 2]}, {"op": "replace", "path": "/a/0", "value": 3}, {"a": [3, 2]}),
        ({"a": {"b": 1}}, {"op": "move", "from": "/a/b", "path": "/c"}, {"a": {}, "c": 1}),
        ({"a": {"b": 1}}, {"op": "copy", "from": "/a", "path": "/c"}, {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": 1}, {"a": 1}),
        ({"a": 1}, {"op": "replace", "path": "", "value": {}}, {}),
    ],
)
def test_json_patch(before: Any, operation: dict[str, Any], after: Any) -> None:
    held = json.dumps(before)
    assert json_patch(before, [operation]) == after
    assert json.dumps(before) == held


@pytest.mark.parametrize(
    ("operations", "code"),
    [
        ([{"op": "remove", "path": "/no"}], 422),
        ([{"op": "replace", "path": "/no", "value": 1}], 422),
        ([{"op": "test", "path": "/a", "value": 2}], 422),
        ([{"op": "add", "path": "/list/9", "value": 2}], 422),
        ([{"op": "add", "path": "/a/b", "value": 2}], 422),
        ([{"op": "add", "path": "a", "value": 2}], 422),
        ([{"op": "increase", "path": "/a"}], 422),
        ([{"path": "/a"}], 422),
        ({"op": "add"}, 400),
        (["add"], 400),
    ],
)
def test_json_patches_that_do_not_fit(operations: Any, code: int) -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({"a": 1, "list": []}, operations)
    assert refused.value.code == code


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec}


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        (
            {"containers": [{"name": "a", "image": "x", "env": [{"name": "K", "value": "1"}]}]},
            {"containers": [{"name": "a", "env": [{"name": "L", "value": "2"}, {"name": "K", "value": "3"}]}, {"name": "b"}]},
            {"containers": [
                {"name": "a", "image": "x", "env": [{"name": "K", "value": "3"}, {"name": "L", "value": "2"}]}, {"name": "b"},
            ]},
        ),
        (
            {"containers": [{"name": "a"}, {"name": "b"}]},
            {"containers": [{"name": "a", "$patch": "delete"}]},
            {"containers": [{"name": "b"}]},
        ),
        (
            {"containers": [{"name": "a"}, {"name": "b"}]},
            {"containers": [{"$patch": "replace"}, {"name": "c"}]},
            {"containers": [{"name": "c"}]},
        ),
        (
            {"containers": [{"name": "a", "ports": [{"containerPort": 1, "name": "p"}], "args": ["x"]}]},
            {"containers": [{"name": "a", "ports": [{"containerPort": 2}, {"containerPort": 1, "protocol": "UDP"}], "args": ["y"]}]},
            {"containers": [{
                "name": "a", "ports": [{"containerPort": 1, "name": "p", "protocol": "UDP"}, {"containerPort": 2}], "args": ["y"],
            }]},
        ),
        (
            {"volumes": [{"name": "v", "emptyDir": {}}]},
            {"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}]},
            {"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]},
        ),
        # Kubernetes names no key for tolerations: the documentation's own example of a list that is replaced.
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}),
        ({"nodeSelector": {"a": "1", "b": "2"}}, {"nodeSelector": {"b": None, "c": "3"}}, {"nodeSelector": {"a": "1", "c": "3"}}),
        ({"nodeSelector": {"a": "1"}}, {"nodeSelector": {"$patch": "replace", "b": "2"}}, {"nodeSelector": {"b": "2"}}),
        ({"nodeSelector": {"a": "1"}}, {"nodeSelector": {"$patch": "delete"}}, {"nodeSelector": {}}),
        ({"containers": [{"name": "a"}]}, {"$setElementOrder/containers": [{"name": "a"}]}, {"containers": [{"name": "a"}]}),
    ],
)  # fmt: skip
def test_strategic_merge(before: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]) -> None:
    assert strategic_merge(pod(**before), {"spec": patch}, "Pod", "v1")["spec"] == after


@pytest.mark.parametrize(
    ("kind", "version", "before", "patch", "after"),
    [
        ("Service", "v1", {"ports": [{"port": 1}]}, {"ports": [{"port": 2}]}, {"ports": [{"port": 1}, {"port": 2}]}),
        ("NetworkPolicy", "networking.k8s.io/v1", {"ingress": [{"ports": [{"port": 1}]}]}, {"ingress": []}, {"ingress": []}),
        ("Deployment", "apps/v1",
         {"template": {"spec": {"volumes": [{"name": "a"}]}}}, {"template": {"spec": {"volumes": [{"name": "b"}]}}},
         {"template": {"spec": {"volumes": [{"name": "a"}, {"name": "b"}]}}}),
    ],
)  # fmt: skip
def test_which_lists_merge_depends_on_the_kind(kind: str, version: str, before: Any, patch: Any, after: Any) -> None:
    assert strategic_merge({"spec": before}, {"spec": patch}, kind, version)["spec"] == after


def test_primitive_lists() -> None:
    before = {"metadata": {"finalizers": ["a", "b"]}}
    added = strategic_merge(before, {"metadata": {"finalizers": ["b", "c"]}}, "Pod", "v1")
    assert added["metadata"]["finalizers"] == ["a", "b", "c"]
    taken = strategic_merge(before, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}, "Pod", "v1")
    assert taken["metadata"]["finalizers"] == ["b"]


def test_an_element_without_its_key() -> None:
    with pytest.raises(ApiError, match="merge key: name") as refused:
        strategic_merge(pod(), {"spec": {"containers": [{"image": "x"}]}}, "Pod", "v1")
    assert refused.value.code == 422


def send(served: Served, kind: str, patch: Any, path: str = "/api/v1/namespaces/dcv/configmaps/display") -> dict[str, Any]:
    """The answer to a PATCH; the Status when it is refused."""
    request = urllib.request.Request(served.url + path, method="PATCH", data=json.dumps(patch).encode(), headers={"Content-Type": kind})
    try:
        with urllib.request.urlopen(request) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))


@pytest.mark.parametrize(
    ("kind", "patch", "data"),
    [
        ("application/merge-patch+json", {"data": {"b": "2", "a": None}}, {"b": "2"}),
        ("application/strategic-merge-patch+json", {"data": {"b": "2", "a": None}}, {"b": "2"}),
        ("application/json-patch+json; charset=utf-8", [{"op": "add", "path": "/data/b", "value": "2"}], {"a": "1", "b": "2"}),
        ("application/json-patch+json", [{"op": "test", "path": "/data/a", "value": "1"}], {"a": "1"}),
    ],
)
def test_patches_of_an_object(served: Served, kind: str, patch: Any, data: dict[str, str]) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", {"metadata": {"name": "display"}, "data": {"a": "1"}})
    assert send(served, kind, patch)["data"] == data
    assert core.read_namespaced_config_map("display", "dcv").data == data


@pytest.mark.parametrize(
    ("kind", "patch", "code", "says"),
    [
        ("application/apply-patch+yaml", {}, 415, "accepted media types include: application/json-patch+json"),
        ("application/json", {}, 415, "unknown format"),
        ("application/merge-patch+json", [], 400, "the patch is no object"),
        ("application/json-patch+json", {}, 400, "list of operations"),
        ("application/merge-patch+json", {"metadata": {"name": "other"}}, 400, "the name of the object (other)"),
        ("application/merge-patch+json", {"metadata": None}, 400, "no metadata"),
        ("application/merge-patch+json", {"data": {"a b": "c"}}, 422, "is invalid"),
        ("application/json-patch+json", [{"op": "replace", "path": "", "value": 1}], 422, "no object"),
    ],
)
def test_patches_that_are_refused_change_nothing(served: Served, kind: str, patch: Any, code: int, says: str) -> None:
    core = client.CoreV1Api(served.client)
    before = core.create_namespaced_config_map("dcv", {"metadata": {"name": "display"}, "data": {"a": "1"}})
    answer = send(served, kind, patch)
    assert (answer["code"], answer["status"]) == (code, "Failure")
    assert says in answer["message"]
    assert core.read_namespaced_config_map("display", "dcv") == before


@pytest.mark.parametrize("kind", ["merge", "strategic-merge"])
@pytest.mark.parametrize(
    ("patch", "part"),
    [
        ({"metadata": "x"}, ""),
        ({"metadata": {"labels": "x"}}, ""),
        ({"metadata": {"labels": {"a": 1}}}, ""),
        ({"metadata": {"name": 5}}, ""),
        ({"metadata": {"finalizers": [5]}}, ""),
        ({"spec": "x"}, ""),
        ({"spec": {"template": {"spec": {"containers": ["x"]}}}}, ""),
        ({"spec": {"template": {"spec": {"containers": [{}]}}}}, ""),
        ({"spec": {"replicas": "two"}}, ""),
        ({"spec": {"replicas": "two"}}, "/scale"),
        ({"spec": "x"}, "/scale"),
        ({"metadata": "x"}, "/scale"),
        ({"metadata": "x"}, "/status"),
        ({"status": "x"}, "/status"),
    ],
)
def test_nonsense_is_refused_by_a_status(served: Served, kind: str, patch: Any, part: str) -> None:
    served.world.put(seats(), "helm")
    before = served.worlds.dump()
    answer = send(served, f"application/{kind}-patch+json", patch, f"/apis/apps/v1/namespaces/dcv/deployments/seats{part}")
    assert (answer["kind"], answer["code"] in (400, 422)) == ("Status", True)
    assert served.worlds.dump() == before


def seats() -> dict[str, Any]:
    """A Deployment as a chart makes it."""
    labels, limits = {"app": "seats"}, {"cpu": "10m", "memory": "16Mi"}
    container = {"name": "pause", "image": "registry.k8s.io/pause:3.10", "resources": {"limits": limits, "requests": limits}}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "seats", "namespace": "dcv"}, "spec": spec}


def test_custom_resources_have_no_strategic_merge(served: Served) -> None:
    served.world.custom_kinds["NodePool"] = ("karpenter.sh", "karpenter-crd", "0.0.0")
    served.world.put({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "d"}, "spec": {}}, "helm")
    path = "/apis/karpenter.sh/v1/nodepools/d"
    assert send(served, "application/strategic-merge-patch+json", {"spec": {"weight": 1}}, path)["code"] == 415
    assert send(served, "application/merge-patch+json", {"spec": {"weight": 1}}, path)["spec"] == {"weight": 1}
