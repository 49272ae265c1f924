"""The API of the rehearsal's cluster, asked by Kubernetes' own client: objects, lists, parts, discovery."""

from __future__ import annotations

import pytest
from kubernetes import client
from kubernetes.dynamic import DynamicClient

from tests.unit.cluster.api_support import NAME, REGION, Served, client_of, config_map, deployment, refusal, served, served_process

__all__ = ["served", "served_process"]


def test_the_life_of_an_object(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    made = core.create_namespaced_config_map("dcv", config_map("display", node=":0"))
    read = core.read_namespaced_config_map("display", "dcv")
    assert (read.data, read.metadata.uid) == ({"node": ":0"}, made.metadata.uid)
    assert read.metadata.creation_timestamp is not None
    read.data["node"] = ":1"
    changed = core.replace_namespaced_config_map("display", "dcv", read)
    assert int(changed.metadata.resource_version) > int(made.metadata.resource_version)
    same = core.replace_namespaced_config_map("display", "dcv", changed)
    assert same.metadata.resource_version == changed.metadata.resource_version
    core.delete_namespaced_config_map("display", "dcv")
    assert refusal(lambda: core.read_namespaced_config_map("display", "dcv"))[:2] == (404, "NotFound")


def test_a_generation_is_of_the_spec_alone(served: Served) -> None:
    apps = client.AppsV1Api(served.client)
    assert apps.create_namespaced_deployment("dcv", deployment()).metadata.generation == 1
    labelled = apps.patch_namespaced_deployment("dcv-seats", "dcv", {"metadata": {"labels": {"a": "b"}}})
    assert labelled.metadata.generation == 1
    assert apps.patch_namespaced_deployment("dcv-seats", "dcv", {"spec": {"replicas": 3}}).metadata.generation == 2


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ({}, ["a", "b", "c"]),
        ({"label_selector": "tier=hub"}, ["a"]),
        ({"label_selector": "tier==hub"}, ["a"]),
        ({"label_selector": "tier!=hub"}, ["b", "c"]),
        ({"label_selector": "tier in (hub, desk)"}, ["a", "b"]),
        ({"label_selector": "tier notin (hub)"}, ["b", "c"]),
        ({"label_selector": "tier notin (hub),size"}, ["b"]),
        ({"label_selector": "!tier"}, ["c"]),
        ({"label_selector": "tier,size=2"}, ["b"]),
        ({"field_selector": "metadata.name=b"}, ["b"]),
        ({"field_selector": "metadata.name!=b,metadata.namespace=dcv"}, ["a", "c"]),
        ({"label_selector": "tier", "field_selector": "metadata.name=c"}, []),
    ],
)
def test_selectors(served: Served, selector: dict[str, str], found: list[str]) -> None:
    core = client.CoreV1Api(served.client)
    for name, labels in (("a", {"tier": "hub"}), ("b", {"tier": "desk", "size": "2"}), ("c", None)):
        core.create_namespaced_config_map("dcv", config_map(name, labels))
    assert [each.metadata.name for each in core.list_namespaced_config_map("dcv", **selector).items] == found
    assert [each.metadata.name for each in core.list_config_map_for_all_namespaces(**selector).items] == found
    assert core.list_namespaced_config_map("default", **selector).items == []
    core.create_namespaced_config_map("default", config_map("b", {"tier": "hub", "size": "2"}))
    core.delete_collection_namespaced_config_map("dcv", **selector)
    assert len(core.list_namespaced_config_map("default").items) == 1
    assert len(core.list_namespaced_config_map("dcv").items) == 3 - len(found)


def test_a_selector_nobody_can_read(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    code, reason, message = refusal(lambda: core.list_namespaced_config_map("dcv", label_selector="a=(b"))
    assert (code, reason) == (400, "BadRequest")
    assert "a=(b" in message


def test_there_is_no_such_cluster(served: Served) -> None:
    elsewhere = client.CoreV1Api(client_of(served.url.replace(f"{REGION}/{NAME}", f"{REGION}/other")))
    assert "other" in refusal(elsewhere.list_namespace)[2]


def test_scaling(served: Served) -> None:
    apps = client.AppsV1Api(served.client)
    apps.create_namespaced_deployment("dcv", deployment(replicas=None))
    scale = apps.read_namespaced_deployment_scale("dcv-seats", "dcv")
    assert (scale.spec.replicas, scale.status.selector) == (1, "app.kubernetes.io/name=dcv-seats")
    apps.patch_namespaced_deployment_scale("dcv-seats", "dcv", {"spec": {"replicas": 0}})
    assert apps.read_namespaced_deployment("dcv-seats", "dcv").spec.replicas == 0
    assert refusal(lambda: apps.replace_namespaced_deployment_scale("dcv-seats", "dcv", scale))[0] == 409
    scale.metadata.resource_version, scale.spec.replicas = None, 2
    assert apps.replace_namespaced_deployment_scale("dcv-seats", "dcv", scale).spec.replicas == 2


@pytest.mark.parametrize(("account", "ready"), [("default", 2), ("nobody", 0)])
def test_a_rollout_needs_what_its_pods_name(served: Served, account: str, ready: int) -> None:
    apps = client.AppsV1Api(served.client)
    status = apps.create_namespaced_deployment("dcv", deployment(replicas=2, account=account)).status
    assert (status.replicas, status.ready_replicas, status.observed_generation) == (2, ready, 1)


def test_a_status_is_told_by_its_own_path_alone(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    node = {"metadata": {"name": "n", "labels": {"usage": "visualization"}}, "status": {"phase": "Running"}}
    made = core.create_node(node)
    assert made.status is None
    ready = {"type": "Ready", "status": "True"}
    told = core.patch_node_status("n", {"status": {"conditions": [ready]}, "metadata": {"labels": {"usage": "other"}}})
    assert [each.type for each in told.status.conditions] == ["Ready"]
    assert told.metadata.labels == {"usage": "visualization"}
    assert int(told.metadata.resource_version) > int(made.metadata.resource_version)
    assert core.patch_node("n", {"status": {"conditions": []}}).status.conditions[0].status == "True"


def test_what_the_server_says_is_not_taken_from_a_client(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    metadata = {"generateName": "seat-", "uid": "mine", "generation": 7, "annotations": {}}
    made = core.create_namespaced_secret("dcv", {"metadata": metadata, "stringData": {"user": "ada"}})
    assert made.metadata.name.startswith("seat-")
    assert len(made.metadata.name) == len("seat-") + 5
    assert made.metadata.uid != "mine"
    assert made.metadata.generation is None
    assert (made.data, made.string_data) == ({"user": "YWRh"}, None)


def test_a_dry_run_leaves_nothing(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    assert core.create_namespaced_config_map("dcv", config_map("a"), dry_run="All").metadata.name == "a"
    assert core.list_namespaced_config_map("dcv").items == []
    core.create_namespaced_config_map("dcv", config_map("a", k="v"))
    assert core.patch_namespaced_config_map("a", "dcv", {"data": {"k": "w"}}, dry_run="All").data == {"k": "w"}
    core.delete_namespaced_config_map("a", "dcv", dry_run="All")
    assert core.read_namespaced_config_map("a", "dcv").data == {"k": "v"}


def test_a_namespace_takes_with_it_what_terraform_does_not_know(served: Served) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespace({"metadata": {"name": "mine"}})
    core.create_namespaced_config_map("mine", config_map("a"))
    core.delete_namespace("mine")
    assert "mine" not in [each.metadata.name for each in core.list_namespace().items]
    assert core.list_config_map_for_all_namespaces().items == []


def test_discovery(served: Served) -> None:
    found = DynamicClient(served.client).resources
    config_maps, deployments = found.get(api_version="v1", kind="ConfigMap"), found.get(api_version="apps/v1", kind="Deployment")
    assert (config_maps.name, config_maps.namespaced, config_maps.short_names) == ("configmaps", True, ["cm"])
    assert {"scale", "status"} <= set(deployments.subresources)
    assert found.get(kind="StorageClass", api_version="storage.k8s.io/v1").get(name="gp2").provisioner == "kubernetes.io/aws-ebs"
    assert client.VersionApi(served.client).get_code().minor == "35"


def test_custom_resources_come_with_their_chart(served: Served) -> None:
    custom = client.CustomObjectsApi(served.client)
    assert refusal(lambda: custom.list_cluster_custom_object("karpenter.sh", "v1", "nodepools"))[0] == 404
    served.world.custom_kinds["NodePool"] = ("karpenter.sh", "karpenter-crd", "0.0.0")
    assert custom.list_cluster_custom_object("karpenter.sh", "v1", "nodepools")["items"] == []
    pool = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "desk"}, "spec": {}}
    custom.create_cluster_custom_object("karpenter.sh", "v1", "nodepools", pool)
    assert custom.get_cluster_custom_object("karpenter.sh", "v1", "nodepools", "desk")["metadata"]["generation"] == 1
    assert "karpenter.sh" in [group.name for group in client.ApisApi(served.client).get_api_versions().groups]


@pytest.mark.parametrize(
    ("request_", "fails"),
    [
        ("GET /api/v1/namespaces/dcv/configmaps/display", True),
        ("* /api/v1/namespaces/dcv/*", True),
        ("PATCH *", False),
        ("GET /api/v1/namespaces/hub/*", False),
    ],
)
def test_requests_fail_when_somebody_asks_for_it(served: Served, request_: str, fails: bool) -> None:
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", config_map("display"))
    asked = {"fail_request": request_, "code": 401, "with": "the token has expired", "times": 2}
    assert served.worlds.edit(asked) == {"edited": True}
    for _ in range(2 if fails else 0):
        assert refusal(lambda: core.read_namespaced_config_map("display", "dcv")) == (401, "Unauthorized", "the token has expired")
    core.read_namespaced_config_map("display", "dcv")
    served.worlds.edit({**asked, "times": 0})
    served.worlds.edit({"mend": True})
    core.read_namespaced_config_map("display", "dcv")


def test_no_fault_without_a_code_of_one(served: Served) -> None:
    assert served.worlds.edit({"fail_request": "GET *", "code": 200}) == {"error": "200 is no code of a failure"}
