"""The cluster behind the stand-ins refuses what an API server, its controllers and Helm would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.worlds import Endpoint, Worlds
from modules.rehearsal.standin.backend import Values
from modules.rehearsal.standin.wire import UNKNOWN
from tests.unit.cluster.support import (
    HOST,
    NAMESPACE,
    claim,
    config_map,
    make,
    make_backend,
    meta,
    namespace,
    needs_schemas,
    refusal,
    release,
    service,
    storage_class,
    volume,
    workload,
)

CONFIG_MAP, SERVICE = "kubernetes_config_map_v1", "kubernetes_service_v1"
VOLUME, CLAIM, CLASS = "kubernetes_persistent_volume_v1", "kubernetes_persistent_volume_claim_v1", "kubernetes_storage_class_v1"
LB = "aws-load-balancer-controller"


@pytest.fixture
def worlds() -> Worlds:
    """No cluster yet."""
    return Worlds()


@pytest.fixture
def backend(worlds: Worlds) -> ClusterBackend:
    """A provider of an empty cluster."""
    return make_backend(worlds)


def test_a_fresh_cluster_is_as_eks_makes_it(worlds: Worlds) -> None:
    worlds.at(HOST)
    objects = next(iter(worlds.dump().values()))["objects"]
    assert sorted(each["metadata"]["name"] for each in objects if each["kind"] == "Namespace") == [
        "default", "kube-node-lease", "kube-public", "kube-system",
    ]  # fmt: skip
    [gp2] = [each for each in objects if each["kind"] == "StorageClass"]
    assert gp2["metadata"] == {"name": "gp2"}


def test_namespaces_come_first_and_go_last(backend: ClusterBackend) -> None:
    assert refusal(make, backend, CONFIG_MAP, config_map("code", "hub")).startswith('namespaces "hub" not found')
    assert "installation failed" in refusal(make, backend, "helm_release", release("metrics-server", within="hub"))
    hub = make(backend, NAMESPACE, namespace("hub"))
    code = make(backend, CONFIG_MAP, config_map("code", "hub"))
    assert refusal(make, backend, CONFIG_MAP, config_map("code", "hub")).startswith('configmaps "code" already exists')
    assert "still holds ConfigMap/hub/code" in refusal(backend.delete, NAMESPACE, hub)
    backend.delete(CONFIG_MAP, code)
    backend.delete(NAMESPACE, hub)
    assert backend.read(NAMESPACE, hub) is None


def test_create_namespace_of_a_release(backend: ClusterBackend) -> None:
    make(backend, "helm_release", {**release("metrics-server", within="metrics"), "create_namespace": True})
    assert backend.find(NAMESPACE, "metrics") is not None


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (claim("homes", "hub", "homes"), ""),
        (claim("homes", "hub", "other"), 'persistentvolume "other" not found'),
        (claim("homes", "hub", "homes", size="2Ti"), "requested PV is too small: 1Ti < 2Ti"),
        (claim("homes", "hub", "homes", storage_class="gp2"), "storageClassName does not match"),
        (claim("homes", "hub", None, storage_class="gp2"), "waits for the first pod"),
        (claim("homes", "hub", None, storage_class="fast"), 'storageclass.storage.k8s.io "fast" not found'),
        (claim("homes", "hub", None, storage_class="gp2", wait=False), ""),
    ],
)
def test_a_claim_binds_to_its_volume_alone(backend: ClusterBackend, wanted: Values, says: str) -> None:
    make(backend, NAMESPACE, namespace("hub"))
    make(backend, VOLUME, volume("homes"))
    if says:
        assert says in refusal(make, backend, CLAIM, wanted)
    else:
        make(backend, CLAIM, wanted)


def test_a_volume_is_held_by_its_claim_and_not_bound_again(backend: ClusterBackend) -> None:
    make(backend, NAMESPACE, namespace("hub"))
    homes, bound = make(backend, VOLUME, volume("homes")), make(backend, CLAIM, claim("homes", "hub", "homes"))
    assert "pv-protection" in refusal(backend.delete, VOLUME, homes)
    assert "volume is Bound" in refusal(make, backend, CLAIM, claim("again", "hub", "homes"))
    backend.delete(CLAIM, bound)
    assert "volume is Released" in refusal(make, backend, CLAIM, claim("again", "hub", "homes"))
    backend.delete(VOLUME, homes)


def test_a_load_balancer_needs_its_controller_all_its_life(backend: ClusterBackend) -> None:
    assert "no controller" in refusal(make, backend, SERVICE, service("proxy-public", "default"))
    make(backend, SERVICE, service("internal", "default", "ClusterIP"))
    controller = make(backend, "helm_release", release(LB))
    public = make(backend, SERVICE, service("proxy-public", "default"))
    host = public["status"][0]["load_balancer"][0]["ingress"][0]["hostname"]
    assert host.startswith("k8s-default-proxypub-")
    assert host.endswith(".elb.us-east-2.amazonaws.com")
    assert backend.read(SERVICE, public) == public
    backend.delete("helm_release", controller)
    assert "service.k8s.aws/resources" in refusal(backend.delete, SERVICE, public)


def test_one_default_class(backend: ClusterBackend) -> None:
    make(backend, CLASS, storage_class("gp3", default=True))
    assert "second default" in refusal(make, backend, CLASS, storage_class("gp4", default=True))
    patch = {
        "id": UNKNOWN,
        "api_version": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": [{"name": "gp2", "namespace": None}],
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    }
    assert "second default" in refusal(make, backend, "kubernetes_annotations", patch)
    patch["annotations"] = {"storageclass.kubernetes.io/is-default-class": "false"}
    written = make(backend, "kubernetes_annotations", patch)
    assert backend.read("kubernetes_annotations", written) == written
    assert "does not exist" in refusal(make, backend, "kubernetes_annotations", {**patch, "metadata": [{"name": "gp9"}]})


@needs_schemas
def test_custom_resources_need_their_crds_and_controller(backend: ClusterBackend) -> None:
    pools = {"nodePools": {"default": {"spec": {"weight": 1}}}, "nodeClasses": {}}
    charts = {"chart": "./charts/nodepools", "version": None}
    wanted = {**release("nodepools", **pools), **charts}
    assert 'no matches for kind "NodePool" in version "karpenter.sh/v1"' in refusal(make, backend, "helm_release", wanted)
    crds = make(backend, "helm_release", release("karpenter-crd", "1.14.1"))
    assert "spec: 'template' is a required property" in refusal(make, backend, "helm_release", wanted)
    controller = make(backend, "helm_release", release("karpenter", "1.14.1"))
    installed = make(
        backend, "helm_release", {**wanted, "values": [json.dumps({"nodePools": {"default": {"spec": POOL}}, "nodeClasses": {}})]}
    )
    assert (installed["version"], installed["status"]) == (CHART["version"], "deployed")
    assert "are in use: NodePool//default" in refusal(backend.delete, "helm_release", crds)
    backend.delete("helm_release", controller)
    assert "its finalizer needs the release karpenter" in refusal(backend.delete, "helm_release", installed)
    make(backend, "helm_release", release("karpenter", "1.14.1"))
    backend.delete("helm_release", installed)
    backend.delete("helm_release", crds)


CHART = yaml.safe_load((Path(__file__).parents[3] / "helm" / "nodepools" / "Chart.yaml").read_text())
POOL = {
    "template": {
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
            "requirements": [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]}],
        }
    }
}


def test_a_release_is_made_once_and_upgraded(backend: ClusterBackend) -> None:
    first = make(backend, "helm_release", release("metrics-server", a=1))
    assert (first["id"], first["metadata"]["revision"], first["metadata"]["values"]) == ("metrics-server", 1, '{"a": 1}')
    assert "still in use" in refusal(make, backend, "helm_release", release("metrics-server"))
    wanted = {**release("metrics-server", "1.1.0", a=2)}
    second, _ = backend.update("helm_release", first, wanted, wanted)
    assert (second["metadata"]["revision"], second["metadata"]["version"]) == (2, "1.1.0")
    assert backend.read("helm_release", second) == second


@needs_schemas
def test_wrong_values_are_refused_and_nothing_is_left(backend: ClusterBackend, worlds: Worlds) -> None:
    wanted = release("karpenter", "1.14.1", settings={"clusterNam": "demo"})
    [problem] = backend.validate("helm_release", wanted)
    assert 'did you mean "clusterName"?' in problem.summary
    assert "settings.clusterNam" in refusal(make, backend, "helm_release", wanted)
    assert worlds.summary()["releases"] == []
    assert backend.validate("helm_release", {**wanted, "values": UNKNOWN}) == ()


def test_an_unchanged_object_reads_as_it_was_and_a_changed_one_does_not(backend: ClusterBackend, worlds: Worlds) -> None:
    state = make(backend, CONFIG_MAP, config_map("code", "default", a="1"))
    assert backend.read(CONFIG_MAP, state) == state
    assert worlds.edit({"set": "ConfigMap/default/code", "path": ["data", "a"], "to": "2"}) == {"edited": True}
    drifted = backend.read(CONFIG_MAP, state)
    assert drifted is not None
    assert drifted["data"] == {"a": "2"}
    assert drifted["metadata"][0]["resource_version"] > state["metadata"][0]["resource_version"]
    assert worlds.edit({"remove": "ConfigMap/default/code"}) == {"edited": True}
    assert backend.read(CONFIG_MAP, state) is None


def test_failures_happen_as_often_as_asked(backend: ClusterBackend, worlds: Worlds) -> None:
    worlds.at(HOST)
    worlds.edit({"fail": "create ConfigMap/default/code", "with": "etcdserver: request timed out", "times": 1})
    assert refusal(make, backend, CONFIG_MAP, config_map("code", "default")).startswith("etcdserver: request timed out")
    make(backend, CONFIG_MAP, config_map("code", "default"))


@pytest.mark.parametrize(
    "document", [{}, {"remove": "ConfigMap/default/none"}, {"fail": "eat ConfigMap/default/a"}, {"set": "ConfigMap/a/b"}, {"host": "none"}]
)
def test_an_edit_that_means_nothing_says_so(worlds: Worlds, document: dict[str, object]) -> None:
    worlds.at(HOST)
    assert "error" in worlds.edit(document)


def test_nobody_answers_when_the_cluster_is_gone() -> None:
    there = {"up": True}
    worlds = Worlds(lambda _host: Endpoint("us-east-2", "1.35") if there["up"] else None)
    backend = make_backend(worlds)
    state = make(backend, CONFIG_MAP, config_map("code", "default"))
    there["up"] = False
    calls: tuple[Callable[[], object], ...] = (
        lambda: backend.read(CONFIG_MAP, state),
        lambda: backend.delete(CONFIG_MAP, state),
        lambda: make(backend, CONFIG_MAP, config_map("b", "default")),
    )
    for call in calls:
        assert "dial tcp: lookup abc.gr7.us-east-2.eks.amazonaws.com: no such host" in refusal(call)
    there["up"] = True
    assert backend.read(CONFIG_MAP, state) is None, "a new cluster at the same address is a new cluster"


def test_a_provider_whose_address_is_not_known_reaches_nobody(worlds: Worlds) -> None:
    backend = ClusterBackend(worlds)
    backend.configure("helm", {"kubernetes": {"host": UNKNOWN}})
    assert "connection refused" in refusal(make, backend, "helm_release", release("metrics-server"))


def test_what_is_write_only_is_in_the_secret_alone(backend: ClusterBackend, worlds: Worlds, capfd: pytest.CaptureFixture[str]) -> None:
    canary = "canary-5e1f"
    planned = {
        "id": UNKNOWN,
        "metadata": meta("credentials", "default"),
        "type": "Opaque",
        "data": None,
        "data_wo": None,
        "data_wo_revision": 1,
    }
    config = {**planned, "data_wo": {"client-secret": canary}}
    state, problems = backend.create("kubernetes_secret_v1", planned, config)
    read = backend.read("kubernetes_secret_v1", state)
    # The same revision: what is offered now is not taken.
    backend.update("kubernetes_secret_v1", state, state, {**config, "data_wo": {"client-secret": "other"}})
    shown = json.dumps([read, worlds.dump(), worlds.summary()]) + repr((state, problems)) + "".join(capfd.readouterr())
    encoded = "Y2FuYXJ5LTVlMWY="
    assert canary not in shown
    assert encoded not in shown
    assert '"client-secret": null' in shown
    assert encoded in json.dumps(worlds.dump(secrets=True))
    later, _ = backend.update(
        "kubernetes_secret_v1", state, {**state, "data_wo_revision": 2}, {**config, "data_wo": {"client-secret": "other"}}
    )
    assert encoded not in json.dumps(worlds.dump(secrets=True))
    assert later["metadata"][0]["resource_version"] > state["metadata"][0]["resource_version"]


@needs_schemas
def test_the_summary_counts(backend: ClusterBackend, worlds: Worlds) -> None:
    make(backend, "helm_release", release("karpenter-crd", "1.14.1"))
    make(backend, "helm_release", release("karpenter", "1.14.1", settings={"clusterName": "demo"}))
    make(backend, "helm_release", release("homegrown", a=1))
    pools = {**release("nodepools", nodePools={"default": {"spec": POOL}}, nodeClasses={}), "chart": "./charts/nodepools"}
    make(backend, "helm_release", pools)
    summary = worlds.summary()
    assert summary["checked"]["values"] == 2
    assert summary["checked"]["rules"] > 10
    assert [each.partition(":")[0] for each in summary["unchecked"] if "nodepools" not in each] == ["homegrown"]
    assert "kube-system/karpenter karpenter 1.14.1" in summary["releases"]


@pytest.mark.parametrize(
    ("pod", "says"),
    [
        ({}, ""),
        ({"service_account_name": "user"}, 'ServiceAccount "user" not found'),
        ({"volume": [{"name": "a", "config_map": [{"name": "code"}]}]}, 'ConfigMap "code" not found'),
        ({"volume": [{"name": "a", "secret": [{"secret_name": "keys"}]}]}, 'Secret "keys" not found'),
        ({"volume": [{"name": "a", "secret": [{"secret_name": "keys", "optional": True}]}]}, ""),
        ({"volume": [{"name": "a", "persistent_volume_claim": [{"claim_name": "homes"}]}]}, 'PersistentVolumeClaim "homes" not found'),
    ],
)
def test_pods_need_what_they_name(backend: ClusterBackend, pod: Values, says: str) -> None:
    kind = "kubernetes_deployment_v1"
    if not says:
        make(backend, kind, workload(pod))
        return
    assert says in refusal(make, backend, kind, workload(pod))
    make(backend, kind, {**workload(pod), "wait_for_rollout": False})


def test_an_import_gives_back_what_terraform_had(worlds: Worlds, backend: ClusterBackend) -> None:
    make(backend, NAMESPACE, namespace("hub"))
    for kind, values, name in (
        (SERVICE, service("public", "hub", "ClusterIP"), "hub/public"),
        (CONFIG_MAP, config_map("code", "hub"), "hub/code"),
    ):
        state = make(backend, kind, values)
        assert backend.find(kind, name) == state
        assert backend.read(kind, state) == state
