"""Where the desktops' agents write parameters at run time, which are in no state (modules/ops/sweep/parameters.py removes them)."""

from __future__ import annotations

from modules.common import desktops as refs
from modules.common.names import parameter_prefix
from modules.config.models import HubConfig


def run_time_path(config: HubConfig) -> str:
    """Below which the agents of `config` write, one parameter a node; "" for an env without desktops."""
    if config.desktop is None:
        return ""
    return f"{parameter_prefix(config.desktop.project, config.env, config.desktop.module)}/{refs.DISPLAY_PARAMETER}"
