"""Each control of the Pod Security Standards refuses what it is for, at its level and not below, in every kind that makes pods."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.objects import check_object
from modules.rehearsal.verdicts.ours import check_ours
from modules.rehearsal.verdicts.pod_security import CONTROLS, ENFORCE, check_pod_security
from modules.rehearsal.verdicts.schemas import Schemas
from modules.rehearsal.verdicts.tally import Tally
from tests.unit.cluster.support import NAMESPACE, make, make_backend, meta, namespace, refusal, workload

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "manifests" / "pod_security.yaml").read_text())
GOOD, MISTAKES = CASES["good"], CASES["mistakes"]
BELOW = {"restricted": "baseline", "baseline": "privileged"}
WORKLOADS = {
    "DaemonSet": "apps/v1", "Deployment": "apps/v1", "StatefulSet": "apps/v1", "ReplicaSet": "apps/v1", "Job": "batch/v1",
    "CronJob": "batch/v1",
}  # fmt: skip


def enforced(level: str) -> dict[str, dict[str, str]]:
    return {"hub": {ENFORCE: level} if level else {}}


def spoilt(row: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(GOOD)
    value: Any = made
    for part in row["at"][:-1]:
        value = value[part]
    if "to" in row:
        value[row["at"][-1]] = row["to"]
    else:
        del value[row["at"][-1]]
    return made


def in_a(kind: str, pod: dict[str, Any]) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "user"}}, "spec": pod["spec"]}
    job: dict[str, Any] = {"spec": {"template": template}}
    body = {"CronJob": {"schedule": "* * * * *", "jobTemplate": job}, "Job": job["spec"]}
    spec = body.get(kind, {"selector": {"matchLabels": {"app": "user"}}, "template": template})
    return {"apiVersion": WORKLOADS[kind], "kind": kind, "metadata": {"name": "user", "namespace": "hub"}, "spec": spec}


@pytest.mark.parametrize("level", ["", "privileged", "baseline", "restricted"])
def test_a_good_pod_passes_at_every_level(level: str) -> None:
    assert check_object(GOOD, "1.35") == []
    assert check_pod_security(GOOD, enforced(level)) == []


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: f"{row['level']}-{'.'.join(map(str, row['at'][-3:]))}-{row.get('to', 'gone')}")
def test_a_control_refuses_at_its_level_and_not_below(row: dict[str, Any]) -> None:
    pod = spoilt(row)
    assert check_object(pod, "1.35") == [], "the row is about a value that Kubernetes' schema knows"
    found = check_pod_security(pod, enforced(row["level"]))
    end = f"({row['control']}): the namespace hub enforces {row['level']}"
    assert [each for each in found if row["says"] in each and each.endswith(end)], found
    assert len(found) <= 2
    assert check_pod_security(pod, enforced(BELOW[row["level"]])) == []
    if row["level"] == "baseline":
        assert check_pod_security(pod, enforced("restricted"))


def test_no_control_goes_without_a_row() -> None:
    assert {(each.control, each.level) for each in CONTROLS} == {(row["control"], row["level"]) for row in MISTAKES}


@pytest.mark.parametrize("kind", WORKLOADS)
def test_every_kind_that_makes_pods_is_looked_into(kind: str) -> None:
    row = next(each for each in MISTAKES if each["control"] == "HostPath Volumes")
    assert check_pod_security(in_a(kind, GOOD), enforced("restricted")) == []
    [said] = check_pod_security(in_a(kind, spoilt(row)), enforced("baseline"))
    assert said.endswith(f"the namespace hub enforces baseline; its {kind} would be made and never get a pod")
    assert "template.spec.volumes[0].hostPath" in said


def test_what_an_unlabelled_namespace_may_hold_is_ours_to_say() -> None:
    row = next(each for each in MISTAKES if each["control"] == "Privileged Containers")
    assert check_pod_security(spoilt(row), enforced("")) == []
    assert any("not labelled" in each for each in check_ours(spoilt(row), enforced("")))
    for level in ("baseline", "privileged"):
        assert check_ours(spoilt(row), enforced(level)) == [], "one voice a mistake"
    said = [each.summary for each in Judge(Schemas(())).manifest(spoilt(row), Tally(), namespaces=enforced("baseline"))]
    assert len(said) == 1
    assert said[0].startswith("Pod hub/user: spec.containers[0].securityContext.privileged: true")


@pytest.mark.parametrize(("level", "refused"), [("restricted", True), ("baseline", False), ("privileged", False)])
def test_the_cluster_refuses_by_the_label_of_the_namespace(level: str, refused: bool) -> None:
    """On create, and on an update that would break it."""
    backend, kind = make_backend(), "kubernetes_deployment_v1"
    make(backend, NAMESPACE, namespace("hub", **{ENFORCE: level}))
    bare = {**workload({}), "metadata": meta("web", "hub")}
    if refused:
        assert "hub enforces restricted; its Deployment would be made and never get a pod" in refusal(make, backend, kind, bare)
        return
    state = make(backend, kind, bare)
    shared = {**workload({"host_network": True}), "metadata": meta("web", "hub")}
    if level == "privileged":
        backend.update(kind, state, shared, shared)
    else:
        assert "spec.template.spec.hostNetwork: true is none of false" in refusal(backend.update, kind, state, shared, shared)


METADATA: dict[str, Any] = {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}], "ports": [{"port": 80, "protocol": "TCP"}]}


@pytest.mark.parametrize(
    ("level", "pods", "rule", "taken"),
    [
        ("privileged", {"app": "dcv"}, METADATA, True),
        ("restricted", {"app": "dcv"}, METADATA, False),
        ("", {"app": "dcv"}, METADATA, False),
        ("privileged", {}, METADATA, False),
        ("privileged", {"app": "dcv"}, {**METADATA, "ports": []}, False),
        ("privileged", {"app": "dcv"}, {**METADATA, "ports": [{"port": 1, "endPort": 80}]}, False),
        ("privileged", {"app": "dcv"}, {**METADATA, "to": [{"ipBlock": {"cidr": "169.254.0.0/16"}}]}, False),
        ("privileged", {"app": "dcv"}, {**METADATA, "to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, False),
    ],
)
def test_the_metadata_address_is_for_chosen_privileged_pods_by_name(
    level: str, pods: dict[str, str], rule: dict[str, Any], taken: bool
) -> None:
    """A desktop asks it whether it is on EC2, where DCV needs no licence."""
    spec = {"podSelector": {"matchLabels": pods} if pods else {}, "policyTypes": ["Egress"], "egress": [rule]}
    metadata = {"name": "desktop", "namespace": "hub"}
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
    assert (check_ours(policy, enforced(level)) == []) is taken
