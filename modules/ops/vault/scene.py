"""An env with Vault: its settings, what its state says, its cluster and its secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.config.extras import Vault
from modules.config.models import HubConfig
from modules.ops.installed import installed, section
from modules.ops.target import Target

if TYPE_CHECKING:
    from modules.ops.cluster_api import ClusterApi
    from modules.ops.vault.keeping import Keeper


@dataclass(frozen=True)
class Scene:
    """outputs: those of stack vault, as its state has them."""

    root: Path
    config: HubConfig
    settings: Vault
    target: Target
    outputs: dict[str, Any] = field(repr=False)

    @cached_property
    def cluster(self) -> ClusterApi:
        """The cluster's API; finding it raises HubError when there is none."""
        from modules.ops.cluster_api import open_cluster

        return open_cluster(self.root, self.config, self.target)

    @cached_property
    def keeper(self) -> Keeper:
        """Vault's secrets in Secrets Manager."""
        from modules.ops.vault.keeping import Keeper

        return Keeper(self.target.session, self.config)

    @property
    def role_arn(self) -> str:
        """The role Vault itself runs as, which users' roles must trust. Raises HubError when the state has none."""
        found = self.outputs.get(refs.ROLE_OUTPUT)
        if not found:
            raise HubError(
                f"stack {refs.STACK} of {self.config.env} names no role", fix=f"./install.sh {self.config.env} brings it up to date"
            )
        return str(found)


def open_scene(root: Path, config: HubConfig) -> Scene:
    """Vault of `config`. Raises HubError when hub.yaml has none, or it is not installed; looking starts no rehearsal."""
    settings = section(config, config.vault, name="vault", noun="Vault")
    found = installed(root, config, refs.STACK, noun="Vault", named=f"Vault of {config.env} is")
    return Scene(root, config, settings, found.target, found.outputs)
