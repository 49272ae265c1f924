"""The desktops: as many have published, and not fallen silent, as seats are asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from modules.common import desktops as refs
from modules.common.errors import HubError
from modules.ops.desktop.board import read_board
from modules.ops.verify.check import Check
from modules.ops.verify.objects import unseen
from modules.ops.verify.scene import Scene


def _run(scene: Scene) -> str:
    settings, env = scene.config.desktop, scene.config.env
    assert settings is not None  # the check is wanted only then
    seats = scene.cluster.replicas(settings.namespace, refs.SEATS)
    data = scene.cluster.config_map(settings.namespace, refs.CONFIG_MAP)
    if seats is None or data is None:
        missing = f"Deployment {refs.SEATS}" if seats is None else f"ConfigMap {refs.CONFIG_MAP}"
        raise HubError(f"there is no {missing} in namespace {settings.namespace}", fix=f"./install.sh {env}")
    board, now = read_board(data), datetime.now(UTC)
    up = [each for each in board if each.display and not each.is_stale(now)]
    if len(up) < seats.wanted:
        fault = HubError(f"{len(up)} of {seats.wanted} desktops have published", fix=f"./hub desktop status {env}")
        raise fault if board else unseen(scene, fault)
    return f"{len(up)} published, {seats.wanted} asked for"


DESKTOPS = Check("desktops", _run, after=("cluster",), wanted=lambda config: config.desktop is not None)
