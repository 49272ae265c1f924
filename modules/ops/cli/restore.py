"""./hub restore: the file system's backups, listed, made, and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modules.ops.cli import parts

if TYPE_CHECKING:
    from modules.config.models import HubConfig

_EXAMPLES = (
    "Examples:  ./hub restore dandi --list      ./hub restore dandi --path /home/ada --point 2026-11-20 --dry-run"
    "      ./hub restore dandi --new-file-system --yes"
)


@parts.app.command(epilog=_EXAMPLES)
def restore(
    env: parts.Env,
    listing: Annotated[bool, typer.Option("--list", help="List the recovery points; change nothing.")] = False,
    backup_now: Annotated[bool, typer.Option("--backup-now", help="Make a recovery point, and wait for it.")] = False,
    follow: Annotated[str, typer.Option("--follow", help="Wait for a job that was left running.", metavar="JOB")] = "",
    point: Annotated[str, typer.Option("--point", help="latest, the beginning of its time in UTC, or its ARN.")] = "latest",
    path: Annotated[
        list[str] | None, typer.Option("--path", help="Only this, from the file system's root, such as /home/ada; up to five times.")
    ] = None,
    new_file_system: Annotated[bool, typer.Option("--new-file-system", help="Into a file system made for it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be restored; change nothing.")] = False,
    yes: parts.Yes = False,
    as_json: parts.AsJson = False,
) -> int:
    """Bring files of ENV back from AWS Backup, into a new directory beside what is there: nothing is overwritten."""
    restoring = bool(path) or new_file_system or dry_run or point != "latest"
    if listing + backup_now + bool(follow) + restoring > 1:
        raise typer.BadParameter("--list, --backup-now, --follow and a restore are four things; ask for one of them")

    def body(config: HubConfig) -> int:
        from modules.ops.restore import command

        if listing:
            return command.list_all(parts.ROOT, config, as_json=as_json)
        if backup_now:
            return command.backup_now(parts.ROOT, config, as_json=as_json)
        if follow:
            return command.follow_job(parts.ROOT, config, follow, as_json=as_json)
        options = command.RestoreOptions(point, tuple(path or ()), new_file_system, dry_run, yes, as_json)
        return command.restore(parts.ROOT, config, options)

    return parts.run("restore", env, as_json, body, judged=False)
