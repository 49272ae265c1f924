"""./hub desktop start and stop: how many desktops are asked for, by the Deployment whose pods hold their nodes up."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modules.common import desktops as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.desktop.scene import Scene, open_scene
from modules.ops.desktop.words import way_in
from modules.ops.progress import Display, ask, human, make_display
from modules.ops.say import out

#: A GPU node takes about five minutes, an image of some gigabytes as long again, the session one more.
_WAIT_SECONDS = 1500.0
_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for desktops, and how long between two looks."""

    seconds: float = _WAIT_SECONDS
    pause: float = _PAUSE_SECONDS


def start(root: Path, config: HubConfig, *, seats: int | None, wait: bool, as_json: bool, patience: Patience = Patience()) -> int:
    """Ask for `seats` desktops (None: as many as hub.yaml says, at least one); with `wait`, until they have published. Exit 0.

    Raises HubError for a number below one, and when the desktops are not there in time.
    """
    if seats is not None and seats < 1:
        raise HubError(f"--seats {seats} starts nothing", fix=f"give 1 or more; ./hub desktop stop {config.env} stops them")
    scene = open_scene(root, config)
    wanted = max(scene.settings.seats, 1) if seats is None else seats
    _scale(scene, wanted)
    display = make_display(config.env, as_json=as_json)
    display.step("seats", f"{wanted} asked for; a node takes minutes to come. ./hub desktop status {config.env} tells when")
    if config.rehearsal:
        display.note("a rehearsal starts no node: nothing publishes here unless an agent is started by hand")
    up = _wait(scene, wanted, display, patience) if wait else _up(scene)
    if as_json:
        out(json.dumps(_object(config, "start", wanted, up)))
    elif wait:
        display.step("desktops", f"{up} up. Reach: {way_in(config, scene.outputs)}")
    return 0


def stop(root: Path, config: HubConfig, *, yes: bool, as_json: bool) -> int:
    """Ask for no desktop any more, so that the pool can scale to zero. Exit 0.

    Raises HubError while somebody is connected and nobody said yes.
    """
    scene = open_scene(root, config)
    _refuse_in_use(scene, yes=yes, can_ask=not as_json)
    _scale(scene, 0)
    if as_json:
        out(json.dumps(_object(config, "stop", 0, _up(scene))))
        return 0
    display = make_display(config.env, as_json=False)
    display.step("seats", "none asked for; a node goes once nothing but its desktop runs on it")
    display.note("a notebook with a desktop keeps its node, and the desktop there, until it ends")
    display.note(f"./install.sh {config.env} leaves it so; ./hub desktop start {config.env} brings desktops back")
    return 0


def _scale(scene: Scene, wanted: int) -> None:
    if not scene.cluster.scale(scene.settings.namespace, refs.SEATS, wanted):
        raise scene.incomplete(f"Deployment {refs.SEATS}")


def _refuse_in_use(scene: Scene, *, yes: bool, can_ask: bool) -> None:
    now = datetime.now(UTC)
    busy = [each for each in scene.board() if each.connections and not each.is_stale(now)]
    if not busy or yes:
        return
    who = ", ".join(f"{each.node} ({each.connections})" for each in busy)
    env = scene.config.env
    if can_ask and ask(f"Somebody is connected: {who}. Type the env's name to stop anyway ({env}): ") == env:
        return
    raise HubError(f"somebody is connected: {who}. Nothing was stopped", fix="ask them to leave, or say --yes")


def _up(scene: Scene) -> int:
    """How many desktops have published and are still heard of."""
    now = datetime.now(UTC)
    return sum(bool(each.display) and not each.is_stale(now) for each in scene.board())


def _wait(scene: Scene, wanted: int, display: Display, patience: Patience) -> int:
    """Until `wanted` desktops have published. Raises HubError that says how far it came."""
    started = time.monotonic()
    said = (-1, -1)
    while (up := _up(scene)) < wanted:
        ready, spent = scene.seats().ready, time.monotonic() - started
        if spent > patience.seconds:
            raise _late(scene, up, wanted, ready, spent)
        if said != (up, ready):
            said = (up, ready)
            display.note(f"desktops: {up} of {wanted} published, {ready} with a node ({human(spent)})")
        time.sleep(patience.pause)
    return up


def _late(scene: Scene, up: int, wanted: int, ready: int, spent: float) -> HubError:
    env, namespace = scene.config.env, scene.settings.namespace
    if ready < wanted:
        why = f"{ready} of {wanted} seats have a node"
        fix = f"look at the limits of the desktops' pool and the account's GPU quota; kubectl describe pods -n {namespace} says more"
    else:
        why = f"every seat has a node, {up} of {wanted} desktops have published"
        fix = f"kubectl logs -n {namespace} daemonset/{refs.DAEMON_SET}"
    return HubError(f"the desktops of {env} are not there after {human(spent)}: {why}. They stay asked for", fix=fix)


def _object(config: HubConfig, action: str, wanted: int, up: int) -> dict[str, object]:
    return {"env": config.env, "command": "desktop", "action": action, "exit": 0, "seats": wanted, "up": up}
