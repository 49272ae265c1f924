"""The ConfigMap where agents say which display each node has."""

from __future__ import annotations

from typing import Any

from modules.cdk import Lifecycle, Stack, kubernetes
from modules.common import desktops as refs


def board(stack: Stack, *, namespace: str, socket_path: str) -> Any:
    """`dcv-agent-config-map`, with the seed's two keys. What agents write later is theirs: no plan puts it back."""
    ns = kubernetes.config_map_v1
    return ns.ConfigMapV1(
        stack,
        "board",
        metadata=ns.ConfigMapV1Metadata(name=refs.CONFIG_MAP, namespace=namespace),
        data={"display": "", "socket_mount_path": socket_path},
        lifecycle=Lifecycle(ignore_changes=["data"]),
    )
