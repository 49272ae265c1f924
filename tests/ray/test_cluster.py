"""A real Ray of the chart's own command lines: who may use it, and what it does for them."""

from __future__ import annotations

import pytest

from tests._support.evidence import Evidence
from tests.ray.support import client
from tests.ray.support.cluster import Ray

pytestmark = [pytest.mark.slow, pytest.mark.npm]

_NODES = "[each for each in ray.nodes() if each['Alive']]"
_WAIT = f"""
import time
deadline = time.monotonic() + 180
while len({_NODES}) < 3 and time.monotonic() < deadline:
    time.sleep(0.5)
"""
#: A notebook is told of a timeout, after half a minute; what the head answered stands in the client's log alone.
_IMPATIENT = """
import logging, ray.util.client.worker
ray.util.client.worker.INITIAL_TIMEOUT_SEC = 0.5
heard = logging.getLogger("ray.util.client.worker")
heard.setLevel(logging.DEBUG)
heard.addHandler(logging.StreamHandler())
"""
_REFUSAL = r"(?s)Received when checking init: Invalid or missing authentication token.*ray client connection timeout"
_SUM = (
    _WAIT
    + f"""
@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def part(numbers):
    time.sleep(0.2)
    return sum(numbers), ray.get_runtime_context().get_node_id()

parts = ray.get([part.remote(range(first, 1000, 8)) for first in range(8)])
head = [each["NodeID"] for each in {_NODES} if "node:__internal_head__" in each["Resources"]]
result = dict(sum=sum(each for each, _ in parts), where=sorted(set(where for _, where in parts)), head=head, alive=len({_NODES}))
"""
)


def test_two_workers_sum_and_the_head_does_not(ray: Ray, evidence: Evidence) -> None:
    found = client.run(ray, _SUM, token=ray.machine.token)
    assert found["sum"] == sum(range(1000))
    assert found["alive"] == 3, "a head and two workers"
    assert len(found["where"]) == 2, "both workers had a part"
    assert not set(found["where"]) & set(found["head"]), "the head runs no task"
    evidence.record("ray: a notebook sums on two workers of a static cluster", "exercised", "real Ray 2.60.0 with the chart's own commands")


def test_what_the_workers_promise(ray: Ray) -> None:
    wanted = "result = [each['Resources'] for each in ray.nodes() if each['Alive']]"
    resources = client.run(ray, _WAIT + wanted, token=ray.machine.token)
    # --num-cpus and the memory flags of the chart: 2 CPUs a worker; 1024 MiB less 128 for objects and 512 for Ray itself.
    assert sorted(each.get("CPU", 0) for each in resources) == [0, 2, 2]
    assert {each["memory"] for each in resources} == {384 * 1024**2}
    assert {each["object_store_memory"] for each in resources} == {128 * 1024**2}


@pytest.mark.parametrize("token", [None, "0" * 64])
def test_nobody_comes_in_without_the_token(ray: Ray, token: str | None, evidence: Evidence) -> None:
    with pytest.raises(client.Refused, match=_REFUSAL):
        client.run(ray, "result = 1", token=token, before=_IMPATIENT)
    assert client.run(ray, "result = ray.is_initialized()", token=ray.machine.token) is True, "the cluster lives on"
    evidence.record("ray: a client without the token, or with another, is refused", "faulted", "real Ray 2.60.0, token authentication")


@pytest.mark.parametrize("more", [{"RAY_AUTH_MODE": "disabled"}, {"RAY_AUTH_TOKEN": "0" * 64}])
def test_the_heads_own_protocol_wants_the_token_too(ray: Ray, more: dict[str, str]) -> None:
    head = ray.parts[0].main
    assert ray.once(head, head.probe) == 0
    assert ray.once(head, head.probe, **more) != 0


def test_a_notebook_of_another_version_is_told(ray: Ray, evidence: Evidence) -> None:
    # Stands in for an image with another Ray: the check compares what each says of itself.
    with pytest.raises(client.Refused, match=r"(?s)ersion mismatch.*2\.60\.0.*2\.59\.0"):
        client.run(ray, "result = 1", token=ray.machine.token, before="ray.__version__ = '2.59.0'")
    evidence.record("ray: a client of another version is told both versions", "faulted", "real Ray 2.60.0; the client only says 2.59.0")
