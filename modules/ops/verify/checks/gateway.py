"""The Dask gateway, through the hub's proxy."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS
from modules.ops.verify.scene import Scene

#: Where the hub's service is, and the gateway's own page about itself (dask-gateway-server 2026.3.0).
_HEALTH = "/services/dask-gateway/api/health"
_OK = 200


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    assert scene.config.dask is not None  # the check is wanted only then
    reply = scene.site.get(_HEALTH)
    if reply.status != _OK:
        pods = f"kubectl get pods -n {scene.config.dask.namespace} -l app.kubernetes.io/name=dask-gateway"
        raise HubError(
            f"the Dask gateway answers {reply.status} instead of 200", fix=f"{pods}; a 404 means that the hub has no such service"
        )
    state = (reply.json() or {}).get("status")
    if state != "pass":
        raise HubError("something else than a Dask gateway answers there", fix=f"./install.sh {scene.config.env} puts the service right")
    return "the Dask gateway is healthy"


GATEWAY = Check("gateway", _run, after=("hub",), wanted=lambda config: config.dask is not None)
