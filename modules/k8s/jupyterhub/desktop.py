"""What a profile with `desktop: true` adds to its servers: the screen of the desktop on their node."""

from __future__ import annotations

from typing import Any

from modules.common.desktops import AUTH, SESSION, SOCKETS, SOCKETS_MOUNT
from modules.common.scheduling import placement
from modules.k8s.jupyterhub.refs import DESKTOP_CLAIM

#: Nodes of desktops, our pool's or those of somebody else's cluster, carry these.
NODE_LABELS = placement("desktop", None).labels
#: Where the cookie is in a server; the sockets are where every X client looks for them.
_AUTH_MOUNT = "/run/desktop"
#: The desktop keeps a socket of number 0 on every node, whichever number its session has.
ENVIRONMENT = {"DISPLAY": ":0", "XAUTHORITY": f"{_AUTH_MOUNT}/{SESSION}.xauth"}


def additions() -> dict[str, list[dict[str, Any]]]:
    """By trait of KubeSpawner, what is added to a list that an override would replace (modules/hub/profiles.py does it).

    The claim, not the folder itself: a hostPath in the pod would need a namespace that lets every pod do anything.
    """
    claim = {"claimName": DESKTOP_CLAIM, "readOnly": True}
    return {
        "volumes": [{"name": DESKTOP_CLAIM, "persistentVolumeClaim": claim}],
        "volume_mounts": [
            {"name": DESKTOP_CLAIM, "mountPath": path, "subPath": folder, "readOnly": True}
            for folder, path in ((SOCKETS, SOCKETS_MOUNT), (AUTH, _AUTH_MOUNT))
        ],
    }


def node_expressions() -> list[dict[str, Any]]:
    """Node affinity in place of the chart's, which asks for nodes of users."""
    return [{"key": key, "operator": "In", "values": [value]} for key, value in NODE_LABELS.items()]
