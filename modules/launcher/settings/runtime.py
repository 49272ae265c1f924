"""Settings of the cluster on which processes run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from modules.launcher import protocols
from modules.launcher.settings.base import Model
from modules.launcher.settings.credentials import Credentials

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Toleration(Model):
    """A taint that processes bear, as Kubernetes writes it."""

    key: str | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


class Pool(Model):
    """The nodes that processes go to."""

    node_selector: Mapping[str, str] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()

    def placed(self) -> protocols.Pool:
        """As the runtime reads it."""
        return protocols.Pool(self.node_selector, tuple(each.model_dump(exclude_none=True) for each in self.tolerations))


class EksRuntime(Model):
    """One EKS cluster. The first four keys are Hydroplane's."""

    runtime_type: Literal["eks"]
    credentials: Credentials
    cluster_name: str | None = Field(default=None, min_length=1, max_length=100)
    region: str | None = None
    namespace: str = "default"
    """Where a process goes that names no namespace."""
    namespaces: tuple[str, ...] = ()
    """Further namespaces that a process may name."""
    service_accounts: tuple[str, ...] = Field(default=("default",), min_length=1)
    """Service accounts that a process may name; the first is the default."""
    endpoint: str | None = None
    """Another address of the cluster's API, such as the near end of a tunnel; its certificate stays the cluster's own."""
    public_allowed: bool = True
    """Whether a process may ask for a public address. Hydroplane always allowed it."""
    pool: Pool = Pool()
    public_pool: Pool | None = None
    """Where processes with a public address go. Default: as the others."""
    run_as_non_root: bool = False
    """Refuse images that run as root, and make their file system read-only."""
    calls_at_once: int = Field(default=40, ge=1, le=1000)
    """Calls to Kubernetes that may be under way at a time."""

    @field_validator("namespace", "namespaces", "service_accounts")
    @classmethod
    def _are_names(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not all(_LABEL.fullmatch(each) for each in ([value] if isinstance(value, str) else value)):
            raise ValueError("is no Kubernetes name: lower-case letters, digits and hyphens, at most 63")
        return value

    @field_validator("region")
    @classmethod
    def _is_a_region(cls, value: str | None) -> str | None:
        if value is not None and not _REGION.fullmatch(value):
            raise ValueError("is not an AWS region such as us-west-2")
        return value

    @field_validator("endpoint")
    @classmethod
    def _keeps_the_token_safe(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://unset")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is no address such as https://127.0.0.1:8443")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("would send the token in clear over the network. Write https://")
        return value

    @model_validator(mode="after")
    def _names_its_cluster(self) -> EksRuntime:
        missing = [name for name in ("cluster_name", "region") if getattr(self, name) is None]
        if missing and not self.credentials.in_cluster:
            raise ValueError(f"is without {' and '.join(missing)}. Add {' and '.join(f'{name}:' for name in missing)} to runtime")
        if self.endpoint and self.credentials.in_cluster:
            raise ValueError("has endpoint beside in_cluster, which knows its own. Remove one of them")
        return self

    @property
    def all_namespaces(self) -> tuple[str, ...]:
        """Every namespace of the allow-list, the default first."""
        return tuple(dict.fromkeys((self.namespace, *self.namespaces)))
