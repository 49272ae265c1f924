"""Values of our chart desktop-app: the env's application, shown on every desktop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RELEASE = "desktop-app"


def values(image: str, *, host_path: str, selector: Mapping[str, str], tolerations: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """image: with its tag; it runs what it runs by itself. The rest: as the desktops have it."""
    return {
        "image": image,
        "command": [],
        "everyDesktop": True,
        # The desktops' namespace lets pods have a folder of the node, so no volume of the cluster's is needed.
        "volume": "hostPath",
        "hostPath": host_path,
        "nodeSelector": dict(selector),
        "tolerations": [dict(toleration) for toleration in tolerations],
        # Nobody here knows where an image writes; one that may not write where it wants shows no window and no reason.
        "readOnlyRootFilesystem": False,
    }
