"""./hub status: what is applied, and what answers."""

from __future__ import annotations

import json
from pathlib import Path

from modules.config.models import HubConfig
from modules.ops.say import marked, out
from modules.ops.status.gather import Status, look
from modules.ops.status.report import lines
from modules.ops.status.stacks import Stacks, read_all
from modules.ops.target import resolve_target, running_rehearsal
from modules.ops.verify.scene import Scene


def status(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print the status; exit 0 also when nothing is there or the cluster is silent, 1 when a state cannot be read.

    Raises HubError when the account does not let us in.
    """
    found = gather(root, config)
    if as_json:
        out(json.dumps(found.document()))
        return found.exit_code
    for style, text in lines(found.document()):
        out(marked(style, text) if style else text)
    return found.exit_code


def gather(root: Path, config: HubConfig) -> Status:
    """The status of one env. Looking starts no rehearsal. Raises HubError when the account does not let us in."""
    if config.rehearsal and not running_rehearsal(root, config):
        return Status(config, Stacks())
    target = resolve_target(root, config)
    stacks = read_all(root, config, target.session)
    is_there = any(state.resources for state in stacks.applied.values()) or stacks.unread
    return Status(config, stacks, look(Scene(root, config, target), stacks)) if is_there else Status(config, stacks)
