"""Whatever the models let pass, Kubernetes takes: names, ports, variables and resources against its published schemas and rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from modules.launcher.models import ProcessSpec
from modules.launcher.runtime import labels
from tests.launcher.fake_kubernetes import Cluster
from tests.launcher.lab import ADA, ADMIN, lab

#: Each field is mostly something that could be, with enough that could not: a document is refused for one bad field.
LETTERS = st.text("abz09-_.A/ä", max_size=66)
LABELS = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", fullmatch=True)
PORT_NAMES = st.from_regex(r"[a-z0-9]{0,6}[a-z](-[a-z0-9]{1,6})?", fullmatch=True) | st.text("abz09-", max_size=17)
PORTS = st.fixed_dictionaries(
    {"container_port": st.integers(1, 65535) | st.sampled_from([1, 65535, 0, 65536])},
    optional={"protocol": st.sampled_from(["tcp", "udp"]), "name": PORT_NAMES, "host_port": st.integers(1, 65535)},
)
CPUS = st.decimals("0.001", "999", places=3).map(str) | st.sampled_from(["1e3", "1E-3", "0.001", "3.0", "1e-9", "-1", "9999999"])
AMOUNTS = st.fixed_dictionaries({}, optional={"cpu_vcpu": CPUS, "memory_mib": st.integers(0, 2**20) | st.sampled_from([-1, 2**31])})
VARIABLES = st.from_regex(r"[-._a-zA-Z][-._a-zA-Z0-9]{0,8}", fullmatch=True) | st.text("AZ_0.-=é", max_size=8)
ENV = st.fixed_dictionaries({"name": VARIABLES, "value": st.text(max_size=8)})
CONTAINERS = st.fixed_dictionaries(
    {"image_uri": st.just("nginxdemos/hello")},
    optional={
        "ports": st.lists(PORTS, max_size=3),
        "env": st.lists(ENV, max_size=3),
        "resource_request": AMOUNTS,
        "resource_limit": AMOUNTS,
        "command": st.lists(st.text(max_size=5), max_size=3),
        "node_selector": st.dictionaries(LABELS | LETTERS, LABELS | LETTERS, max_size=1),
    },
)
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
GROUPS = st.none() | LABELS | LETTERS
SPECS = st.fixed_dictionaries(
    {"process_name": NAMES | LETTERS, "container": CONTAINERS}, optional={"group": GROUPS, "has_public_ip": st.booleans()}
)
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
def test_what_the_models_accept_the_cluster_accepts() -> None:
    accepted = 0
    with lab(Cluster()) as (cluster, runtime):

        @SLOW
        @given(SPECS)
        def start(document: dict[str, Any]) -> None:
            nonlocal accepted
            try:
                spec = ProcessSpec.model_validate(document)
            except ValidationError:
                return
            runtime.start(spec, ADA)
            accepted += 1
            ports = spec.container.ports
            assert cluster.names("Service") == ([spec.process_name] if ports else [])
            [found] = runtime.find(ADA)
            assert (found.process_name, found.group) == (spec.process_name, spec.group)
            if found.status == "RUNNING":
                assert len(found.socket_addresses) == len(ports)
                assert all(each.is_public is spec.has_public_ip for each in found.socket_addresses)
            runtime.stop(spec.process_name, ADMIN)
            assert [cluster.names(kind) for kind in ("Deployment", "Service", "Pod", "Secret")] == [[], [], [], []]

        start()
    assert accepted > 20, "most of what was made up was refused, so nothing was shown"


@given(st.decimals("0.001", "1000000", places=3), st.decimals("0.001", "1000000", places=3), st.integers(0, 2**30), st.integers(0, 2**30))
def test_a_request_is_taken_exactly_when_it_fits_its_limit(cpu: Decimal, most: Decimal, mib: int, most_mib: int) -> None:
    sides = {
        "resource_request": {"cpu_vcpu": str(cpu), "memory_mib": mib},
        "resource_limit": {"cpu_vcpu": str(most), "memory_mib": most_mib},
    }
    document = {"process_name": "x", "container": {"image_uri": "i", **sides}}
    if cpu <= most and mib <= most_mib:
        ProcessSpec.model_validate(document)
    else:
        with pytest.raises(ValidationError, match="is more than its limit"):
            ProcessSpec.model_validate(document)


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_two_owners_never_share_a_label(one: str, other: str) -> None:
    assert (labels.owner_id(one) == labels.owner_id(other)) is (one == other)
    assert len(labels.owner_id(one)) <= 63
    assert labels.owner_id("ada").startswith("ada-")
