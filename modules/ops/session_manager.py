"""SSM sessions with an instance, carried by AWS's session-manager-plugin: no port open, no key, and the token in nobody's sight."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import code_of, doing, missing_is_fine
from modules.ops.target import Target

PLUGIN = "session-manager-plugin"
_WHERE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
#: The variable that brings the session's token, and its name as first argument, as the AWS CLI does it. The plugin knows it
#: since 1.2.536.0 (its RELEASENOTES); before that the token stood in its arguments, where every user of the machine reads it.
_RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
_VERSION_MIN = (1, 2, 536, 0)
_VERSION_SECONDS = 10
#: How long the plugin may take to say goodbye.
_END_SECONDS = 5


@dataclass(frozen=True)
class Session:
    """What is asked of SSM. target: an instance id. document: "" for a shell. reason: stands in the account's session history.

    interactive: whether the person types into it, so that Ctrl-C belongs to the far end.
    """

    target: str
    reason: str
    document: str = ""
    parameters: Mapping[str, list[str]] = field(default_factory=dict)
    interactive: bool = False

    @property
    def request(self) -> dict[str, Any]:
        """What StartSession is asked."""
        asked: dict[str, Any] = {"Target": self.target}
        if self.document:
            asked |= {"DocumentName": self.document, "Parameters": dict(self.parameters)}
        return asked

    def command(self, config: HubConfig) -> list[str]:
        """The same by hand, with the AWS CLI."""
        words = ["aws", "ssm", "start-session", "--target", self.target]
        if self.document:
            words += ["--document-name", self.document, "--parameters", json.dumps(dict(self.parameters))]
        words += ["--region", config.region]
        return [*words, *(("--profile", config.aws.profile) if config.aws.profile else ())]


def find_plugin() -> str:
    """The plugin's path. Raises HubError when it is not installed, or too old to be handed a token safely."""
    path = shutil.which(PLUGIN)
    if path is None:
        raise HubError(f"{PLUGIN} is not on PATH; AWS's sessions need it", fix=f"install it: {_WHERE}, or say --print for the commands")
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS).stdout.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HubError(f"{path} does not start: {error}", fix=f"install it again: {_WHERE}") from error
    version = tuple(int(part) for part in said.split(".")) if re.fullmatch(r"\d+(\.\d+)+", said) else ()
    if version < _VERSION_MIN:
        wanted = ".".join(map(str, _VERSION_MIN))
        raise HubError(f"{path} is {said or 'of an unknown version'}; {wanted} is the first that keeps the token to itself", fix=_WHERE)
    return path


def run(config: HubConfig, target: Target, plugin: str, session: Session, *, called: str) -> int:
    """Open the session and stay until it ends or Ctrl-C; the plugin's exit code, 0 after Ctrl-C.

    called: how a person calls the instance. Raises HubError when AWS opens none, for example because its agent is not connected.
    """
    ssm = client(target.session, "ssm", config.region)
    opened = _open(ssm, session, called)
    handed = json.dumps({name: opened[name] for name in ("SessionId", "TokenValue", "StreamUrl")})
    asked = json.dumps(session.request)
    arguments = [plugin, _RESPONSE, config.region, "StartSession", config.aws.profile or "", asked, ssm.meta.endpoint_url]
    try:
        return _carry(arguments, {**os.environ, _RESPONSE: handed}, interactive=session.interactive)
    finally:
        # The plugin ends its session by itself; one that was killed left it open.
        with doing("end the session"), missing_is_fine():
            ssm.terminate_session(SessionId=opened["SessionId"])


def _open(ssm: Any, session: Session, called: str) -> dict[str, Any]:
    with doing(f"open a session to {called}"):
        try:
            opened: dict[str, Any] = ssm.start_session(**session.request, Reason=session.reason)
        except ClientError as error:
            if code_of(error) == "TargetNotConnected":
                raise HubError(
                    f"the SSM agent of {called} ({session.target}) is not connected",
                    fix="wait a minute if it is new; else its role lacks AmazonSSMManagedInstanceCore, or it has no way to SSM",
                ) from error
            raise
    return opened


def _carry(arguments: list[str], environ: dict[str, str], *, interactive: bool) -> int:
    with _interrupts_pass(interactive):
        child = subprocess.Popen(arguments, env=environ)
        try:
            return child.wait()
        except KeyboardInterrupt:
            # A terminal's Ctrl-C reaches the plugin too; a SIGTERM only us.
            child.terminate()
            return 0
        finally:
            _end(child)


@contextmanager
def _interrupts_pass(interactive: bool) -> Iterator[None]:
    """A Ctrl-C of an interactive session is typed at the far end: the plugin, which gets it too, sends it there, and we go on."""
    if not interactive:
        yield
        return
    # A handler, not SIG_IGN: the plugin would inherit that and never hear of a Ctrl-C.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
