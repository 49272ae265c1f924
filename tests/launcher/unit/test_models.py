"""What a caller may send, and what is refused before Kubernetes sees it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from modules.launcher.models import ContainerSpec, PortMapping, ProcessInfo, ProcessSecret, ProcessSpec, ResourceSpec, Status
from modules.launcher.runtime.labels import moment

IMAGE = "nginxdemos/hello"


def spec(**changes: Any) -> dict[str, Any]:
    """A process' description with these fields of its container, or of itself, changed."""
    own = {
        key: changes.pop(key)
        for key in ("process_name", "group", "node_selector", "has_public_ip", "ttl_minutes", "extra")
        if key in changes
    }
    return {"process_name": "nginx", "container": {"image_uri": IMAGE, **changes}, **own}


def test_the_least_that_is_a_process() -> None:
    found = ProcessSpec.model_validate(spec())
    assert (found.process_name, found.group, found.has_public_ip) == ("nginx", None, False)
    assert found.container == ContainerSpec(image_uri=IMAGE)
    assert (found.container.ports, found.container.env, found.container.username, found.container.password) == ((), (), None, None)


@pytest.mark.parametrize(
    ("given", "host_port"),
    [({}, 80), ({"host_port": None}, 80), ({"host_port": 8080}, 8080)],
)
def test_host_port_is_the_container_port_unless_given(given: dict[str, Any], host_port: int) -> None:
    assert PortMapping.model_validate({"container_port": 80, **given}).host_port == host_port


def test_resources_are_decimals_as_typed() -> None:
    found = ResourceSpec.model_validate({"cpu_vcpu": "3.0", "memory_mib": 512})
    assert (found.cpu_vcpu, str(found.cpu_vcpu), found.memory_mib) == (Decimal(3), "3.0", 512)


@pytest.mark.parametrize(
    "given",
    [
        {"resource_request": {"cpu_vcpu": "1"}},
        {"resource_limit": {"memory_mib": 1}},
        {"resource_request": {"cpu_vcpu": "2"}, "resource_limit": {"memory_mib": 1}},
        {"resource_request": {"cpu_vcpu": "2", "memory_mib": 0}, "resource_limit": {"cpu_vcpu": 2, "memory_mib": 0}},
        {"ports": [{"container_port": 53, "protocol": "udp"}, {"container_port": 53, "protocol": "tcp"}]},
        {"username": "ann", "password": {"secret_name": "registry"}},
        {"username": {"secret_name": "registry", "key": "user"}, "password": {"secret_name": "registry", "key": "password"}},
        {"node_selector": {"karpenter.sh/nodepool": "gpu", "plain": ""}},
        {"process_name": "a"},
        {"process_name": "a" * 63},
        {"group": "9.Lives_x"},
    ],
)
def test_accepted(given: dict[str, Any]) -> None:
    assert ProcessSpec.model_validate(spec(**given))


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"process_name": "has_env_vars"}, "process_name"),
        ({"process_name": "9lives"}, "process_name"),
        ({"process_name": "Nginx"}, "process_name"),
        ({"process_name": "nginx-"}, "process_name"),
        ({"process_name": "a" * 64}, "process_name"),
        ({"process_name": "a,b"}, "process_name"),
        ({"process_name": "nginx\n"}, "process_name"),
        ({"process_name": ""}, "process_name"),
        ({"group": "a b"}, "group"),
        ({"group": ""}, "group"),
        ({"group": "x" * 64}, "group"),
        ({"image_uri": "two words"}, "container.image_uri"),
        ({"image_uri": ""}, "container.image_uri"),
        ({"ports": [{"container_port": 8675309}]}, "container.ports.0.container_port"),
        ({"ports": [{"container_port": 0}]}, "container.ports.0.container_port"),
        ({"ports": [{"host_port": 80}]}, "container.ports.0.container_port"),
        ({"ports": [{"container_port": 80, "protocol": "TCP"}]}, "container.ports.0.protocol"),
        ({"ports": [{"container_port": 80, "name": "sixteen-letters-"}]}, "container.ports.0.name"),
        ({"ports": [{"container_port": 80, "name": "80"}]}, "container.ports.0.name"),
        ({"ports": [{"container_port": 80, "name": "a--b"}]}, "container.ports.0.name"),
        ({"ports": [{"container_port": 80}, {"container_port": 80}]}, "container.ports"),
        ({"ports": [{"container_port": 80, "name": "web"}, {"container_port": 81, "name": "web"}]}, "container.ports"),
        ({"ports": [{"container_port": 80}, {"container_port": 81, "name": "p80-tcp"}]}, "container.ports"),
        ({"resource_request": {"cpu_vcpu": "-1.0"}}, "container.resource_request.cpu_vcpu"),
        ({"resource_request": {"cpu_vcpu": "NaN"}}, "container.resource_request.cpu_vcpu"),
        ({"resource_request": {"memory_mib": -256}}, "container.resource_request.memory_mib"),
        ({"resource_request": {"memory_mib": 512}, "resource_limit": {"memory_mib": 256}}, "container"),
        ({"resource_request": {"cpu_vcpu": "2"}, "resource_limit": {"cpu_vcpu": "1.5"}}, "container"),
        ({"env": [{"name": "1A", "value": ""}]}, "container.env.0.name"),
        ({"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, "container.env"),
        ({"env": [{"name": "A", "value": "nul\0"}]}, "container.env.0.value.function-after[_without_nul(), constrained-str]"),
        ({"command": ["a\0"]}, "container.command.0"),
        ({"username": "ann"}, "container"),
        ({"password": {"secret_name": "registry"}}, "container"),
        ({"node_selector": {"a/b/c": "x"}}, "container.node_selector"),
        ({"node_selector": {"a": "no way"}}, "container.node_selector"),
        ({"ttl_minutes": 0}, "ttl_minutes"),
        ({"extra": 1}, "extra"),
        ({"image": "x"}, "container.image"),
    ],
)
def test_refused(given: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ProcessSpec.model_validate(spec(**given))
    assert where in {".".join(map(str, each["loc"])) for each in refused.value.errors()}


def test_a_node_selector_at_the_wrong_level_does_what_it_means() -> None:
    """The seed's nginx-advanced example has it beside the container, where Hydroplane ignores it."""
    assert ProcessSpec.model_validate(spec(node_selector={"a": "b"})).container.node_selector == {"a": "b"}
    twice = {"process_name": "nginx", "node_selector": {"a": "b"}, "container": {"image_uri": IMAGE, "node_selector": {"a": "b"}}}
    with pytest.raises(ValidationError, match="given twice"):
        ProcessSpec.model_validate(twice)


def test_a_secret_is_not_text() -> None:
    found = ProcessSpec.model_validate(
        spec(env=[{"name": "A", "value": {"secret_name": "s", "key": "k"}}, {"name": "B", "value": "plain"}])
    )
    assert [each.value for each in found.container.env] == [ProcessSecret(secret_name="s", key="k"), "plain"]


def test_what_a_process_looks_like_is_hydroplanes_and_then_ours() -> None:
    created = moment("2022-12-01T22:40:33Z")
    assert created
    address = {"host": "198.51.100.1", "port": 31491, "is_public": True}
    found = ProcessInfo.model_validate(
        {"process_name": "nginx", "group": None, "socket_addresses": [address], "created": created, "status": Status.RUNNING}
    )
    shown = found.model_dump_json()
    seed = '{"process_name":"nginx","group":null,"socket_addresses":[{"host":"198.51.100.1","port":31491,"is_public":true}],'
    assert shown == seed + '"created":"2022-12-01T22:40:33+00:00","status":"RUNNING","reason":null,"owner":null,"expires":null}'
