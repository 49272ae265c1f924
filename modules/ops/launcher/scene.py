"""An env with the process launcher: its settings, and what its state says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.common import launcher as refs
from modules.config.extras import Launcher
from modules.config.models import HubConfig
from modules.ops.installed import installed, section
from modules.ops.target import Target


@dataclass(frozen=True)
class Scene:
    """outputs: those of stack launcher, as its state has them."""

    root: Path
    config: HubConfig
    settings: Launcher
    target: Target
    outputs: dict[str, Any] = field(repr=False)


def open_scene(root: Path, config: HubConfig) -> Scene:
    """The launcher of `config`. Raises HubError when hub.yaml has none, or it is not installed; looking starts no rehearsal."""
    settings = section(config, config.launcher, name="launcher", noun="launcher")
    found = installed(root, config, refs.STACK, noun="launcher", named=f"the launcher of {config.env} is")
    return Scene(root, config, settings, found.target, found.outputs)
