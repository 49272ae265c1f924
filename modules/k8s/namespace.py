"""A namespace of ours: with its pod-security level, and shut until policies open it."""

from __future__ import annotations

from typing import Any, Literal

from modules.cdk import Stack, kubernetes

Level = Literal["restricted", "baseline", "privileged"]
_LABEL = "pod-security.kubernetes.io"


class Namespace:
    """`name`, whose pods must keep to `level` (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""

    def __init__(self, stack: Stack, name: str, *, level: Level, id: str = "namespace") -> None:
        ns = kubernetes.namespace_v1
        labels = {f"{_LABEL}/{mode}": level for mode in ("enforce", "warn", "audit")}
        self.resource: Any = ns.NamespaceV1(
            stack,
            id,
            metadata=ns.NamespaceV1Metadata(name=name, labels={**labels, "app.kubernetes.io/managed-by": "hubsmith"}),
        )
        # A reference, not the text: what stands in the namespace then comes after it, and goes before it.
        self.name: str = self.resource.metadata.name
