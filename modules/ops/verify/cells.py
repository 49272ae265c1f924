"""The cells that a test server runs, and what their answers must be."""

from __future__ import annotations

import secrets
import time

from modules.common.errors import HubError
from modules.ops.verify.kernel import run_cell
from modules.ops.verify.visit import Server

_CELL_SECONDS, _DASK_SECONDS = 120.0, 1500.0
_BELOW = 10_000
_ARITHMETIC = """\
import pathlib
probe = pathlib.Path.home() / ".hubsmith-verify"
probe.write_text("{left}")
print(int(probe.read_text()) * {right})
probe.unlink()
"""
#: The workers' own sum, and how many they are, so that a scheduler that computes alone does not pass.
_DASK = """\
from dask_gateway import Gateway
with Gateway() as own:
    with own.new_cluster() as cluster:
        cluster.scale(2)
        with cluster.get_client() as client:
            client.wait_for_workers(2, timeout={seconds:.0f})
            places = client.run(lambda: {left})
            print(len(places), sum(client.gather(client.map(lambda number: number + {right}, places.values(), pure=False))))
"""


def check_arithmetic(server: Server) -> None:
    """A product of numbers that nobody could know, by way of a file at home. Raises HubError when it is another."""
    left, right = secrets.randbelow(_BELOW), secrets.randbelow(_BELOW)
    said = run_cell(server.site, server.path, _ARITHMETIC.format(left=left, right=right), seconds=_CELL_SECONDS)
    if said.strip() != str(left * right):
        raise HubError(f"a cell that should say {left * right} says {said.strip()[:200]!r}", fix="look at the single-user image")


def check_dask(server: Server) -> float:
    """Two workers, and a sum on them; seconds it took. Raises HubError when either is not there."""
    left, right, started = secrets.randbelow(_BELOW), secrets.randbelow(_BELOW), time.monotonic()
    cell = _DASK.format(left=left, right=right, seconds=_DASK_SECONDS - _CELL_SECONDS)
    said = run_cell(server.site, server.path, cell, seconds=_DASK_SECONDS)
    if said.split() != ["2", str(2 * (left + right))]:
        fix = "look at the pods of the Dask cluster: kubectl get pods -A -l app.kubernetes.io/name=dask-gateway"
        raise HubError(f"two workers should have said {2 * (left + right)}, they said {said.strip()[:200]!r}", fix=fix)
    return time.monotonic() - started
