"""./hub roles: the roles that hub.yaml gives to service accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig


@parts.app.command(epilog="Examples:  ./hub roles daft      ./hub roles daft --check")
def roles(
    env: parts.Env,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when a role is missing or not as the file says.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Show who may become which IAM role of ENV, what it may do there, and whether the account has it so. Changes nothing."""

    def body(config: HubConfig) -> int:
        from modules.ops.roles.listing import roles as show

        return show(parts.ROOT, config, check=check, as_json=as_json)

    return parts.run("roles", env, as_json, body, judged=False)
