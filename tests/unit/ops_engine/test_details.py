"""What `terraform show -json` says about a plan, cut down to what a reviewer must see."""

from __future__ import annotations

from typing import Any

import pytest

from modules.ops.details import drifted, planned
from modules.ops.ignored import ignored


def entry(actions: list[str], before: Any, after: Any, kind: str = "aws_vpc", **change: Any) -> dict[str, Any]:
    return {
        "address": f"{kind}.main",
        "type": kind,
        "mode": "managed",
        "change": {"actions": actions, "before": before, "after": after, **change},
    }


def rows(changes: Any) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [(each.action, [(a.name, a.old, a.new) for a in each.attributes]) for each in changes]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (entry(["no-op"], {"a": 1}, {"a": 1}), []),
        (entry(["create"], None, {"a": 1}), []),
        (entry(["update"], {"a": 1, "b": 2}, {"a": 1, "b": 3}), [("update", [("b", "2", "3")])]),
        (entry(["delete", "create"], {"a": "x"}, {"a": "y"}), [("replace", [("a", "x", "y")])]),
        (entry(["create", "delete"], {"a": "x"}, {"a": "y"}), [("replace", [("a", "x", "y")])]),
        (entry(["delete"], {"a": "x", "b": [1]}, None), [("delete", [])]),
        (entry(["no-op"], {"a": 1}, {"a": 1}, importing={"id": "x"}), [("adopt", [])]),
        (entry(["update"], {"t": {"x": "1", "y": "2"}}, {"t": {"x": "1", "y": "3"}}), [("update", [("t.y", "2", "3")])]),
        (entry(["update"], {"t": None}, {"t": {"x": "1"}}), [("update", [("t", "(none)", '{"x":"1"}')])]),
        (entry(["update"], {"l": [1]}, {"l": [1, 2]}), [("update", [("l", "[1]", "[1,2]")])]),
        (entry(["update"], {"on": False}, {"on": True}), [("update", [("on", "false", "true")])]),
        (entry(["update"], {"v": 1}, {}, after_unknown={"v": True}), [("update", [("v", "1", "(known after apply)")])]),
        (entry(["update"], {"v": None}, {}, after_unknown={"v": True}), [("update", [])]),
        (
            entry(["update"], {"p": "old"}, {"p": "new"}, before_sensitive={"p": True}, after_sensitive={"p": True}),
            [("update", [("p", "(sensitive)", "(sensitive)")])],
        ),
        (
            entry(["update"], {"p": {"k": "old", "o": "1"}}, {"p": {"k": "new", "o": "2"}}, after_sensitive={"p": {"k": True}}),
            [("update", [("p.k", "old", "(sensitive)"), ("p.o", "1", "2")])],
        ),
        (
            entry(
                ["update"], {"p": [{"k": "old"}]}, {"p": [{"k": "new"}]}, before_sensitive={"p": [{"k": True}]}, after_sensitive={"p": True}
            ),
            [("update", [("p", "(sensitive)", "(sensitive)")])],
        ),
        ({**entry(["read"], None, {"a": 1}), "mode": "data"}, []),
    ],
)
def test_planned(found: dict[str, Any], expected: list[Any]) -> None:
    assert rows(planned({"resource_changes": [found]})) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (entry(["update"], {"cidr": "a"}, {"cidr": "b"}), [("update", [("cidr", "a", "b")])]),
        (entry(["delete"], {"cidr": "a"}, None), [("delete", [])]),
        # The provider reads empty things back as null, and the other way round, on the first refresh after a create.
        (entry(["update"], {"tags": None}, {"tags": {}}), []),
        (entry(["update"], {"user": [{"gid": 1, "more": None}]}, {"user": [{"gid": 1, "more": []}]}), []),
        (entry(["update"], {"user": [{"gid": 1}]}, {"user": [{"gid": 2}]}), [("update", [("user", '[{"gid":1}]', '[{"gid":2}]')])]),
        (entry(["update"], {"a": "", "b": [], "c": False, "d": 0}, {"a": None, "b": None, "c": None, "d": None}), []),
        (entry(["update"], {"tags_all": {"a": "1"}}, {"tags_all": {"a": "2"}}), []),
        (
            entry(["update"], {"tags": {"a": "1"}, "tags_all": {"a": "1"}}, {"tags": {}, "tags_all": {}}),
            [("update", [("tags.a", "1", "(none)")])],
        ),
        (entry(["update"], {"size_in_bytes": [1]}, {"size_in_bytes": [2]}, kind="aws_efs_file_system"), []),
        (
            entry(
                ["update"],
                {"size_in_bytes": [1], "encrypted": True},
                {"size_in_bytes": [2], "encrypted": False},
                kind="aws_efs_file_system",
            ),
            [("update", [("encrypted", "true", "false")])],
        ),
        (entry(["update"], {"size_in_bytes": [1]}, {"size_in_bytes": [2]}), [("update", [("size_in_bytes", "[1]", "[2]")])]),
        ({**entry(["update"], {"a": 1}, {"a": 2}), "mode": "data"}, []),
    ],
)
def test_drifted(found: dict[str, Any], expected: list[Any]) -> None:
    assert rows(drifted({"resource_drift": [found]})) == expected


@pytest.mark.parametrize(
    ("kind", "paths", "before", "after", "expected"),
    [
        ("aws_ssm_parameter", ["value"], {"value": ":0", "version": 1}, {"value": ":3", "version": 2}, []),
        ("aws_ssm_parameter", [], {"value": ":0"}, {"value": ":3"}, ["value"]),
        ("kubernetes_config_map_v1", ["data"], {"data": {"a": "1"}}, {"data": {"a": "2", "b": "3"}}, []),
        ("kubernetes_config_map_v1", ["data"], {"data": {"a": "1"}, "x": 1}, {"data": {"a": "2"}, "x": 2}, ["x"]),
        ("kubernetes_deployment_v1", ["spec[0].replicas"], {"spec": [{"replicas": "1"}]}, {"spec": [{"replicas": "3"}]}, []),
        (
            "kubernetes_deployment_v1",
            ["spec[0].replicas"],
            {"spec": [{"replicas": "1", "paused": False}]},
            {"spec": [{"replicas": "3", "paused": True}]},
            ["spec"],
        ),
        (
            "kubernetes_deployment_v1",
            [],
            {"metadata": [{"generation": 1, "name": "a"}]},
            {"metadata": [{"generation": 2, "name": "a"}]},
            [],
        ),
        ("kubernetes_deployment_v1", [], {"metadata": [{"labels": {}}]}, {"metadata": [{"labels": {"x": "y"}}]}, ["metadata"]),
        (
            "aws_eks_node_group",
            ["scaling_config[0].desired_size"],
            {"scaling_config": [{"desired_size": 1}]},
            {"scaling_config": []},
            ["scaling_config"],
        ),
        ("aws_vpc", ["gone.too[1]"], {"cidr": "a"}, {"cidr": "b"}, ["cidr"]),
    ],
)
def test_what_the_stack_leaves_to_others_is_no_drift(kind: str, paths: list[str], before: Any, after: Any, expected: list[str]) -> None:
    document = {"resource": {kind: {"main": {"lifecycle": {"ignore_changes": paths}} if paths else {}}}}
    found = drifted({"resource_drift": [entry(["update"], before, after, kind=kind)]}, ignored(document))
    assert [attribute.name for change in found for attribute in change.attributes] == expected


def test_a_deleted_resource_is_drift_whatever_is_ignored() -> None:
    found = drifted({"resource_drift": [entry(["delete"], {"value": "1"}, None)]}, {"aws_vpc.main": ("value",)})
    assert [change.action for change in found] == ["delete"]


def test_long_values_are_cut_and_secrets_hidden() -> None:
    (change,) = planned({"resource_changes": [entry(["update"], {"a": "x" * 500, "b": "1"}, {"a": "y", "b": "ghp_" + "a1B2" * 10})]})
    assert [len(each.old) <= 100 for each in change.attributes] == [True, True]
    assert "a1B2" not in change.attributes[1].new


@pytest.mark.parametrize("document", [{}, {"resource_changes": None, "resource_drift": None}])
def test_a_plan_without_either_is_empty(document: dict[str, Any]) -> None:
    assert planned(document) == drifted(document) == ()


@pytest.mark.parametrize(
    ("kind", "actions", "loses"),
    [
        ("aws_efs_file_system", ["delete", "create"], True),
        ("aws_s3_bucket", ["delete"], True),
        ("aws_kms_key", ["update"], False),
        ("aws_vpc", ["delete"], False),
    ],
)
def test_data_at_risk(kind: str, actions: list[str], loses: bool) -> None:
    (change,) = planned({"resource_changes": [entry(actions, {"a": 1}, {"a": 2}, kind=kind)]})
    assert change.loses_data is loses


def test_long_texts_are_cut_around_what_differs() -> None:
    same = "a" * 300
    (change,) = planned({"resource_changes": [entry(["update"], {"a": f"{same}old"}, {"a": f"{same}new"})]})
    assert [(each.old, each.new) for each in change.attributes] == [(f"…{'a' * 30}old", f"…{'a' * 30}new")]
