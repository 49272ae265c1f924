"""What ./hub ray asks of a head, asked of a real one."""

from __future__ import annotations

import socket

import pytest

from modules.common.errors import HubError
from modules.ops.ray.head import Head
from tests._support.evidence import Evidence
from tests.ray.support import client
from tests.ray.support.cluster import Ray

pytestmark = [pytest.mark.slow, pytest.mark.npm]


def head_of(ray: Ray, token: str) -> Head:
    """As the command has it, with a connection of this machine for the port-forward."""
    return Head("default", lambda: socket.create_connection(("127.0.0.1", ray.ports["dashboard"]), 60), token)


def test_its_version_and_who_is_on_it(ray: Ray, evidence: Evidence) -> None:
    head = head_of(ray, ray.machine.token)
    assert head.version() == "2.60.0"
    before = head.running()
    # Another process than the notebook asks, while the notebook is connected.
    script = f"""
    import http.client, json
    asked = http.client.HTTPConnection("127.0.0.1", {ray.ports["dashboard"]}, timeout=60)
    asked.request("GET", "/api/jobs/", headers={{"Authorization": "Bearer {ray.machine.token}"}})
    result = [[each["type"], each["status"]] for each in json.loads(asked.getresponse().read())]
    """
    assert ["DRIVER", "RUNNING"] in client.run(ray, script, token=ray.machine.token)
    assert set(head.running()) <= set(before)
    evidence.record("./hub ray: a head tells its version and who is connected", "exercised", "real Ray 2.60.0, without the port-forward")


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_another_token_is_refused(ray: Ray, token: str) -> None:
    with pytest.raises(HubError, match="does not take this cluster's token"):
        head_of(ray, token).version()
