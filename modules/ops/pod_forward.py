"""One connection to a port of a pod, through the Kubernetes API (what `kubectl port-forward` does)."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from kubernetes.client import Configuration

#: How the WebSocket library words a refusal; the client library passes it on without its status.
_REFUSED = re.compile(r"Handshake status (\d{3}) ([^-]*)")


def connect(settings: Configuration, namespace: str, pod: str, port: int) -> socket.socket:
    """A connected socket. Raises ApiException with the server's status, 0 where none came.

    A client of its own: the library bends the one it is given while it connects, and another thread may be using it.
    """
    from kubernetes.client import ApiClient, ApiException, CoreV1Api
    from kubernetes.stream import portforward

    call: Any = portforward
    try:
        opened = call(CoreV1Api(ApiClient(settings)).connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port))
    except ApiException as error:
        found = _REFUSED.search(str(error.reason))
        if found:
            raise ApiException(status=int(found[1]), reason=found[2].strip()) from None
        raise
    return cast("socket.socket", opened.socket(port))
