"""./hub shell: a shell on the env's admin box, inside its network, without a key or an open port."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops import session_manager
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing
from modules.ops.progress import ask
from modules.ops.say import err, out
from modules.ops.session_manager import Session, find_plugin
from modules.ops.target import Target, rehearsal_environment, resolve_target

#: An AL2023 instance starts in under a minute and its agent registers within another; this is when something is wrong.
_START_SECONDS = 300
_POLL_SECONDS = 5.0
#: States of an instance that will never answer again, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
_GONE = ("shutting-down", "terminated")
_REASON = "./hub shell"


@dataclass(frozen=True)
class ShellOptions:
    """start: a stopped box without asking. only_print: open nothing. as_json: as only_print."""

    start: bool = False
    only_print: bool = False
    as_json: bool = False


@dataclass(frozen=True)
class Box:
    """The instance, and its state as EC2 calls it."""

    id: str
    state: str


def shell(root: Path, config: HubConfig, options: ShellOptions) -> int:
    """Open a shell and stay until it is left; the exit code. Starts a stopped box if a person, or `start`, says so.

    Raises HubError when the env has none, when it is stopped and stays so, and when AWS opens no session.
    """
    if config.cluster.admin_box is None:
        raise HubError(
            f"{config.env} has no admin box",
            fix=f"write admin_box: {{}} under cluster: in envs/{config.env}/hub.yaml and run ./install.sh {config.env}; kubectl works "
            "without one from where cluster.endpoint.public_cidrs says",
        )
    if config.rehearsal:
        # Looking starts no emulator.
        rehearsal_environment(root, config)
    target = resolve_target(root, config)
    box = _find(config, target)
    session = Session(box.id, _REASON, interactive=True)
    if options.as_json:
        out(json.dumps(_data(config, box, session)))
        return 0
    if options.only_print:
        out(shlex.join(session.command(config)))
        return 0
    plugin = find_plugin()
    if box.state != "running":
        _start(config, target, box, agreed=options.start)
    code = session_manager.run(config, target, plugin, session, called="the admin box")
    if code:
        raise HubError(f"the session ended with code {code}", fix="see above; run the same command again")
    return 0


def _data(config: HubConfig, box: Box, session: Session) -> dict[str, Any]:
    head = {"env": config.env, "command": "shell", "exit": 0}
    return {**head, "instance": box.id, "state": box.state, "open": session.command(config)}


def _find(config: HubConfig, target: Target) -> Box:
    """The env's box. Raises HubError when it is not there."""
    filters = [
        {"Name": f"tag:{DEPLOYMENT}", "Values": [config.deployment]},
        {"Name": "tag:Name", "Values": [f"{config.name}-admin-box"]},
    ]
    with doing("look for the admin box"):
        ec2 = client(target.session, "ec2", config.region)
        found = [
            Box(each["InstanceId"], each["State"]["Name"])
            for reservation in pages(ec2, "describe_instances", "Reservations", Filters=filters)
            for each in reservation["Instances"]
        ]
    alive = [each for each in found if each.state not in _GONE]
    if not alive:
        raise HubError(f"the admin box of {config.env} is not there", fix=f"./install.sh {config.env} makes it")
    return alive[0]


def _start(config: HubConfig, target: Target, box: Box, *, agreed: bool) -> None:
    """Bring it up and wait until its agent is heard of. Raises HubError when nobody agrees, or it does not come."""
    if not agreed and box.state != "pending":
        answer = ask(f"The admin box ({box.id}) is {box.state}. Start it (y/n)? ")
        if (answer or "").lower() not in ("y", "yes"):
            raise HubError(f"the admin box of {config.env} is {box.state}", fix=f"./hub shell {config.env} --start starts it")
    ec2, ssm = (client(target.session, service, config.region) for service in ("ec2", "ssm"))
    deadline = time.monotonic() + _START_SECONDS
    if box.state != "pending":
        # EC2 refuses to start what is still stopping.
        _wait(f"{box.id} to have stopped", deadline, lambda: _state(ec2, box) != "stopping")
        with doing(f"start {box.id}"):
            ec2.start_instances(InstanceIds=[box.id])
    err("starting the admin box; this takes a minute or two")
    _wait(f"the SSM agent of {box.id}", deadline, lambda: _is_online(ssm, box))


def _state(ec2: Any, box: Box) -> str:
    with doing(f"look at {box.id}"):
        found = ec2.describe_instances(InstanceIds=[box.id])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def _is_online(ssm: Any, box: Box) -> bool:
    filters = [{"Key": "InstanceIds", "Values": [box.id]}]
    with doing(f"ask whether the SSM agent of {box.id} is connected"):
        found = ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]
    return any(each["PingStatus"] == "Online" for each in found)


def _wait(what: str, deadline: float, done: Callable[[], bool]) -> None:
    while not done():
        if time.monotonic() >= deadline:
            raise HubError(
                f"waited {_START_SECONDS} s for {what} in vain",
                fix="look at the instance's system log in the EC2 console; its subnet needs a way to SSM, by NAT or endpoints",
            )
        time.sleep(_POLL_SECONDS)
