"""The hub behind the proxy: it calls itself healthy."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS
from modules.ops.verify.scene import Scene

_OK = 200


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    reply = scene.site.get("/hub/health")
    if reply.status != _OK:
        fix = f"kubectl logs -n {scene.config.hub.namespace} deploy/hub; a line that begins with `hubsmith:` says why it does not start"
        raise HubError(f"the hub does not answer: {reply.status} at /hub/health", fix=fix)
    version = (scene.site.get("/hub/api/").json() or {}).get("version", "")
    return f"JupyterHub {version} is healthy" if version else "it is healthy"


HUB = Check("hub", _run, after=("proxy",))
