"""A namespace that does not go: the objects, the finalizers, whose they are. Looking changes nothing."""

from __future__ import annotations

import pytest

from modules.ops.teardown.finalizers import owner_of
from modules.ops.teardown.namespaces import Held, Stuck, explain, stuck, stuck_in_words
from modules.rehearsal.cluster.world import Key
from tests.unit.ops_teardown.conftest import HUB, Lab

OWNERS = [
    ("karpenter.sh/termination", "karpenter"),
    ("karpenter.k8s.aws/termination", "karpenter"),
    ("service.k8s.aws/resources", "aws-load-balancer-controller"),
    ("group.ingress.k8s.aws/team", "aws-load-balancer-controller"),
    ("kubernetes.io/pvc-protection", "kube-controller-manager"),
    ("kubernetes.io/pv-protection", "kube-controller-manager"),
    ("ray.io/gcs-ft-redis-cleanup-finalizer", "kuberay-operator"),
    ("foregroundDeletion", "the garbage collector"),
    ("example.com/hold", "an unknown program"),
]


@pytest.mark.parametrize(("finalizer", "who"), OWNERS)
def test_whose_a_finalizer_is(finalizer: str, who: str) -> None:
    found = owner_of(finalizer)
    assert found.who == who
    assert found.needs


def test_what_holds_a_namespace_is_named_with_its_owner(lab: Lab) -> None:
    lab.put("ConfigMap", HUB, "plain")
    lab.put("RayCluster", HUB, "mine", metadata={"finalizers": ["example.com/hold"]})
    assert (stuck(lab.api, {HUB}), explain(lab.api, HUB)) == ((), None), "nobody asked it to go"
    lab.api.ask("DELETE", f"/api/v1/namespaces/{HUB}", "delete it")
    assert stuck(lab.api, {HUB, "team", "none"}) == (HUB,)
    found = explain(lab.api, HUB)
    assert found is not None
    assert found.held == (Held("RayCluster", "mine", "example.com/hold"),)
    text = "\n".join(found.lines)
    assert f"namespace {HUB} is Terminating" in text
    assert "RayCluster mine waits for an unknown program to take off example.com/hold" in text
    assert "the cluster says: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances" in text
    assert "Nothing is forced" in text
    assert found.short == f"namespace {HUB} is Terminating, held by RayCluster mine (example.com/hold, of an unknown program)"
    assert lab.names("RayCluster") == ["mine"]


def test_it_goes_when_the_finalizer_is_taken_off(lab: Lab) -> None:
    lab.put("ConfigMap", HUB, "held", metadata={"finalizers": ["example.com/hold"]})
    lab.api.ask("DELETE", f"/api/v1/namespaces/{HUB}", "delete it")
    body = {"metadata": {"finalizers": None}}
    lab.api.ask("PATCH", f"/api/v1/namespaces/{HUB}/configmaps/held", "let go", body=body, kind="application/merge-patch+json")
    assert Key("Namespace", "", HUB) not in lab.world.objects
    assert explain(lab.api, HUB) is None


def test_a_removal_explains_only_its_own(lab: Lab) -> None:
    for namespace in (HUB, "team"):
        lab.put("ConfigMap", namespace, "held", metadata={"finalizers": ["example.com/hold"]})
    inside = lab.look()
    for namespace in (HUB, "team"):
        lab.api.ask("DELETE", f"/api/v1/namespaces/{namespace}", "delete it")
    assert [each.namespace for each in inside.explained()] == [HUB]


def test_an_api_that_is_gone_is_another_cause() -> None:
    blind = Stuck("x", ("Discovery failed for some groups: custom.metrics.k8s.io/v1beta1",), (), blind=True)
    assert "kubectl get apiservices" in blind.lines[-1]
    many = Stuck("x", (), tuple(Held("Pod", f"p{number}", "a/b") for number in range(20)))
    assert "  and 8 objects more" in many.lines


def test_a_status_says_it_in_a_line(lab: Lab) -> None:
    assert stuck_in_words(lab.api, {HUB}) == []
    lab.put("ConfigMap", HUB, "held", metadata={"finalizers": ["karpenter.sh/other"]})
    lab.world.releases.clear()
    lab.api.ask("DELETE", f"/api/v1/namespaces/{HUB}", "delete it")
    (line,) = stuck_in_words(lab.api, {HUB, "team"})
    assert line == f"namespace {HUB} is Terminating, held by ConfigMap held (karpenter.sh/other, of karpenter)"
