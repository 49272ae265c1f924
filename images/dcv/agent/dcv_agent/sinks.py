"""The two places an entry is published to. Each touches its own node's keys, and the shared ones only when its own display changed."""

from __future__ import annotations

from typing import Protocol

from dcv_agent.cluster import Cluster
from dcv_agent.entry import DISPLAY, STATUS, Entry
from dcv_agent.parameters import Parameters
from dcv_agent.settings import Settings


class Sink(Protocol):
    """A place to publish to."""

    name: str

    def sync(self, entry: Entry) -> bool:
        """Makes the place say what the entry says; True when it had to write. Trouble when it could not."""

    def remove(self, node: str) -> None:
        """Removes a node's own keys; Trouble when it could not."""


class ConfigMapSink:
    """The ConfigMap; `data` is what it held after the last sync."""

    name = "ConfigMap"

    def __init__(self, cluster: Cluster, config_map: str) -> None:
        self._cluster, self._config_map = cluster, config_map
        self._announced: dict[str, str] = {}
        self._version = ""
        self.data: dict[str, str] = {}

    def sync(self, entry: Entry) -> bool:
        """Reads first: an equal ConfigMap is not written, and somebody else's edit of our keys is undone."""
        data, self._version = self._cluster.config_map(self._config_map)
        wanted, shared = entry.keys(), entry.single_keys()
        # Without this condition agents with different displays would overwrite each other's shared keys for ever.
        if shared != self._announced or not data.get(DISPLAY):
            wanted |= shared
        different: dict[str, str | None] = {key: value for key, value in wanted.items() if data.get(key) != value}
        if different:
            self._cluster.patch_config_map(self._config_map, different)
            self._version = ""
        self._announced, self.data = shared, data | wanted
        return bool(different)

    def remove(self, node: str) -> None:
        """Takes the node's two keys away, whatever else happens to the ConfigMap meanwhile."""
        self._cluster.patch_config_map(self._config_map, dict.fromkeys(_keys(node)))
        self._forget(node)

    def remove_stale(self, node: str) -> None:
        """Takes another node's keys away, but only as they were read: its agent may be back (Conflict)."""
        if not self._version:
            data, self._version = self._cluster.config_map(self._config_map)
            if any(data.get(key) != self.data.get(key) for key in _keys(node)):
                return
        self._cluster.patch_config_map(self._config_map, dict.fromkeys(_keys(node)), self._version)
        self._version = ""
        self._forget(node)

    def _forget(self, node: str) -> None:
        self.data = {key: value for key, value in self.data.items() if key not in _keys(node)}


class ParameterSink:
    """The SSM parameters."""

    name = "SSM"

    def __init__(self, parameters: Parameters, settings: Settings) -> None:
        self._parameters, self._settings = parameters, settings
        self._announced: dict[str, str] = {}

    def sync(self, entry: Entry) -> bool:
        """Reads each first: a write of an equal value would only make versions of the parameter."""
        wanted = {self._settings.node_parameter: entry.display}
        shared = {self._settings.display_parameter: entry.display, self._settings.socket_parameter: entry.socket_path}
        if shared != self._announced:
            wanted |= shared
        different = {name: value for name, value in wanted.items() if self._parameters.get(name) != value}
        for name, value in different.items():
            self._parameters.put(name, value)
        self._announced = shared
        return bool(different)

    def remove(self, node: str) -> None:
        """Deletes the node's parameter."""
        self._parameters.delete(self._settings.parameter_of(node))


def _keys(node: str) -> tuple[str, str]:
    return f"{DISPLAY}.{node}", f"{STATUS}.{node}"
