"""./hub homes: whose homes there are and where they lie, and giving them back by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.common.tags import ADDRESS, DEPLOYMENT, split_address
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing
from modules.ops.homes.giving import Giving
from modules.ops.homes.restore import give, look, said
from modules.ops.homes.volumes import Volume, find_volumes
from modules.ops.homes.words import row, table
from modules.ops.inventory import plain_tags
from modules.ops.say import out
from modules.ops.target import Target, resolve_target, running_rehearsal

_GIB = 2**30


def list_homes(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print every volume that is kept, and the file system with what it holds. Exit 0 also when there is none.

    Raises HubError when AWS refuses, or the rehearsal does not run.
    """
    target = _target(root, config)
    volumes, systems = find_volumes(target.session, config), _file_systems(target, config)
    if as_json:
        found = {"homes": config.storage.homes.kind, "volumes": [row(each, config.region) for each in volumes], "file_systems": systems}
        out(json.dumps({"env": config.env, "command": "homes", "action": "list", "exit": 0, **found}))
        return 0
    for line in _lines(config, volumes, systems):
        out(line)
    return 0


def restore(root: Path, config: HubConfig, *, dry_run: bool, as_json: bool) -> int:
    """Give volumes back to their claims, as an install does before the hub; with `dry_run` only say so. Exit 0.

    Raises HubError when AWS or the cluster refuses, or there is no cluster.
    """
    target = _target(root, config)
    giving, cluster = look(root, config, target)
    if cluster is not None and not dry_run:
        give(target.session, config, cluster, giving)
    if as_json:
        out(json.dumps(_object(config, giving, dry_run)))
        return 0
    lines = said(giving, would=dry_run) or ["nothing to give back: every volume that is kept has its claim"]
    for line in lines:
        out(f"{config.env}: {line}")
    return 0


def _target(root: Path, config: HubConfig) -> Target:
    """The account; looking starts no rehearsal."""
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run, so it has no homes", fix=f"./install.sh {config.env}")
    return resolve_target(root, config)


def _object(config: HubConfig, giving: Giving, dry_run: bool) -> dict[str, Any]:
    return {
        "env": config.env,
        "command": "homes",
        "action": "restore",
        "exit": 0,
        "dry_run": dry_run,
        "steps": [
            {"action": str(step.action), **row(step.volume, config.region), "persistent_volume": step.name, "grow_to": step.grow or None}
            for step in giving.steps
        ],
        "left": [{**row(each.volume, config.region), "why": each.why} for each in giving.left],
        "settled": [row(each, config.region) for each in giving.settled],
    }


def _lines(config: HubConfig, volumes: tuple[Volume, ...], systems: list[dict[str, Any]]) -> list[str]:
    where = "a volume per user" if config.storage.homes.kind == "ebs" else "a directory per user on EFS"
    total = sum(volume.gib for volume in volumes)
    lines = [f"{config.env}: homes are {where} · {len(volumes)} volume{'' if len(volumes) == 1 else 's'} kept, {total} GiB"]
    lines += table(volumes, config.region) if volumes else []
    for system in systems:
        lines.append(f"  {system['id']}  {system['gib']:.1f} GiB in all; EFS tells no directory's size, and bills what is stored")
    return lines


def _file_systems(target: Target, config: HubConfig) -> list[dict[str, Any]]:
    """The deployment's file systems with what they hold, as EFS last metered it."""
    with doing(f"look for the file systems of {config.deployment}"):
        found = list(pages(client(target.session, "efs", config.region), "describe_file_systems", "FileSystems"))
    systems = []
    for each in found:
        tags = plain_tags(each.get("Tags", []))
        if tags.get(DEPLOYMENT) == config.deployment and split_address(tags.get(ADDRESS, ""))[1]:
            systems.append({"id": each["FileSystemId"], "gib": round(each["SizeInBytes"]["Value"] / _GIB, 3)})
    return systems
