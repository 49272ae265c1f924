"""What a user is told who asks for too much, or for what there is not; and that nothing was started."""

from __future__ import annotations

import pytest

from tests._support.evidence import Evidence
from tests.dask.support.notebook import CellError, Notebook

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_REAL = "real dask-gateway-server, asked by its own client"

_EVER_MADE = """
statuses = ["pending", "running", "stopping", "stopped", "failed"]
result = sorted(each.name for each in gateway.list_clusters(status=statuses))
"""
#: options asked for → the whole sentence
REFUSED = [
    ("worker_cores=8", "ValueError: worker_cores is 8; a worker has 1 to 4 cores. Ask for more workers instead of larger ones."),
    ("worker_memory=64", "ValueError: worker_memory is 64; a worker has 1 to 8 GiB. Ask for more workers instead of larger ones."),
    (
        "image='quay.io/jupyter/scipy-notebook'",
        "ValueError: image 'quay.io/jupyter/scipy-notebook' has no tag. "
        "Add one, as in quay.io/jupyter/scipy-notebook:2026-10-05, so that all workers run the same.",
    ),
    (
        "environment={'A B': 'c'}",
        "ValueError: environment has 'A B', which is no name of a variable. Use letters, digits and underscores.",
    ),
    ("profile='tpu'", "ValueError: profile is 'tpu'; there is cpu and gpu. Choose one of them."),
    (
        "worker_cores=4",
        "ValueError: One more worker of 4 cores and 1 GiB does not fit: you may have 3 cores and 3 GiB at once, "
        "and your other clusters use 0 and 0. Scale a cluster down or shut one down first.",
    ),
]


@pytest.mark.parametrize(("asked", "sentence"), REFUSED, ids=[asked for asked, _ in REFUSED])
def test_a_cluster_that_is_too_large_is_refused_in_a_sentence(ada: Notebook, asked: str, sentence: str, evidence: Evidence) -> None:
    before = ada.run(_EVER_MADE)
    with pytest.raises(CellError) as refusal:
        ada.run(f"gateway.new_cluster({asked})")
    assert str(refusal.value) == sentence
    assert ada.run(_EVER_MADE) == before
    evidence.record("dask: options beyond what is offered are refused, one sentence each", "faulted", _REAL)


def test_a_users_clusters_share_what_the_user_may_have(ada: Notebook, grace: Notebook, evidence: Evidence) -> None:
    ada.run("first = gateway.new_cluster(shutdown_on_close=False); first.scale(2); first.get_client().wait_for_workers(2, timeout=40)")
    ada.run("second = gateway.new_cluster(shutdown_on_close=False)")
    with pytest.raises(CellError) as refusal:
        ada.run("second.scale(2)")
    assert str(refusal.value) == (
        "GatewayClusterError: 2 workers of 1 core and 1 GiB are too many: you may have 3 cores and 3 GiB at once, "
        "and your other clusters use 2 and 2, so 1 fit here. Ask for fewer, or shut another cluster down."
    )
    ada.run("second.scale(1); second.get_client().wait_for_workers(1, timeout=40)")
    with pytest.raises(CellError, match="You have 2 Dask clusters, and 2 at once is the most"):
        ada.run("gateway.new_cluster()")
    # Another user's room is that user's own.
    name = grace.run("cluster = gateway.new_cluster(shutdown_on_close=False); cluster.scale(1); result = cluster.name")
    grace.run(f"cluster.get_client().wait_for_workers(1, timeout=40); gateway.stop_cluster({name!r})")
    evidence.record("dask: cores, memory and clusters of a user are counted over all clusters", "faulted", _REAL)
