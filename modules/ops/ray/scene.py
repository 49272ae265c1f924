"""An env whose Ray clusters are installed: what hub.yaml says of them, and the cluster they run in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from modules.common import ray as refs
from modules.common.errors import HubError
from modules.config.extras import RayCluster
from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi, open_cluster
from modules.ops.installed import installed, section
from modules.ops.ray.kuberay import KubeRayCluster
from modules.ops.ray.model import Seen
from modules.ops.ray.static import StaticCluster


class Hands(Protocol):
    """What can be done to a cluster of any kind (static.StaticCluster, kuberay.KubeRayCluster)."""

    def look(self) -> Seen | None:
        """As Kubernetes has it; None when something of it is missing."""

    def ask_for(self, workers: int) -> bool:
        """A head and this many workers; False when something of it is missing."""

    def ask_for_none(self) -> bool:
        """No pods; False when something of it is missing."""


@dataclass(frozen=True)
class Cluster:
    """One cluster of hub.yaml. key: its name there."""

    env: str
    key: str
    settings: RayCluster
    hands: Hands

    @property
    def address(self) -> str:
        """Where notebooks reach it."""
        return refs.address(self.key, self.settings.namespace)

    def look(self) -> Seen:
        """As Kubernetes has it now. Raises HubError when something of it is missing."""
        seen = self.hands.look()
        if seen is None:
            raise self.missing()
        return seen

    def ask_for(self, workers: int) -> None:
        """A head and this many workers. Raises HubError when something of it is missing."""
        if not self.hands.ask_for(workers):
            raise self.missing()

    def ask_for_none(self) -> None:
        """No pods any more. Raises HubError when something of it is missing."""
        if not self.hands.ask_for_none():
            raise self.missing()

    def missing(self) -> HubError:
        """Something of it is not in the cluster."""
        place = f"namespace {self.settings.namespace} of {self.env}"
        return HubError(f"the Ray cluster {self.key} is not (wholly) in {place}", fix=f"./install.sh {self.env} makes it again")


@dataclass(frozen=True)
class Scene:
    """clusters: those the command is about, in hub.yaml's order."""

    config: HubConfig
    clusters: tuple[Cluster, ...]
    api: ClusterApi


def open_scene(root: Path, config: HubConfig, name: str = "") -> Scene:
    """The Ray clusters of `config`, or the one called `name`.

    Raises HubError when hub.yaml has none, or none of that name, or they are not installed; looking starts no rehearsal.
    """
    chosen = chosen_of(config, name)
    found = installed(
        root, config, refs.STACK, noun="Ray cluster", named=f"stack {refs.STACK} of {config.env}, which has its Ray clusters, is"
    )
    api = open_cluster(root, config, found.target)
    return Scene(config, tuple(Cluster(config.env, key, each, _hands(api, key, each)) for key, each in chosen.items()), api)


def chosen_of(config: HubConfig, name: str) -> Mapping[str, RayCluster]:
    """The clusters a command is about. Raises HubError when there is none."""
    there = section(config, config.ray, name="ray", noun="Ray cluster")
    if not name:
        return there
    if name not in config.ray:
        raise HubError(
            f'{config.env} has no Ray cluster "{name}"; it has: {", ".join(config.ray)}',
            fix=f"name one of them, or add ray.{name} to envs/{config.env}/hub.yaml and ./install.sh {config.env}",
        )
    return {name: config.ray[name]}


def _hands(api: ClusterApi, key: str, settings: RayCluster) -> Hands:
    kind = StaticCluster if settings.kind == "static" else KubeRayCluster
    return kind(api, settings.namespace, key)
