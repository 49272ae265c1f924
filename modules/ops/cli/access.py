"""The verbs that hand out or give a secret: secrets, eks-token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig


@parts.app.command("secrets", epilog="Examples:  ./hub secrets list dandi      ./hub secrets set dandi oauth-client-secret < file")
def secrets(
    action: Annotated[str, typer.Argument(help="list or set.", metavar="list|set")],
    env: parts.Env,
    name: Annotated[str, typer.Argument(help="Which one to set.", metavar="[NAME]")] = "",
    source: Annotated[str, typer.Argument(help="- for standard input; default: a hidden question.", metavar="[-]")] = "",
    as_json: parts.AsJson = False,
) -> int:
    """List the secrets of ENV, or set one: typed where nobody sees it, piped, or from TF_VAR_<name>."""
    if action not in ("list", "set"):
        raise typer.BadParameter(f'"{action}" is none of list, set')
    if (action == "set") is not bool(name):
        raise typer.BadParameter("say which secret: ./hub secrets set ENV NAME" if action == "set" else "list takes no NAME")

    def body(config: HubConfig) -> int:
        from modules.ops.secrets_command import list_secrets, set_secret

        return (
            list_secrets(parts.ROOT, config, as_json=as_json)
            if action == "list"
            else set_secret(parts.ROOT, config, name, source, as_json=as_json)
        )

    return parts.run("secrets", env, as_json, body)


@parts.app.command("eks-token", epilog="Example:  ./hub eks-token dandi")
def eks_token(env: parts.Env) -> int:
    """Print a credential for ENV's cluster, as kubectl and Terraform ask for it (ExecCredential)."""

    def body(config: HubConfig) -> int:
        import os

        from modules.ops.eks_token import credential

        environ: Mapping[str, str] = os.environ
        if config.rehearsal and "AWS_ENDPOINT_URL" not in environ:
            from modules.ops.target import rehearsal_environment

            environ = rehearsal_environment(parts.ROOT, config)
            os.environ.update(environ)
        print(credential(config, environ))
        return 0

    return parts.run("eks-token", env, False, body, judged=False)
