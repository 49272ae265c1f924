"""Parameters that the desktops' agents made at run time, which are in no state: found below their prefix, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from modules.common import desktops as refs
from modules.common.names import parameter_prefix
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients, pages
from modules.ops.sweep_kinds import Scope, Sweepable


def run_time_path(config: HubConfig) -> str:
    """Below which the agents of `config` write, one parameter a node; "" for an env without desktops."""
    if config.desktop is None:
        return ""
    return f"{parameter_prefix(config.desktop.project, config.env, config.desktop.module)}/{refs.DISPLAY_PARAMETER}"


def parameters(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Each node's parameter. The one of that name itself is Terraform's, and is not below it. Raises ClientError when AWS refuses."""
    if not scope.parameters:
        return
    ssm = clients.get("ssm")
    for found in pages(ssm, "get_parameters_by_path", "Parameters", Path=scope.parameters, Recursive=True):
        yield Sweepable("parameter", found["Name"], partial(ssm.delete_parameter, Name=found["Name"]))
