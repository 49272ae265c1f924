"""The hub's credentials, in one Secret of its namespace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.cdk import Stack
from modules.k8s.jupyterhub import refs
from modules.k8s.secret_values import SecretValues


class Credentials:
    """Secret `hub-credentials`. `revision` changes with any value in Secrets Manager, also when a person set it by hand."""

    def __init__(self, stack: Stack, *, namespace: str, secrets: Mapping[str, str]) -> None:
        """secrets: key in the Secret → full name in Secrets Manager."""
        self._values = SecretValues(stack, secrets, revision="secret-revision")
        self.revision = self._values.revision
        self.resource: Any = self._values.write("credentials", name=refs.SECRET, namespace=namespace, keys={key: key for key in secrets})

    def also(self, id: str, *, name: str, namespace: str, keys: Sequence[str]) -> Any:
        """Some of the keys once more, in a Secret of another namespace, for pods that must not read the rest; gives the resource."""
        return self._values.write(id, name=name, namespace=namespace, keys={key: key for key in keys})
