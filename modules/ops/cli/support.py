"""The verb for asking others for help: support-bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modules.ops.cli import parts


@parts.app.command("support-bundle", epilog="Example:  ./hub support-bundle dandi --mask-account")
def support_bundle(
    env: parts.Env,
    output: Annotated[Path | None, typer.Option("--output", help="The file to write; default: below .hubsmith/ENV/support.")] = None,
    mask_account: Annotated[bool, typer.Option("--mask-account", help="Take AWS account ids out, too.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Collect what a helper needs to see of ENV, without secrets, in one file of yours. Nothing is sent."""
    from modules.ops.support.command import support_bundle as run

    return parts.run(
        "support-bundle",
        env,
        as_json,
        lambda config: run(parts.ROOT, config, output=output, mask_account=mask_account, as_json=as_json),
        judged=False,
    )
