"""./hub vault: an env's Vault, and whose AWS roles are behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig

_ACTIONS = ("init", "configure", "link-user", "unlink-user", "status", "users")
#: What follows ENV, and which options belong to each action; one that would be ignored is refused.
_TAKES = {"link-user": ("E-MAIL", "ROLE-ARN"), "unlink-user": ("E-MAIL",)}
_OPTIONS = {
    "configure": ("--dry-run",),
    "link-user": ("--dry-run", "--no-test", "--hub-user"),
    "unlink-user": ("--dry-run",),
}
_EXAMPLES = """\b
./hub vault init daft
./hub vault configure daft
./hub vault link-user daft ada@example.org arn:aws:iam::210987654321:role/hubsmith-vault-ada
"""


@parts.app.command(epilog=f"Examples:\n\n{_EXAMPLES}")
def vault(
    action: Annotated[str, typer.Argument(help=f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}.", metavar="|".join(_ACTIONS))],
    env: parts.Env,
    who: Annotated[list[str] | None, typer.Argument(help="link-user: E-MAIL ROLE-ARN; unlink-user: E-MAIL.", metavar="[WHO]...")] = None,
    address: Annotated[
        str, typer.Option("--address", help="Where Vault answers; default: VAULT_ADDR, else a port forward.", metavar="URL")
    ] = "",
    hub_user: Annotated[
        str, typer.Option("--hub-user", help="link-user: the name in the hub; default: the e-mail address.", metavar="NAME")
    ] = "",
    no_test: Annotated[bool, typer.Option("--no-test", help="link-user: do not assume the role once.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="configure, link-user, unlink-user: tell, change nothing.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Set up ENV's Vault, link people to AWS roles of their own accounts, and show both. init and configure may be run again."""
    words = tuple(who or ())
    _check(action, words, {"--hub-user": bool(hub_user), "--no-test": no_test, "--dry-run": dry_run})

    def body(config: HubConfig) -> int:
        if action == "link-user":
            from modules.ops.vault.link import Wish, link

            return link(parts.ROOT, config, Wish(words[0], words[1], hub_user, not no_test, dry_run), address=address, as_json=as_json)
        return _simple(action, words, address, dry_run, as_json)(config)

    return parts.run("vault", env, as_json, body, judged=False)


def _simple(action: str, words: tuple[str, ...], address: str, dry_run: bool, as_json: bool) -> Callable[[HubConfig], int]:
    def body(config: HubConfig) -> int:
        if action == "init":
            from modules.ops.vault.init import init

            return init(parts.ROOT, config, address=address, as_json=as_json)
        if action == "configure":
            from modules.ops.vault.configure import configure

            return configure(parts.ROOT, config, address=address, dry_run=dry_run, as_json=as_json)
        if action == "unlink-user":
            from modules.ops.vault.link import unlink

            return unlink(parts.ROOT, config, words[0], address=address, dry_run=dry_run, as_json=as_json)
        if action == "users":
            from modules.ops.vault.listing import users

            return users(parts.ROOT, config, address=address, as_json=as_json)
        from modules.ops.vault.status import status

        return status(parts.ROOT, config, address=address, as_json=as_json)

    return body


def _check(action: str, words: tuple[str, ...], options: dict[str, bool]) -> None:
    if action not in _ACTIONS:
        raise typer.BadParameter(f'"{action}" is none of {", ".join(_ACTIONS)}')
    for option, given in options.items():
        if given and option not in _OPTIONS.get(action, ()):
            raise typer.BadParameter(f"{option} says nothing to {action}")
    takes = _TAKES.get(action, ())
    if len(words) != len(takes):
        raise typer.BadParameter(f"write ./hub vault {' '.join([action, 'ENV', *takes])}")
