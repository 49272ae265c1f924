"""An optional part of an env that a command is about: hub.yaml has it, and its stack is installed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.state import stack_state
from modules.ops.target import Target, resolve_target, running_rehearsal

Part = TypeVar("Part")


@dataclass(frozen=True)
class Installed:
    """Where it is, and what its state tells."""

    target: Target
    outputs: dict[str, Any] = field(repr=False)


def installed(root: Path, config: HubConfig, stack: str, *, noun: str, named: str) -> Installed:
    """The installed stack. noun: as in "so it has no <noun>"; named: as in "<named> is not installed". Looking starts no rehearsal.

    Raises HubError when it is not installed.
    """
    install = f"./install.sh {config.env}"
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run, so it has no {noun}", fix=install)
    target = resolve_target(root, config)
    state = stack_state(target.session, config, f"{config.env}-{stack}")
    if state is None or not state.resources:
        raise HubError(f"{named} not installed", fix=install)
    return Installed(target, state.outputs)


def section(config: HubConfig, part: Part | None, *, name: str, noun: str) -> Part:
    """The part of hub.yaml called `name`. Raises HubError when there is none."""
    if not part:
        raise HubError(
            f"{config.env} has no {noun}: envs/{config.env}/hub.yaml has no section `{name}`",
            fix=f"add one (docs/config.md), then ./install.sh {config.env}",
        )
    return part
