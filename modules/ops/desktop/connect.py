"""./hub desktop connect: the URL of the load balancer, or a port forward to a node that may have no public address at all."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modules.common import desktops as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.desktop import forward
from modules.ops.desktop.forward import Forward
from modules.ops.desktop.instances import Instance, find_instances
from modules.ops.desktop.scene import Scene, open_scene
from modules.ops.progress import ask
from modules.ops.say import err, out
from modules.ops.session_manager import find_plugin


@dataclass(frozen=True)
class ConnectOptions:
    """node: the one to go to, "" for the only one. port: of this machine. only_print: open nothing. as_json: as only_print."""

    node: str = ""
    port: int = 8443
    only_print: bool = False
    as_json: bool = False


def connect(root: Path, config: HubConfig, options: ConnectOptions) -> int:
    """Print where the desktops answer, or open a way to one and hold it until Ctrl-C; the exit code.

    Raises HubError when there is no node, several to choose from, or no way to open.
    """
    scene = open_scene(root, config)
    if scene.settings.exposure == "nlb":
        return _balanced(scene, options)
    up = _published(scene, quiet=options.as_json)
    chosen = _choose(config, find_instances(config, scene.settings, scene.target, up), up, options)
    way = Forward(chosen, scene.settings.node_port, options.port)
    if options.as_json:
        out(json.dumps({**_head(config), "url": _url("127.0.0.1", way.local_port), **_reach(scene, way), "command": way.command(config)}))
        return 0
    if options.only_print:
        out(shlex.join(way.command(config)))
        _say_urls(scene, way)
        return 0
    return _hold(scene, way)


def _balanced(scene: Scene, options: ConnectOptions) -> int:
    url = scene.outputs.get(refs.URL_OUTPUT)
    if not url:
        raise HubError("the load balancer of the desktops has no address yet", fix=f"./install.sh {scene.config.env} waits for it")
    if options.as_json:
        out(json.dumps({**_head(scene.config), "url": url}))
        return 0
    out(f"{url}   (rehearsal: nothing listens there)" if scene.config.rehearsal else str(url))
    _say_certificate()
    return 0


def _head(config: HubConfig) -> dict[str, object]:
    return {"env": config.env, "command": "desktop", "action": "connect", "exit": 0}


def _published(scene: Scene, *, quiet: bool) -> tuple[str, ...]:
    """Nodes whose agent is heard of. SSM works from where the cluster's API does not, so a closed API is only a remark."""
    try:
        now = datetime.now(UTC)
        return tuple(each.node for each in scene.board() if not each.is_stale(now))
    except HubError as error:
        if scene.config.cluster.existing:
            raise
        if not quiet:
            err(f"which desktops are up is not known: {error.what}")
        return ()


def _choose(config: HubConfig, found: Sequence[Instance], up: Sequence[str], options: ConnectOptions) -> Instance:
    if not found:
        raise HubError(f"no node of {config.env} carries a desktop", fix=f"./hub desktop start {config.env} --wait brings one up")
    if options.node:
        return _named(found, options.node)
    # A node whose desktop has not published would only answer with a refused connection.
    ready = [each for each in found if each.node in up] or list(found)
    if len(ready) == 1:
        return ready[0]
    answer = None if options.as_json or options.only_print else _asked(ready)
    if answer is None:
        listed = ", ".join(each.node for each in ready)
        raise HubError(f"{config.env} has {len(ready)} desktops: {listed}", fix="choose one: --node NAME")
    return answer


def _named(found: Sequence[Instance], name: str) -> Instance:
    """The node by its name, the first part of it, or its instance id."""
    for each in found:
        if name in (each.node, each.node.split(".")[0], each.id):
            return each
    raise HubError(f'no desktop node is called "{name}"', fix=f"name one of them: {', '.join(each.node for each in found)}")


def _asked(found: Sequence[Instance]) -> Instance | None:
    lines = "\n".join(f"  {number}  {each.node} ({each.id})" for number, each in enumerate(found, 1))
    answer = ask(f"{lines}\nWhich one (1 to {len(found)})? ")
    if answer is None:
        return None
    if not answer.isdecimal() or not 1 <= int(answer) <= len(found):
        raise HubError(f'"{answer}" is none of them', fix=f"type a number from 1 to {len(found)}, or say --node NAME")
    return found[int(answer) - 1]


def _hold(scene: Scene, way: Forward) -> int:
    plugin = find_plugin()
    forward.check_port(way.local_port)
    _say_urls(scene, way)
    out("Ctrl-C ends it.")
    code = forward.run(scene.config, scene.target, plugin, way)
    if code:
        raise HubError(f"the port forward ended with code {code}", fix="see above; the node may have gone: run the same command again")
    out("closed")
    return 0


def _say_urls(scene: Scene, way: Forward) -> None:
    reach = _reach(scene, way)
    out(f"{_url('127.0.0.1', way.local_port)}   to {reach['node']} ({reach['instance']})")
    for each in reach["direct"]:
        out(f"{each}   from {', '.join(scene.settings.cidrs)}, without this way")
    out("QUIC (UDP) does not go through SSM: the picture comes over TCP, a little slower.")
    _say_certificate()


def _reach(scene: Scene, way: Forward) -> dict[str, list[str] | str]:
    node = way.instance
    direct = [_url(address, way.remote_port) for address in (node.public_ip, node.private_ip) if address]
    return {"node": node.node, "instance": node.id, "direct": direct}


def _url(host: str, port: int) -> str:
    return f"https://{host}:{port}/#{refs.SESSION}"


def _say_certificate() -> None:
    out("The desktop's certificate is its own, so a browser asks once whether to trust it.")
