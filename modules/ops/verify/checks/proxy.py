"""The proxy, by the page it answers itself: it is up even when the hub behind it is not."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS
from modules.ops.verify.scene import Scene

#: configurable-http-proxy's own, which reaches no hub, https://github.com/jupyterhub/configurable-http-proxy
_HEALTH = "/_chp_healthz"
_OK = 200


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    status = scene.site.get(_HEALTH).status
    if status != _OK:
        fix = f"kubectl logs -n {scene.config.hub.namespace} deploy/proxy; something else than the hub's proxy may answer there"
        raise HubError(f"the proxy at {scene.url} answers {status} instead of 200", fix=fix)
    return f"{scene.url} answers 200"


PROXY = Check("proxy", _run, after=("dns", "certificate"))
