"""The pods that the real controller would make of what a user asks for: where they run, as whom, with what."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from modules.config.load import load_env
from modules.hub.gateway.labels import label
from modules.k8s.dask.refs import DaskRefs
from modules.k8s.dask.values import gateway_values
from tests._support.evidence import Evidence
from tests.dask.support import chart
from tests.hub.support import installs
from tests.hub.support.worlds import ROOT

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_USER = "plain@example-helio.org"
_SCRIPT = Path(__file__).parent / "support" / "pods.py"


def _pods(folder: Path, **asked: Any) -> list[dict[str, Any]]:
    """Scheduler and worker."""
    try:
        python = installs.dask()
    except installs.Missing as missing:
        pytest.skip(f"NO REAL DASK: {missing}")
    server = chart.translate(gateway_values(load_env(ROOT, "helio"), DaskRefs("r1", {"SCRATCH_BUCKET": "s3://scratch"})))
    given = folder / "gateway.json"
    given.write_text(json.dumps({"traits": server.traits, "snippets": server.snippets}))
    done = subprocess.run([str(python), str(_SCRIPT), str(given), json.dumps(asked)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(("profile", "pool", "card"), [("cpu", "burst-spot", None), ("gpu", "burst-gpu", "1")])
def test_workers_go_to_their_pool_as_the_role_that_is_theirs(
    tmp_path: Path, profile: str, pool: str, card: str | None, evidence: Evidence
) -> None:
    scheduler, worker = _pods(tmp_path, profile=profile, worker_cores=2, worker_memory=4, environment={"OMP_NUM_THREADS": "1"})
    assert scheduler["spec"]["nodeSelector"] == {"hubsmith.io/pool": "user-compute"}
    assert worker["spec"]["nodeSelector"] == {"hubsmith.io/pool": pool}
    assert any(each.get("value") == "dask-worker" or "dask" in each["key"] for each in worker["spec"]["tolerations"])
    (container,) = worker["spec"]["containers"]
    assert container["args"][:2] == ["dask", "worker"]
    assert container["resources"]["limits"]["cpu"] == "2.000"
    assert container["resources"]["limits"]["memory"] == str(4 * 2**30)
    assert container["resources"]["limits"].get("nvidia.com/gpu") == card
    variables = {each["name"]: each.get("value") for each in container["env"]}
    assert (variables["OMP_NUM_THREADS"], variables["SCRATCH_BUCKET"]) == ("1", "s3://scratch")
    evidence.record(
        "dask: pods of schedulers and workers, as the real controller makes them", "exercised", "dask-gateway-server's own code"
    )


def test_every_pod_has_its_users_name_no_token_and_no_privilege(tmp_path: Path, evidence: Evidence) -> None:
    for pod in _pods(tmp_path):
        assert pod["metadata"]["annotations"]["hub.jupyter.org/username"] == _USER
        assert pod["metadata"]["labels"]["hub.jupyter.org/username"] == label(_USER)
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["serviceAccountName"] == "dask-worker"
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    evidence.record(
        "dask: pods carry their user's name, no token of the cluster, no privilege", "exercised", "dask-gateway-server's own code"
    )
