"""A port of this machine that ends at a desktop's, by an SSM session."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import session_manager
from modules.ops.desktop.instances import Instance
from modules.ops.session_manager import Session
from modules.ops.target import Target

DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"


@dataclass(frozen=True)
class Forward:
    """One way: through `instance`, to its own `remote_port`, from `local_port` of this machine."""

    instance: Instance
    remote_port: int
    local_port: int

    @property
    def session(self) -> Session:
        """What SSM is asked."""
        parameters = {
            "host": [self.instance.private_ip],
            "portNumber": [str(self.remote_port)],
            "localPortNumber": [str(self.local_port)],
        }
        return Session(self.instance.id, "./hub desktop connect", DOCUMENT, parameters)

    def command(self, config: HubConfig) -> list[str]:
        """The same by hand, with the AWS CLI."""
        return self.session.command(config)


def check_port(port: int) -> None:
    """Raises HubError when something on this machine listens there already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers bind: what a closed connection left behind is no listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise HubError(f"port {port} of this machine cannot be used: {error.strerror}", fix="name another: --port 8444") from error


def run(config: HubConfig, target: Target, plugin: str, forward: Forward) -> int:
    """Open the way and hold it until it ends or Ctrl-C (see session_manager.run)."""
    return session_manager.run(config, target, plugin, forward.session, called=forward.instance.node)
