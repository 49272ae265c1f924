"""./hub unlock: who holds the state locks of an env, and letting go of what a dead run left behind."""

from __future__ import annotations

import json
from pathlib import Path

from modules.config.models import HubConfig
from modules.ops.layout import Layout
from modules.ops.locks import Lock, held_locks, release, repair_digests
from modules.ops.progress import ask
from modules.ops.say import out
from modules.ops.status.stacks import stack_names
from modules.ops.target import resolve_target, running_rehearsal


def unlock(root: Path, config: HubConfig, *, yes: bool, as_json: bool) -> int:
    """Show the locks and release them after a yes. Exit 1 when some are left.

    Raises HubError when somebody took a lock between being shown and being released.
    """
    if config.rehearsal and not running_rehearsal(root, config):
        return _none_held(config.env, as_json)
    session = resolve_target(root, config).session
    stacks = stack_names(Layout(root, config.env), session, config)
    locks = held_locks(session, config, stacks)
    if not locks:
        return _none_held(config.env, as_json)
    for lock in () if as_json else locks:
        out(_describe(lock))
    agreed = yes or _agrees(config.env)
    if agreed:
        for lock in locks:
            release(session, config, lock)
        mended = repair_digests(session, config, stacks)
    code = 0 if agreed else 1
    if as_json:
        held = [
            {"id": lock.id, "stack": lock.stack, "who": lock.who, "operation": lock.operation, "created": lock.created} for lock in locks
        ]
        out(json.dumps({"env": config.env, "command": "unlock", "exit": code, "locks": held, "released": agreed}))
    elif agreed:
        for line in mended:
            out(line)
        out(f"released {len(locks)}. ./install.sh {config.env} goes on from here")
    else:
        out("nothing was released. Say --yes where nobody can type")
    return code


def _none_held(env: str, as_json: bool) -> int:
    nothing = {"env": env, "command": "unlock", "exit": 0, "locks": [], "released": False}
    out(json.dumps(nothing) if as_json else f"no state of {env} is locked")
    return 0


def _describe(lock: Lock) -> str:
    return f"{lock.stack}: held by {lock.who or 'unknown'} since {lock.created or 'unknown'} ({lock.operation or 'unknown'}), id {lock.id}"


def _agrees(env: str) -> bool:
    answer = ask(f"Release them only if that run is dead: two at once ruin the state. Type the env's name to go on ({env}): ")
    return answer == env
