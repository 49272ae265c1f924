"""./hub ray: the Ray clusters of an env."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig

_ACTIONS = ("status", "up", "down", "scale", "check")
_CHANGES = ("--no-wait", "--timeout", "--dry-run")
#: Which options belong to which action; one that would be ignored is refused.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "status": (),
    "check": (),
    "up": ("--workers", *_CHANGES),
    "scale": ("--workers", *_CHANGES),
    "down": ("--yes", *_CHANGES),
}


@parts.app.command(epilog="Examples:  ./hub ray status daft      ./hub ray up daft      ./hub ray scale daft default --workers 8")
def ray(
    action: Annotated[str, typer.Argument(help="status, up, down, scale or check.", metavar="|".join(_ACTIONS))],
    env: parts.Env,
    name: Annotated[str, typer.Argument(help="A cluster of hub.yaml's section ray; default: all of them.", metavar="[NAME]")] = "",
    workers: Annotated[int | None, typer.Option("--workers", help="up, scale: how many; up: else hub.yaml's.", metavar="N")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="down: whatever runs on it may end.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="up, down, scale: ask, and do not wait for the pods.")] = False,
    timeout: Annotated[float | None, typer.Option("--timeout", help="Seconds to wait; default 900.", metavar="S", min=0)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="up, down, scale: say what would be asked for.")] = False,
    as_json: parts.AsJson = False,
) -> int:
    """Show, bring up, take down or scale the Ray clusters of ENV; `check` compares their image with the notebooks'."""
    given = {"--workers": workers is not None, "--yes": yes, "--no-wait": no_wait, "--timeout": timeout is not None, "--dry-run": dry_run}
    _check(action, [each for each, is_given in given.items() if is_given])

    def body(config: HubConfig) -> int:
        if action == "status":
            from modules.ops.ray.status import status

            return status(parts.ROOT, config, name, as_json=as_json)
        if action == "check":
            from modules.ops.ray.check import check

            return check(parts.ROOT, config, name, as_json=as_json)
        from modules.ops.ray import change
        from modules.ops.ray.waiting import Patience

        patience = Patience() if timeout is None else Patience(timeout)
        manner = change.Manner(wait=not no_wait, yes=yes, dry_run=dry_run, as_json=as_json, patience=patience)
        if action == "up":
            return change.up(parts.ROOT, config, name, workers, manner)
        if action == "down":
            return change.down(parts.ROOT, config, name, manner)
        assert workers is not None
        return change.scale(parts.ROOT, config, name, workers, manner)

    return parts.run("ray", env, as_json, body, judged=False)


def _check(action: str, given: list[str]) -> None:
    if action not in _ACTIONS:
        raise typer.BadParameter(f'"{action}" is none of {", ".join(_ACTIONS)}')
    for name in given:
        if name not in _OPTIONS[action]:
            raise typer.BadParameter(f"{name} says nothing to {action}")
    if action == "scale" and "--workers" not in given:
        raise typer.BadParameter("scale needs --workers N")
