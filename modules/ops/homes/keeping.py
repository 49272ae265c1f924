"""What a cleanup says of volumes: whose they are, instead of their ids alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import boto3

from modules.common.homes import OF_STACK, Purpose
from modules.config.models import HubConfig
from modules.ops.homes.volumes import find_volumes, is_kept_volume
from modules.ops.homes.words import kept_line
from modules.ops.inventory import Found


def volume_lines(
    session: boto3.Session, config: HubConfig, found: Iterable[Found], purposes: Collection[Purpose] = tuple(Purpose)
) -> tuple[str, ...]:
    """A line for each volume among `found` that is kept for one of `purposes`; EC2 is asked only where there is one. Raises HubError
    when it refuses."""
    wanted = {item.id for item in found if is_kept_volume(item)}
    if not wanted:
        return ()
    return tuple(
        kept_line(volume, config.region) for volume in find_volumes(session, config) if volume.id in wanted and volume.purpose in purposes
    )


def lines_of_stack(session: boto3.Session, config: HubConfig, found: Iterable[Found], stack: str) -> tuple[str, ...]:
    """The same for the volumes of one stack, by its full name; none for a stack that keeps no volumes, or for no stack."""
    return volume_lines(session, config, found, OF_STACK[kind]) if (kind := stack.removeprefix(f"{config.env}-")) in OF_STACK else ()


def kept_lines(session: boto3.Session, config: HubConfig, found: Iterable[Found]) -> tuple[str, ...]:
    """A line for each thing that stays, volumes last."""
    everything = tuple(found)
    return (*(str(item) for item in everything if not is_kept_volume(item)), *volume_lines(session, config, everything))
