"""Reading a cluster's answers: old API versions in use, budgets, images, and what is said when an answer is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from modules.catalog.eks import VERSIONS
from modules.catalog.removed_apis import CHECKED, REMOVED, instead_of
from modules.common.errors import HubError
from modules.ops.upgrade import gather_cluster
from modules.ops.upgrade.facts import ApiUse, Budget
from modules.ops.upgrade.versions import minor

_COUNT = "apiserver_requested_deprecated_apis"
METRICS = "\n".join(
    (
        f"# HELP {_COUNT} Gauge of deprecated APIs that have been requested",
        f'{_COUNT}{{group="flowcontrol.apiserver.k8s.io",removed_release="1.32",resource="flowschemas",version="v1beta3"}} 1',
        f'{_COUNT}{{group="",removed_release="",resource="endpoints",version="v1"}} 1',
        'apiserver_request_total{group="policy",version="v1beta1"} 1',
    )
)


@dataclass
class FakeApi:
    """answers: by path; an exception is raised. Everything else is not there."""

    answers: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "application/json") -> bytes | None:
        return self._answer(path, None)

    def items(self, path: str, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._answer(path, [])
        return found

    def _answer(self, path: str, missing: Any) -> Any:
        found = self.answers.get(path, missing)
        if isinstance(found, Exception):
            raise found
        return found


def written(name: str, *managers: tuple[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": name, "managedFields": [{"manager": who, "apiVersion": version} for who, version in managers]}}


FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas"
OLD, NEW = "flowcontrol.apiserver.k8s.io/v1beta3", "flowcontrol.apiserver.k8s.io/v1"


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ([], []),
        ([written("teaching", ("helm", OLD))], ["teaching was written with it by helm"]),
        ([written("a", ("helm", OLD)), written("b", ("kubectl", OLD))], ["a was written with it by helm and 1 more"]),
        ([written("teaching", ("helm", NEW))], []),
        ([written("catch-all", ("api-priority-and-fairness-config-producer-v1", OLD))], []),
        ([{"metadata": {"name": "bare"}}], []),
    ],
    ids=["none", "one", "two", "moved on", "the server's own", "without a trace"],
)
def test_objects_written_with_an_api_that_goes(found: list[dict[str, Any]], seen: list[str]) -> None:
    unread: list[str] = []
    uses = gather_cluster.api_uses(FakeApi({FLOWS: found}), "1.31", "1.32", unread)
    assert [each.seen for each in uses] == seen
    assert {(each.removed, each.instead) for each in uses} <= {("1.32", NEW)}
    assert unread == []


def test_only_apis_that_go_on_the_way_are_looked_for() -> None:
    assert gather_cluster.api_uses(FakeApi({FLOWS: [written("x", ("helm", OLD))]}), "1.35", "1.36", []) == ()


def test_the_api_servers_own_count() -> None:
    [use] = gather_cluster.api_uses(FakeApi({"/metrics": METRICS.encode()}), "1.31", "1.32", [])
    assert use == ApiUse(f"{OLD} flowschemas", "1.32", "the API server has been asked for it since it started", NEW)


def test_refusals_are_said() -> None:
    unread: list[str] = []
    api = FakeApi(
        {"/metrics": HubError("could not read the API server's metrics: forbidden"), FLOWS: HubError("could not read flowschemas")}
    )
    assert gather_cluster.api_uses(api, "1.31", "1.32", unread) == ()
    assert unread == [
        "which old API versions are asked for was not looked at: could not read the API server's metrics: forbidden",
        "could not read flowschemas",
    ]


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        (
            {"minAvailable": 1},
            {"disruptionsAllowed": 0, "expectedPods": 1, "currentHealthy": 1},
            Budget("hub", "db", "minAvailable 1", 0, 1, 1),
        ),
        ({"maxUnavailable": "50%"}, {"disruptionsAllowed": 1, "expectedPods": 2}, Budget("hub", "db", "maxUnavailable 50%", 1, 2, 0)),
        ({}, {}, Budget("hub", "db", "no rule", 1, 0, 0)),
    ],
)
def test_budgets(spec: dict[str, Any], status: dict[str, Any], expected: Budget) -> None:
    document = {"metadata": {"namespace": "hub", "name": "db"}, "spec": spec, "status": status}
    assert gather_cluster.budgets(FakeApi({"/apis/policy/v1/poddisruptionbudgets": [document]})) == (expected,)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("public.ecr.aws/karpenter/controller:1.14.1@sha256:abc", {"karpenter": "1.14.1"}),
        ("public.ecr.aws/karpenter/controller:v1.14.1", {"karpenter": "1.14.1"}),
        ("registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0", {"cluster-autoscaler": "1.35.0"}),
        ("127.0.0.1:5000/cluster-autoscaler", {}),
        ("registry.k8s.io/coredns:v1", {}),
        ("", {}),
    ],
)
def test_controllers(image: str, expected: dict[str, str]) -> None:
    deployment = {"spec": {"template": {"spec": {"containers": [{"image": image}]}}}}
    assert gather_cluster.controllers(FakeApi({"/apis/apps/v1/namespaces/kube-system/deployments": [deployment]})) == expected


def test_pods() -> None:
    running = {
        "metadata": {"name": "a", "namespace": "t"},
        "status": {"phase": "Running"},
        "spec": {"volumes": [{"gitRepo": {}}, {"emptyDir": {}}]},
    }
    ended = {"metadata": {"name": "b", "namespace": "t"}, "status": {"phase": "Succeeded"}}
    server = {"metadata": {"name": "jupyter-c", "namespace": "t", "labels": {"component": "singleuser-server", "x": "y"}}, "spec": {}}
    found = gather_cluster.pods(FakeApi({"/api/v1/pods": [running, ended, server]}))
    assert [each["metadata"]["name"] for each in found] == ["a", "jupyter-c"]
    assert gather_cluster.git_repo_pods(found) == ("t/a",)
    assert [(each.user, each.node, each.since) for each in gather_cluster.servers(found)] == [("jupyter-c", "", None)]


def test_a_node_that_has_not_said_its_version_is_none_yet() -> None:
    nodes = [
        {"metadata": {"name": "new"}, "status": {}},
        {
            "metadata": {"name": "old", "annotations": {gather_cluster.HELD_BY_US: "true"}, "deletionTimestamp": "now"},
            "status": {"nodeInfo": {"kubeletVersion": "v1.35.2"}},
        },
    ]
    [node] = gather_cluster.nodes(FakeApi({"/api/v1/nodes": nodes}))
    assert (node.name, node.is_held, node.is_going) == ("old", True, True)


def test_the_table_of_removed_apis() -> None:
    assert [minor(each.removed) for each in REMOVED] == sorted(minor(each.removed) for each in REMOVED)
    assert len({(each.api_version, each.plural) for each in REMOVED}) == len(REMOVED)
    assert all(each.instead and each.version != each.instead.rpartition("/")[2] for each in REMOVED)
    assert VERSIONS[-1].released <= CHECKED
    assert instead_of("policy", "v1beta1", "poddisruptionbudgets") == "policy/v1"
    assert instead_of("policy", "v9", "poddisruptionbudgets") == ""
