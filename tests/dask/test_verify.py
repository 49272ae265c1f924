"""./hub verify's look at the Dask gateway, against a real dask-gateway-server behind a real hub's proxy."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from modules.common.errors import HubError
from modules.ops.target import Target
from modules.ops.verify import cells
from modules.ops.verify.checks.gateway import GATEWAY
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options, Scene
from modules.ops.verify.visit import Server
from modules.ops.verify.web import Site
from tests._support.evidence import Evidence
from tests.dask.support.daskhub import DaskHub
from tests.dask.support.notebook import Notebook

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]


def test_the_gateway_is_green(running: DaskHub, tmp_path: Path, evidence: Evidence) -> None:
    session = boto3.Session(region_name="us-east-2", aws_access_key_id="none", aws_secret_access_key="none")
    target = Target({}, {}, session, "", False, "a real hub on loopback")
    (found,) = run_checks(Scene(tmp_path, running.world.config, target, Options(url=running.world.url)), [GATEWAY])
    assert (found.state, found.said) == ("ok", "the Dask gateway is healthy")
    evidence.record("./hub verify: gateway", "exercised", "real dask-gateway-server 2026.3.0 behind a real JupyterHub")


def test_the_cell_computes_on_two_workers(ada: Notebook, monkeypatch: pytest.MonkeyPatch, evidence: Evidence) -> None:
    def run(site: Site, server: str, code: str, *, seconds: float) -> str:
        return str(ada.run(f"said = []\n{code.replace('print(', 'said.extend(map(str, (').rstrip()}))\nresult = ' '.join(said)"))

    monkeypatch.setattr(cells, "run_cell", run)
    assert cells.check_dask(Server(Site(""), "", "", 0.0)) > 0
    evidence.record("./hub verify --dask", "exercised", "its cell in a process with a pod's environment, two workers of a real gateway")


@pytest.mark.parametrize("said", ["1 20", "2 7", ""])
def test_another_answer_is_red(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(cells, "run_cell", lambda *_, **__: said)
    with pytest.raises(HubError, match="two workers should have said"):
        cells.check_dask(Server(Site(""), "", "", 0.0))
