"""Dask from a notebook: a cluster by the hub's proxy, a sum on two workers, nobody else's business, gone when idle."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from modules.hub.gateway.labels import label
from tests._support.evidence import Evidence
from tests._support.processes import wait_until
from tests.dask.support.daskhub import DaskHub
from tests.dask.support.notebook import CellError, Notebook
from tests.hub.support.browser import log_in

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_USER = "plain@example-helio.org"
_REAL = "real JupyterHub and dask-gateway-server, workers as local processes"

_CLUSTER = "cluster = gateway.new_cluster(shutdown_on_close=False); result = cluster.name"
_TWO_WORKERS = f"""
{_CLUSTER}
client = cluster.get_client()
cluster.scale(2)
client.wait_for_workers(2, timeout=40)
"""
_SUM = """
import os
squares = client.gather(client.map(lambda each: (each * each, os.getpid()), range(100), pure=False))
result = {"sum": sum(square for square, _ in squares), "processes": len({process for _, process in squares} - {os.getpid()})}
"""
#: A worker is a child of what was started, which minds it.
_COMMANDS = """
import psutil
scheduler = client.run_on_scheduler(lambda: psutil.Process().cmdline())
result = [scheduler, *client.run(lambda: psutil.Process().parent().cmdline()).values()]
"""
_EXPECTED = {"sum": sum(each * each for each in range(100)), "processes": 2}


def test_a_sum_on_two_workers(running: DaskHub, ada: Notebook, evidence: Evidence) -> None:
    # Nothing but Gateway() and the pod's own environment: addresses, token and image come with it.
    ada.run(_TWO_WORKERS)
    assert ada.run(_SUM) == _EXPECTED
    assert ada.environment["DASK_GATEWAY__ADDRESS"] == f"{running.world.url}/services/dask-gateway"
    image = ada.run("result = gateway.list_clusters()[0].options['image']")
    server = running.pod(_USER)
    assert image == server["spec"]["containers"][0]["image"]
    # One selector finds a user's server and clusters: KubeSpawner's label is the one our package puts on workers.
    assert server["metadata"]["labels"]["hub.jupyter.org/username"] == label(_USER)
    # The commands of old, dask-scheduler and dask-worker, are gone from newer images.
    commands = ada.run(_COMMANDS)
    assert [[Path(word).name for word in command[1:3]] for command in commands] == [
        ["dask", "scheduler"],
        ["dask", "worker"],
        ["dask", "worker"],
    ]
    evidence.record("dask: Gateway() in a notebook computes on two workers, by the hub's own proxy", "exercised", _REAL)


def test_another_user_neither_sees_nor_stops_it(ada: Notebook, grace: Notebook, evidence: Evidence) -> None:
    name = ada.run(_CLUSTER)
    assert grace.run("result = gateway.list_clusters()") == []
    for call in ("connect", "get_cluster", "stop_cluster"):
        with pytest.raises(CellError, match=r"403|lacks permissions"):
            grace.run(f"gateway.{call}({name!r})")
    with pytest.raises(CellError, match=r"403|lacks permissions"):
        grace.run(f"gateway.scale_cluster({name!r}, 1)")
    assert ada.run("result = [each.name for each in gateway.list_clusters()]") == [name]
    evidence.record("dask: a user neither sees, joins, scales nor stops another one's cluster", "exercised", _REAL)


def test_an_idle_cluster_is_removed(running: DaskHub, ada: Notebook, evidence: Evidence) -> None:
    # The env says half an hour; a gateway that is told two seconds removes it by the same road.
    other = running.another_gateway(idle_timeout_seconds=2)
    at = f"address={other.address!r}, proxy_address={other.ports.proxy}"
    name = ada.run(f"hasty = Gateway({at}); cluster = hasty.new_cluster(shutdown_on_close=False); result = cluster.name")
    wait_until(lambda: ada.run("result = not hasty.list_clusters()"), "the idle cluster to be removed", seconds=30)
    assert f"Stopping cluster {name}" in other.log
    assert "FAILED" not in ada.run("result = [each.status.name for each in hasty.list_clusters(status=['failed', 'stopped'])]")
    evidence.record("dask: an idle cluster is removed", "exercised", f"{_REAL}; two seconds instead of half an hour")


def test_a_cluster_outlives_a_restart_of_the_hub_and_a_new_login(running: DaskHub, ada: Notebook, page: Page, evidence: Evidence) -> None:
    ada.run(_TWO_WORKERS)
    running.world.hub.restart()
    page.goto(f"{running.world.url}/hub/logout")
    log_in(page, running.world.url, _USER)
    # A new client, so that neither a cookie nor a connection of before helps: the pod's token and the gateway's hold on.
    assert ada.run("gateway = Gateway(); result = [each.name for each in gateway.list_clusters()] == [cluster.name]")
    assert ada.run(_SUM) == _EXPECTED
    evidence.record("dask: clusters and tokens outlive a restart of the hub and a new login", "faulted", _REAL)
