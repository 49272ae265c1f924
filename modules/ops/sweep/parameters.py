"""Parameters: those that the desktops' agents made at run time, and those of Terraform's that no state knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from modules.ops.aws_clients import Clients, pages
from modules.ops.desktop.parameters import run_time_path
from modules.ops.inventory import Found
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope


def parameters(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Each node's parameter. The one of that name itself is Terraform's, and is not below it. Raises ClientError when AWS refuses."""
    path = run_time_path(scope.config)
    if not path:
        return
    ssm = clients.get("ssm")
    for found in pages(ssm, "get_parameters_by_path", "Parameters", Path=path, Recursive=True):
        yield Sweepable("parameter", found["Name"], partial(ssm.delete_parameter, Name=found["Name"]))


def parameter(clients: Clients, _: Scope, found: Found) -> Sweepable:
    """A parameter of ours that no state knows. Its ARN leaves out the slash with which all names of ours begin."""
    name = f"/{found.id}"
    return Sweepable("parameter", name, partial(clients.get("ssm").delete_parameter, Name=name), names=frozenset({found.arn}))
