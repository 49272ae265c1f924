"""Who may talk to the gateway, and where its token must not turn up."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests._support.evidence import Evidence
from tests.dask.support.daskhub import DaskHub
from tests.dask.support.notebook import CellError, Notebook
from tests.hub.support.browser import log_in
from tests.hub.support.worlds import CANARIES

pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.npm]
_USER = "plain@example-helio.org"


def _listed_with(notebook: Notebook, token: str) -> object:
    return notebook.run(f"from dask_gateway import JupyterHubAuth; result = Gateway(auth=JupyterHubAuth({token!r})).list_clusters()")


def test_a_token_that_is_not_the_hubs_is_refused(ada: Notebook, evidence: Evidence) -> None:
    # dask-gateway's own words: the hub answers 403, and it passes that on as its own failure.
    with pytest.raises(CellError, match="Permission failure verifying user's JupyterHub API token"):
        _listed_with(ada, "0" * 32)
    evidence.record("dask: a token that is not the hub's is refused", "faulted", "real gateway against a real hub")


@pytest.mark.parametrize(
    ("scopes", "admitted"), [(["read:users:name!user"], False), (["access:services!service=dask-gateway", "read:users:name!user"], True)]
)
def test_a_token_of_the_hub_must_be_let_in_to_the_gateway(
    running: DaskHub, ada: Notebook, page: Page, scopes: list[str], admitted: bool, evidence: Evidence
) -> None:
    log_in(page, running.world.url, _USER)
    page.goto(f"{running.world.url}/hub/token")
    (xsrf,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_xsrf" and cookie["path"] == "/hub/"]
    made = page.request.post(
        f"{running.world.url}/hub/api/users/{_USER}/tokens",
        headers={"X-XSRFToken": xsrf},
        data={"scopes": [*scopes, "read:users:name!user"]},
    )
    assert made.ok, made.text()
    token = made.json()["token"]
    if admitted:
        assert _listed_with(ada, token) == []
    else:
        with pytest.raises(CellError, match="401"):
            _listed_with(ada, token)
    evidence.record("dask: a token of the hub that is not let in to the gateway is refused", "faulted", "real gateway against a real hub")


def test_the_shared_token_is_in_no_log_file_or_pod(running: DaskHub, ada: Notebook, evidence: Evidence) -> None:
    ada.run("cluster = gateway.new_cluster()")
    token = CANARIES["gateway-token"]
    assert token not in running.world.hub.cluster.dump()
    assert token not in "".join(ada.environment.values())
    files = [path for path in running.folder.rglob("*") if path.is_file()]
    assert {"hub.log", "gateway.log", "gateway.json", "jupyterhub.sqlite", "scheduler.log"} <= {path.name for path in files}
    assert [path for path in files if token.encode() in path.read_bytes()] == []
    evidence.record("dask: the token of hub and gateway is in no log, pod or file", "exercised", "a canary, real processes")
