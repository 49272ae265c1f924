"""The settings the release carries to the gateway, typed; modules/k8s/dask/settings.py writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


class SettingsError(Exception):
    """The gateway cannot start with these settings. The message names the field."""


@dataclass(frozen=True)
class Kind:
    """One choice of worker, such as `cpu` or `gpu`: what its pods get beside size and image, as Kubernetes writes it."""

    pod: Mapping[str, Any] = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Cores are whole; memory is in bytes; idle_timeout in seconds, 0 for never; kinds by the name users choose, the first by default.

    image: what clusters run when nobody asks for one. environment: of every scheduler and worker, beside what a user asks for.
    """

    image: str
    worker_cores: tuple[int, int]
    worker_memory: tuple[int, int]
    max_cores: int
    max_memory: int
    max_clusters: int
    idle_timeout: int
    kinds: Mapping[str, Kind]
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Settings:
        """From plain JSON. Raises SettingsError for a field that is missing or not ours."""
        known = {each.name for each in fields(cls)}
        if wrong := sorted((given.keys() ^ known) - {"environment"}):
            raise SettingsError(f"{wrong[0]} is missing or not known")
        if not given["kinds"]:
            raise SettingsError("kinds is empty, so there would be no worker to start")
        least_cores, most_cores = given["worker_cores"]
        least_memory, most_memory = given["worker_memory"]
        plain = {
            **given,
            "worker_cores": (least_cores, most_cores),
            "worker_memory": (least_memory, most_memory),
            "kinds": {name: Kind(**kind) for name, kind in given["kinds"].items()},
        }
        return cls(**plain)
