"""The objects of a process, whole: Hydroplane's own expectations, with what we add to keep a process apart from the rest."""

from __future__ import annotations

from typing import Any

import pytest

from modules.common import launcher as refs
from modules.launcher.models import ContainerSpec, ProcessSpec
from modules.launcher.protocols import Pool
from modules.launcher.runtime import manifests
from modules.launcher.runtime.labels import moment, owner_id
from modules.launcher.runtime.manifests import Launch
from modules.rehearsal.verdicts.pod_security import check_pod_security

OWNER = owner_id("ann")
LABELS = {"hydroplane/process-id": "basic", "hydroplane/owner-id": OWNER}
NOTES = {"hydroplane/owner": "ann", "hydroplane/launch": "1f"}
PLAIN = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"]
SAFE = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"], "add": PLAIN}}
POD = {
    "restartPolicy": "Always",
    "serviceAccountName": "default",
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
}
CONTAINER: dict[str, Any] = {"name": "basic", "image": "nginx", "env": [], "ports": [], "securityContext": SAFE}


def launch(container: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **decided: Any) -> Launch:
    described = {"process_name": "basic", "container": {"image_uri": "nginx", **(container or {})}, **(spec or {})}
    known = {"id": "1f", "owner": "ann", "namespace": "ns", "service_account": "default", "pool": Pool(), "env_secret": "basic-1f-env"}
    return Launch(spec=ProcessSpec.model_validate(described), **{**known, **decided})


def container_of(wanted: Launch) -> dict[str, Any]:
    return dict(manifests.deployment(wanted)["spec"]["template"]["spec"]["containers"][0])


def test_the_deployment_of_the_basic_process() -> None:
    assert manifests.deployment(launch()) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "basic", "labels": LABELS, "annotations": NOTES},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"hydroplane/process-id": "basic"}},
            "template": {"metadata": {"labels": LABELS}, "spec": {**POD, "containers": [CONTAINER]}},
        },
    }


def test_a_group_is_a_label_of_all_and_of_the_selector() -> None:
    found = manifests.deployment(launch(spec={"group": "chat-clients"}))
    grouped = {**LABELS, "hydroplane/group-id": "chat-clients"}
    assert found["metadata"]["labels"] == grouped
    assert found["spec"]["template"]["metadata"]["labels"] == grouped
    assert found["spec"]["selector"]["matchLabels"] == {"hydroplane/process-id": "basic", "hydroplane/group-id": "chat-clients"}


@pytest.mark.parametrize(
    ("container", "field", "expected"),
    [
        (
            {
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "value": {"secret_name": "s"}},
                    {"name": "C", "value": {"secret_name": "s", "key": "k"}},
                ]
            },
            "env",
            # Hydroplane wrote `secretRef`, which no variable has.
            [
                {"name": "A", "value": "1"},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "basic-1f-env", "key": "B"}}},
                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "basic-1f-env", "key": "C"}}},
            ],
        ),
        (
            {
                "ports": [
                    {"container_port": 7080},
                    {"container_port": 9090, "host_port": 12345},
                    {"container_port": 53, "protocol": "udp", "name": "dns"},
                ]
            },
            "ports",
            [
                {"containerPort": 7080, "protocol": "TCP"},
                {"containerPort": 9090, "protocol": "TCP"},
                {"containerPort": 53, "protocol": "UDP", "name": "dns"},
            ],
        ),
        ({"command": ["sleep", "inf"]}, "command", ["sleep", "inf"]),
        ({"command": []}, "command", None),
        ({}, "resources", None),
        ({"resource_request": {"cpu_vcpu": "3.0", "memory_mib": 256}}, "resources", {"requests": {"cpu": "3.0", "memory": "256Mi"}}),
    ],
)
def test_the_container(container: dict[str, Any], field: str, expected: Any) -> None:
    assert container_of(launch(container)).get(field) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"resource_request": {}}, {}),
        ({"resource_request": {"cpu_vcpu": "0.25"}}, {"requests": {"cpu": "0.25"}}),
        ({"resource_limit": {"memory_mib": 256}}, {"limits": {"memory": "256Mi"}}),
        (
            {"resource_request": {"cpu_vcpu": "1", "memory_mib": 128}, "resource_limit": {"cpu_vcpu": "2.50", "memory_mib": 256}},
            {"requests": {"cpu": "1", "memory": "128Mi"}, "limits": {"cpu": "2.50", "memory": "256Mi"}},
        ),
        ({"resource_limit": {"cpu_vcpu": "1E+2"}}, {"limits": {"cpu": "100"}}),
        ({"resource_limit": {"memory_mib": 0}}, {"limits": {"memory": "0Mi"}}),
    ],
)
def test_resources(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert manifests.resources(ContainerSpec.model_validate({"image_uri": "x", **given})) == expected


@pytest.mark.parametrize(
    ("is_public", "kind"),
    [(True, {"type": "NodePort", "externalTrafficPolicy": "Local"}), (False, {"type": "ClusterIP"})],
)
def test_the_service(is_public: bool, kind: dict[str, str]) -> None:
    ports = [{"container_port": 80, "host_port": 8080}, {"container_port": 53, "protocol": "udp", "name": "dns"}]
    assert manifests.service(launch({"ports": ports}, {"has_public_ip": is_public})) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "basic", "labels": LABELS, "annotations": NOTES},
        "spec": {
            **kind,
            "selector": {"hydroplane/process-id": "basic"},
            "ports": [{"name": "p80-tcp", "port": 80, "protocol": "TCP"}, {"name": "dns", "port": 53, "protocol": "UDP"}],
        },
    }


def test_no_ports_no_service() -> None:
    assert manifests.service(launch()) is None


def test_where_it_runs_is_the_callers_wish_and_the_servers_word() -> None:
    taint = {"key": "public", "operator": "Exists", "effect": "NoSchedule"}
    pool = Pool({"pool": "public"}, (taint,))
    pod = manifests.deployment(launch({"node_selector": {"disk": "ssd"}}, pool=pool))["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"disk": "ssd", "pool": "public"}
    assert pod["tolerations"] == [taint]


def test_strict_is_not_root_and_writes_to_tmp_alone() -> None:
    pod = manifests.deployment(launch(run_as_non_root=True))["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}, "runAsNonRoot": True}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        "readOnlyRootFilesystem": True,
    }
    assert (pod["volumes"], container["volumeMounts"]) == ([{"name": "tmp", "emptyDir": {}}], [{"name": "tmp", "mountPath": "/tmp"}])


@pytest.mark.parametrize(
    ("level", "strict", "passes"),
    [
        (refs.POD_SECURITY, False, True),
        (refs.POD_SECURITY_STRICT, True, True),
        (refs.POD_SECURITY_STRICT, False, False),
    ],
)
def test_the_namespace_can_enforce_its_pod_security_standard(level: str, strict: bool, passes: bool) -> None:
    made = manifests.deployment(launch(run_as_non_root=strict))
    made["metadata"]["namespace"] = "ns"
    found = check_pod_security(made, {"ns": {"pod-security.kubernetes.io/enforce": level}})
    assert (found == []) is passes, found


def test_the_end_is_noted_on_both() -> None:
    ends = moment("2026-11-21T20:00:00+00:00")
    wanted = launch({"ports": [{"container_port": 80}]}, expires=ends)
    for thing in (manifests.deployment(wanted), manifests.service(wanted)):
        assert thing
        assert thing["metadata"]["annotations"]["hydroplane/expires"] == "2026-11-21T20:00:00+00:00"


@pytest.mark.parametrize("name", ["ann", "ann@lab.org", "Ann O'Neil", "-x-", "用户", "a" * 300])
def test_an_owner_is_a_label_and_nobody_elses(name: str) -> None:
    found = owner_id(name)
    assert len(found) <= 63
    assert found[0].isalnum()
    assert found[-1].isalnum()
    assert found != owner_id(name + "x")
