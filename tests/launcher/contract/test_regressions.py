"""What Hydroplane got wrong (seeds 6.10), at the level of the API: one row each."""

from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.launcher.fake_kubernetes import Fault
from tests.launcher.lab import spec
from tests.launcher.service import Service

KINDS = ("Deployment", "Service", "Secret", "Pod")


def left(service: Service) -> dict[str, list[str]]:
    """What is in the cluster, by kind, without what is not there."""
    return {kind: names for kind in KINDS if (names := service.cluster.names(kind))}


def started(client: httpx.Client, document: dict[str, Any]) -> None:
    answer = client.post("/process", json=document)
    assert (answer.status_code, answer.json()) == (201, None), answer.text


def listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    answer = client.get("/process")
    assert answer.status_code == 200, answer.text
    return {each["process_name"]: each for each in answer.json()}


def test_a_secret_in_the_environment_reaches_the_container(service: Service, ada: httpx.Client) -> None:
    """There `secretRef` made every such process invalid, and nobody made the Secret."""
    env = [
        {"name": "PLAIN", "value": "x"},
        {"name": "PASSWORD", "value": {"secret_name": "password"}},
        {"name": "USER_NAME", "value": {"secret_name": "login", "key": "user"}},
    ]
    started(ada, spec("nginx", 80, container={"env": env}))
    container = service.cluster.object("Deployment", "nginx")["spec"]["template"]["spec"]["containers"][0]
    [secret] = service.cluster.names("Secret")
    assert container["env"][1:] == [
        {"name": each, "valueFrom": {"secretKeyRef": {"name": secret, "key": each}}} for each in ("PASSWORD", "USER_NAME")
    ]
    data = service.cluster.object("Secret", secret)["data"]
    assert {key: base64.b64decode(value).decode() for key, value in data.items()} == {"PASSWORD": "hunter2", "USER_NAME": "ada"}
    assert listed(ada)["nginx"]["status"] == "RUNNING", "the container found what it was promised"
    assert ada.delete("/process/nginx").status_code == 200
    assert left(service) == {}, "the Secret goes with its process"


@pytest.mark.parametrize("value", [{"secret_name": "nobody"}, {"secret_name": "login", "key": "nothing"}])
def test_a_secret_that_is_not_there_starts_nothing(service: Service, ada: httpx.Client, value: dict[str, str]) -> None:
    answer = ada.post("/process", json=spec("nginx", container={"env": [{"name": "A", "value": value}]}))
    assert answer.status_code == 422
    assert left(service) == {}


def test_a_registrys_password_is_used(service: Service, ada: httpx.Client) -> None:
    """There it was ignored on EKS."""
    container = {"image_uri": "registry.example.org/app:1", "username": "ada", "password": {"secret_name": "login", "key": "pass"}}
    started(ada, spec("app", container=container))
    [secret] = service.cluster.names("Secret")
    made = service.cluster.object("Secret", secret)
    assert made["type"] == "kubernetes.io/dockerconfigjson"
    login = json.loads(base64.b64decode(made["data"][".dockerconfigjson"]))["auths"]["registry.example.org"]
    assert (login["username"], login["password"]) == ("ada", "s3cret")
    pod = service.cluster.object("Deployment", "app")["spec"]["template"]["spec"]
    assert pod["imagePullSecrets"] == [{"name": secret}]


@pytest.mark.parametrize(
    ("ports", "services", "names"),
    [
        ([], [], []),
        ([80], ["x"], ["p80-tcp"]),
        ([80, 81], ["x"], ["p80-tcp", "p81-tcp"]),
        ([{"container_port": 53, "protocol": "tcp"}, {"container_port": 53, "protocol": "udp"}], ["x"], ["p53-tcp", "p53-udp"]),
        ([{"container_port": 53, "protocol": "udp", "name": "dns"}, 80], ["x"], ["dns", "p80-tcp"]),
    ],
    ids=["none", "one", "two", "both protocols", "one named"],
)
def test_any_number_of_ports(service: Service, ada: httpx.Client, ports: list[Any], services: list[str], names: list[str]) -> None:
    """There none, or two without names, made an invalid Service and left the Deployment."""
    started(ada, spec("x", *ports))
    assert service.cluster.names("Service") == services
    if services:
        assert [each["name"] for each in service.cluster.object("Service", "x")["spec"]["ports"]] == names
    assert len(listed(ada)["x"]["socket_addresses"]) == len(ports)


@pytest.mark.parametrize("name", ["1nginx", "has_env_vars", "Nginx", "-a", "a-", "", "a.b", "x" * 64, "ä", "a\n"])
def test_a_name_that_only_a_deployment_could_have(service: Service, ada: httpx.Client, name: str) -> None:
    """There a digit in front made a Deployment and no Service."""
    answer = ada.post("/process", json=spec(name, 80))
    assert (answer.status_code, answer.json()["error"]) == (422, 422)
    assert "process_name" in answer.json()["details"]
    assert service.cluster.calls == [], "nobody asked Kubernetes"


@pytest.mark.parametrize("code", [0, 403, 409, 429, 500, 503])
def test_the_second_create_fails_and_the_first_is_taken_back(service: Service, ada: httpx.Client, code: int) -> None:
    service.cluster.faults = [Fault("POST */services", code, times=0)]
    answer = ada.post("/process", json=spec("nginx", 80))
    assert answer.status_code in (403, 409, 429, 503)
    assert answer.json()["error"] == answer.status_code
    assert left(service) == {}
    service.cluster.faults.clear()
    started(ada, spec("nginx", 80))


@pytest.mark.parametrize("gone", ["Deployment", "Service"])
def test_half_a_process_can_be_stopped(service: Service, ada: httpx.Client, gone: str) -> None:
    """There a Service without its Deployment answered 404, and stayed for good."""
    started(ada, spec("nginx", 80))
    held = service.cluster.held("Service", "nginx")
    # As Hydroplane made them: nothing owns anything.
    held.manifest["metadata"].pop("ownerReferences", None)
    service.cluster.remove(gone, "nginx")
    assert "nginx" in listed(ada), "half a process is listed, so that somebody sees it"
    assert ada.delete("/process/nginx").status_code == 200
    assert left(service) == {}
    assert ada.delete("/process/nginx").status_code == 404


def test_a_public_process_answers_where_it_says(service: Service, ada: httpx.Client) -> None:
    """There every node answered, and the client's address was lost."""
    started(ada, spec("nginx", 80, public=True))
    made = service.cluster.object("Service", "nginx")["spec"]
    assert (made["type"], made["externalTrafficPolicy"]) == ("NodePort", "Local")
    pod = service.cluster.object("Pod", service.cluster.names("Pod")[0])
    node = service.cluster.object("Node", pod["spec"]["nodeName"], "")
    external = next(each["address"] for each in node["status"]["addresses"] if each["type"] == "ExternalIP")
    assert listed(ada)["nginx"]["socket_addresses"] == [{"host": external, "port": made["ports"][0]["nodePort"], "is_public": True}]


def _without_external(service: Service, node: dict[str, Any]) -> None:
    held = service.cluster.held("Node", node["metadata"]["name"], "")
    held.status["addresses"] = [each for each in held.status["addresses"] if each["type"] != "ExternalIP"]


def _without_any(service: Service, node: dict[str, Any]) -> None:
    service.cluster.held("Node", node["metadata"]["name"], "").status["addresses"] = []


def _gone(service: Service, node: dict[str, Any]) -> None:
    service.cluster.remove("Node", node["metadata"]["name"], "")


@pytest.mark.parametrize("spoil", [_without_external, _without_any, _gone])
def test_one_bad_node_hides_no_other_process(service: Service, ada: httpx.Client, spoil: Any) -> None:
    """There it made the whole list a 500, and the culler, which needs the list, stopped for good."""
    for name in ("a", "b", "c"):
        started(ada, spec(name, 80, public=True))
    node = service.cluster.object("Pod", service.cluster.names("Pod")[0])["spec"]["nodeName"]
    spoil(service, service.cluster.object("Node", node, ""))
    found = listed(ada)
    assert sorted(found) == ["a", "b", "c"]
    assert sorted(each["status"] for each in found.values()) == ["RUNNING", "RUNNING", "UNREACHABLE"]
    assert [each["socket_addresses"] for each in found.values() if each["status"] == "UNREACHABLE"] == [[]]
    assert all(each["reason"] for each in found.values() if each["status"] == "UNREACHABLE")


@pytest.mark.parametrize(
    ("image", "status", "reason"),
    [
        ("example.org/missing", "FAILED", "ImagePullBackOff"),
        ("example.org/crashing", "FAILED", "CrashLoopBackOff"),
        ("nginxdemos/hello", "RUNNING", None),
    ],
)
def test_why_a_process_does_not_run(service: Service, ada: httpx.Client, image: str, status: str, reason: str | None) -> None:
    started(ada, spec("x", 80, container={"image_uri": image}))
    found = listed(ada)["x"]
    assert found["status"] == status
    assert (reason in found["reason"]) if reason else found["reason"] is None


def test_a_process_without_a_pod_is_starting(service: Service, ada: httpx.Client) -> None:
    """There, in the seed's days, it was a KeyError."""
    service.cluster.scheduling = False
    started(ada, spec("x", 80))
    assert (listed(ada)["x"]["status"], listed(ada)["x"]["socket_addresses"]) == ("STARTING", [])
    service.cluster.settle()
    assert listed(ada)["x"]["status"] == "RUNNING"


def test_a_pod_that_no_node_takes_says_why(service: Service, ada: httpx.Client) -> None:
    started(ada, spec("x", container={"node_selector": {"disk": "fast"}}))
    assert (listed(ada)["x"]["status"], "Unschedulable" in listed(ada)["x"]["reason"]) == ("STARTING", True)


def test_a_node_selector_where_the_seeds_example_has_it(service: Service, ada: httpx.Client) -> None:
    """There it was ignored without a word."""
    started(ada, spec("x", node_selector={"disk": "fast"}))
    assert service.cluster.object("Deployment", "x")["spec"]["template"]["spec"]["nodeSelector"] == {"disk": "fast"}


def test_strangers_get_nothing(service: Service) -> None:
    """There was no authentication at all."""
    with service.client("") as stranger, service.client("mallory") as impostor:
        for client in (stranger, impostor):
            answers = [client.get("/process"), client.post("/process", json=spec()), client.delete("/process/x"), client.delete("/group/x")]
            assert [each.status_code for each in answers] == [401] * 4
            assert [each.json()["error"] for each in answers] == [401] * 4
    assert service.cluster.calls == []


def test_nobody_sees_or_stops_what_is_anothers(service: Service, ada: httpx.Client) -> None:
    started(ada, spec("hers", 80, group="g"))
    with service.client("bob") as bob, service.client("root") as admin:
        assert bob.get("/process").json() == bob.get("/group/g").json() == []
        assert bob.delete("/process/hers").status_code == 403
        assert bob.delete("/group/g").status_code == 200
        assert bob.get("/process/hers/logs").status_code == 403
        assert bob.post("/process", json=spec("hers")).status_code == 409
        assert list(listed(admin)) == ["hers"]
        assert admin.delete("/process/hers").status_code == 200


def test_unknown_and_taken_in_the_seeds_words(service: Service, ada: httpx.Client) -> None:
    assert ada.delete("/process/x").json() == {"error": 404, "details": "Process 'x' not found"}
    started(ada, spec("x"))
    assert ada.post("/process", json=spec("x")).json() == {"error": 409, "details": 'A deployment named "x" already exists'}
    assert (ada.delete("/group/nobody").status_code, ada.get("/group/nobody").json()) == (200, [])


def test_a_slow_cluster_keeps_nobody_else_waiting(service: Service, ada: httpx.Client) -> None:
    """There one slow call of the SDK stood in everybody's way."""
    started(ada, spec("x"))
    held = threading.Event()
    service.cluster.faults = [Fault("GET */pods", 200, held=held, times=0)]
    with ThreadPoolExecutor(5) as pool:
        slow = [pool.submit(service.client("ada").get, "/process") for _ in range(5)]
        try:
            assert ada.get("/healthz").status_code == 200
            assert ada.get("/openapi.json").status_code == 200
            assert ada.delete("/process/x").status_code == 200, "what does not need the slow part goes on"
            assert not any(each.done() for each in slow)
        finally:
            held.set()
        assert [each.result().status_code for each in slow] == [200] * 5
