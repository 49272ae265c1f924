"""./hub restore as a person types it: look, ask, start a job, wait for it, and say what is left to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.progress import Display, make_display
from modules.ops.restore.jobs import PATHS_MAX, Job, adopt, find, follow, running_restore, start_backup, start_restore
from modules.ops.restore.place import Place, open_place
from modules.ops.restore.points import LATEST, choose, list_points
from modules.ops.restore.words import next_steps, none_yet, row, table, wanted
from modules.ops.say import out


@dataclass(frozen=True)
class RestoreOptions:
    """point: latest, an ARN, or the beginning of a time. paths: from the file system's root; all when empty. new: into a file system of
    its own. dry_run: only say what would be done."""

    point: str = LATEST
    paths: tuple[str, ...] = ()
    new: bool = False
    dry_run: bool = False
    yes: bool = False
    as_json: bool = False


def list_all(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print every recovery point; exit 0 also when there is none. Raises HubError when AWS refuses or nothing is installed."""
    place = open_place(root, config)
    points = list_points(place)
    if as_json:
        _json(place, "list", points=[row(each) for each in points])
        return 0
    out(f"{config.env}: {len(points)} recovery point{'' if len(points) == 1 else 's'} in the vault {place.vault}, of {place.system}")
    for line in table(points) if points else [none_yet(config)]:
        out(line)
    return 0


def backup_now(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Make a recovery point and wait for it; exit 0. Raises HubError as `follow`."""
    place, display = open_place(root, config), make_display(config.env, as_json=as_json)
    id = start_backup(place)
    job = follow(place, "backup", id, display.note)
    # The list may be behind its own job for a moment.
    point = next((each for each in list_points(place) if each.arn == job.point), None)
    display.step("backup", f"{point.name if point else job.point} is complete; ./hub restore {config.env} brings it back")
    if as_json:
        _json(place, "backup", job=id, status=job.status, point=row(point) if point else {"arn": job.point})
    return 0


def restore(root: Path, config: HubConfig, options: RestoreOptions) -> int:
    """Bring a recovery point back beside what is there; exit 0. Raises HubError when it is refused, fails, or nobody agrees."""
    check_paths(options.paths)
    place, display = open_place(root, config), make_display(config.env, as_json=options.as_json)
    point = choose(place, list_points(place), options.point)
    if not options.new and point.system != place.system:
        raise HubError(
            f"{point.name} was made of {point.system}, which {config.env} no longer uses; it has {place.system}",
            fix="say --new-file-system, or choose a point of the file system as it is",
        )
    if busy := running_restore(place, point):
        raise HubError(
            f"a restore of {point.name} is running already: job {busy}", fix=f"./hub restore {config.env} --follow {busy} waits for it"
        )
    said = wanted(place, point, options.paths, new=options.new)
    if options.dry_run:
        display.step("restore", f"would bring back {said}")
        if options.as_json:
            _json(place, "restore", dry_run=True, point=row(point), paths=list(options.paths), new_file_system=options.new)
        return 0
    _agree(display, config, options, said)
    id = start_restore(place, point, options.paths, new=options.new)
    display.note(f"restore job {id}: {said}")
    job = follow(place, "restore", id, display.note)
    return _restored(place, display, job, options.as_json, point=row(point), paths=list(options.paths))


def follow_job(root: Path, config: HubConfig, id: str, *, as_json: bool) -> int:
    """Wait for a job that was left running, and end as the command that started it would have. Exit 0. Raises HubError as `follow`."""
    place, display = open_place(root, config), make_display(config.env, as_json=as_json)
    job = follow(place, find(place, id).kind, id, display.note)
    if job.kind == "restore":
        return _restored(place, display, job, as_json)
    display.step("backup", f"{job.name} is complete")
    if as_json:
        _json(place, "backup", job=id, status=job.status)
    return 0


def check_paths(paths: tuple[str, ...]) -> None:
    """Raises HubError for a path that AWS Backup would not find, and for too many."""
    if len(paths) > PATHS_MAX:
        raise HubError(f"{len(paths)} paths, and AWS Backup takes {PATHS_MAX} in a job", fix="restore them in turns, or a directory above")
    for path in paths:
        if not path.startswith("/") or path.strip("/") == "" or ".." in path.split("/") or any(mark in path for mark in "*?["):
            raise HubError(
                f'"{path}" is no path in the file system', fix="write it from the root, without wildcards: /home/<user>, /shared/<folder>"
            )


def _agree(display: Display, config: HubConfig, options: RestoreOptions, said: str) -> None:
    if options.yes:
        return
    question = f"This brings back {said}; AWS bills by the GB restored. Type the env's name to go on: "
    if display.ask(question) != config.env:
        raise HubError("nobody agreed; nothing was touched", fix="type the env's name, or say --yes")


def _restored(place: Place, display: Display, job: Job, as_json: bool, **facts: Any) -> int:
    # A restore into the file system as it is names that one.
    new = bool(job.created) and job.created != place.system
    if new:
        adopt(place, job.created)
    steps = next_steps(place, job, new=new)
    display.step("restore", f"{job.name} is complete")
    for line in steps:
        display.note(line)
    if as_json:
        made = {"job": job.id, "status": job.status, "started": job.started, "restored_into": job.created or place.system}
        _json(place, "restore", **made, new_file_system=job.created if new else None, next=steps, **facts)
    return 0


def _json(place: Place, action: str, **facts: Any) -> None:
    same = {"env": place.config.env, "command": "restore", "action": action, "exit": 0, "vault": place.vault, "file_system": place.system}
    out(json.dumps({**same, **facts}))
