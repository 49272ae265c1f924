"""An env whose desktops are installed: its settings, what its state says, and its cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.common import desktops as refs
from modules.common.errors import HubError
from modules.config.extras import Desktop
from modules.config.models import HubConfig
from modules.ops.installed import installed, section
from modules.ops.target import Target

if TYPE_CHECKING:
    from modules.ops.cluster_api import ClusterApi, Replicas
    from modules.ops.desktop.board import Published


@dataclass(frozen=True)
class Scene:
    """outputs: those of stack desktop, as its state has them."""

    root: Path
    config: HubConfig
    settings: Desktop
    target: Target
    outputs: dict[str, Any] = field(repr=False)

    @cached_property
    def cluster(self) -> ClusterApi:
        """The cluster's API; finding it raises HubError when there is none."""
        from modules.ops.cluster_api import open_cluster

        return open_cluster(self.root, self.config, self.target)

    def board(self) -> tuple[Published, ...]:
        """What the agents have published. Raises HubError when the cluster does not let us look."""
        from modules.ops.desktop.board import read_board

        data = self.cluster.config_map(self.settings.namespace, refs.CONFIG_MAP)
        if data is None:
            raise self.incomplete(f"ConfigMap {refs.CONFIG_MAP}")
        return read_board(data)

    def seats(self) -> Replicas:
        """How many desktops are asked for, and how many have a node. Raises HubError as `board` does."""
        found = self.cluster.replicas(self.settings.namespace, refs.SEATS)
        if found is None:
            raise self.incomplete(f"Deployment {refs.SEATS}")
        return found

    def incomplete(self, what: str) -> HubError:
        """Something of the stack is missing in the cluster."""
        env = self.config.env
        return HubError(f"there is no {what} in namespace {self.settings.namespace} of {env}", fix=f"./install.sh {env} makes it again")


def open_scene(root: Path, config: HubConfig) -> Scene:
    """The desktops of `config`. Raises HubError when hub.yaml has none, or they are not installed; looking starts no rehearsal."""
    settings = section(config, config.desktop, name="desktop", noun="desktops")
    found = installed(root, config, refs.STACK, noun="desktops", named=f"the desktops of {config.env} are")
    return Scene(root, config, settings, found.target, found.outputs)
