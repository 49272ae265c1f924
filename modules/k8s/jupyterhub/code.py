"""modules/hub as it is shipped: a ConfigMap whose keys are its files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from modules.cdk import Stack, kubernetes, literal
from modules.k8s.jupyterhub import refs

_HUB = Path(__file__).resolve().parents[2] / "hub"


class HubCode:
    """`digest` changes with any file; the hub restarts on it, because a mounted file alone would not be read again."""

    def __init__(self, stack: Stack, *, namespace: str) -> None:
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(_HUB.glob("*.py"))}
        self.digest = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in files.items()).encode()).hexdigest()[:16]
        ns = kubernetes.config_map_v1
        self.resource: Any = ns.ConfigMapV1(
            stack,
            "code",
            metadata=ns.ConfigMapV1Metadata(name=refs.CODE, namespace=namespace),
            data={name: literal(text) for name, text in files.items()},
        )
