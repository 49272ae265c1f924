"""The way to a head that runs: a port-forward to its dashboard, and the cluster's token, which is read where its pods read it."""

from __future__ import annotations

import base64
import socket

from modules.common import ray as refs
from modules.common.errors import HubError
from modules.ops.ray.head import Head
from modules.ops.ray.pods import pods_of
from modules.ops.ray.scene import Cluster, Scene

#: Ray's own, and the charts'. The policies let nobody in; a port-forward ends inside the pod.
_DASHBOARD = 8265


def head_of(scene: Scene, cluster: Cluster) -> Head | None:
    """The head; None when none runs. Raises HubError when the cluster does not let us look, or there is no token."""
    namespace, api = cluster.settings.namespace, scene.api
    pods = pods_of(api, namespace, refs.labels(cluster.key, "head"))
    running = [str(pod["metadata"]["name"]) for pod in pods if (pod.get("status") or {}).get("phase") == "Running"]
    if not running:
        return None
    token = _token(scene, cluster)

    def dial() -> socket.socket:
        return api.forward(namespace, running[0], _DASHBOARD)

    return Head(cluster.key, dial, token)


def _token(scene: Scene, cluster: Cluster) -> str:
    namespace, name = cluster.settings.namespace, refs.pod_secret(cluster.key)
    found = scene.api.read(f"/api/v1/namespaces/{namespace}/secrets/{name}", f"the Secret {name}")
    text = ((found or {}).get("data") or {}).get(refs.TOKEN_KEY)
    if not text:
        raise HubError(f"there is no token in the Secret {name}", fix=f"./install.sh {scene.config.env} makes it again")
    return base64.b64decode(text).decode()
