"""./hub users: the people of an env with a Cognito login."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig

_ACTIONS = ("list", "add", "disable", "enable", "reset", "groups")
_ONE = ("disable", "enable", "reset")
_EXAMPLES = """\b
./hub users add helio ada@example.org --group researchers
./hub users add helio - < addresses.txt
./hub users groups helio add ada@example.org gpu-users
"""


@parts.app.command(epilog=f"Examples:\n\n{_EXAMPLES}")
def users(
    action: Annotated[str, typer.Argument(help=f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}.", metavar="|".join(_ACTIONS))],
    env: parts.Env,
    who: Annotated[
        list[str] | None, typer.Argument(help="E-mail addresses; add takes - for a list on standard input.", metavar="[WHO]...")
    ] = None,
    group: Annotated[list[str] | None, typer.Option("--group", help="add: into this group; may be given again.", metavar="GROUP")] = None,
    name: Annotated[str, typer.Option("--name", help="add: the person's own name.", metavar="NAME")] = "",
    no_mail: Annotated[bool, typer.Option("--no-mail", help="add: send no invitation yet.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="add: check and tell, change nothing.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """List the people of ENV's Cognito login, invite, disable or reset them, and see or set their groups."""
    words = who or []
    _check(action, words, {"--group": bool(group), "--name": bool(name), "--no-mail": no_mail, "--dry-run": dry_run})

    def body(config: HubConfig) -> int:
        if action == "add":
            from modules.ops.users.add import Wish, add

            wish = Wish(tuple(words), tuple(dict.fromkeys(group or ())), name, not no_mail, dry_run)
            return add(parts.ROOT, config, wish, as_json=as_json)
        return _other(action, parts.ROOT, config, words, as_json=as_json)

    return parts.run("users", env, as_json, body, judged=False)


def _other(action: str, root: Path, config: HubConfig, words: Sequence[str], *, as_json: bool) -> int:
    if action == "list":
        from modules.ops.users.listing import list_users

        return list_users(root, config, as_json=as_json)
    if action == "groups":
        from modules.ops.users import groups

        what, user, group = groups.chosen(words)
        if what == "list":
            return groups.list_groups(root, config, as_json=as_json)
        return (groups.join if what == "add" else groups.leave)(root, config, user, group, as_json=as_json)
    from modules.ops.users import change

    return {"disable": change.disable, "enable": change.enable, "reset": change.reset}[action](root, config, words[0], as_json=as_json)


def _check(action: str, words: Sequence[str], options: dict[str, bool]) -> None:
    if action not in _ACTIONS:
        raise typer.BadParameter(f'"{action}" is none of {", ".join(_ACTIONS)}')
    for option, given in options.items():
        if given and action != "add":
            raise typer.BadParameter(f"{option} says nothing to {action}")
    if action == "list" and words:
        raise typer.BadParameter("list takes no name")
    if action in _ONE and len(words) != 1:
        raise typer.BadParameter(f"name one user: ./hub users {action} ENV USER")
    if action == "add" and not words:
        raise typer.BadParameter("say whom to invite: ./hub users add ENV E-MAIL..., or - for a list on standard input")
