"""`python3 -m dcv_agent session | watch`: the front door of the agent."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from dcv_agent import VERSION, logs, session
from dcv_agent.aws import Aws
from dcv_agent.clock import Clock
from dcv_agent.cluster import Cluster, configuration
from dcv_agent.courier import Courier
from dcv_agent.errors import Trouble
from dcv_agent.files import Facts
from dcv_agent.idle import IdleStop
from dcv_agent.keeper import Keeper
from dcv_agent.parameters import Parameters
from dcv_agent.settings import Settings, from_environment
from dcv_agent.sinks import ConfigMapSink, ParameterSink
from dcv_agent.vault import Vault
from dcv_agent.watch import Watch

_COMMANDS = ("session", "watch")


def main(arguments: list[str]) -> int:
    """Exit 0 when the command did its work or was told to stop, 1 when the pod's settings are wrong, 2 for a wrong call."""
    if len(arguments) != 1 or arguments[0] not in _COMMANDS:
        logs.error("usage: python3 -m dcv_agent session|watch")
        return 2
    try:
        settings = from_environment(os.environ)
        _start(arguments[0], settings)
    except Trouble as trouble:
        logs.error("stopped", why=trouble.sentence)
        return 1
    return 0


def assemble(settings: Settings, cluster: Cluster, facts: Facts, clock: Clock, aws: Callable[[str, str], Aws] = Aws) -> Watch:
    """The watch with all its parts; the tests hand in their own clock and AWS clients."""
    config_map = ConfigMapSink(cluster, settings.config_map)
    parameters = ParameterSink(Parameters(aws("ssm", settings.region)), settings)
    vault = Vault(aws("secretsmanager", settings.region), settings.secrets)
    idle = IdleStop(cluster, settings.seats, settings.stop_idle) if settings.seats and settings.stop_idle else None
    couriers = [Courier(sink, clock, settings.pace) for sink in (config_map, parameters)]
    keeper = Keeper(settings, config_map, parameters, idle, vault, facts, clock)
    return Watch(settings, couriers, keeper, facts, clock)


def _start(command: str, settings: Settings) -> None:
    clock, facts = Clock(), Facts(settings.run)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: clock.stop())
    logs.info(f"dcv-agent {VERSION} {command}", **_settings(settings))
    if command == "session":
        session.make(settings, Vault(Aws("secretsmanager", settings.region), settings.secrets), facts, clock)
        return
    try:
        assemble(settings, Cluster(settings.namespace, configuration()), facts, clock).run()
    except Exception as problem:
        # Without this a crash would leave `ready` behind, and the probe would believe it.
        facts.not_ready(f"the agent stopped unexpectedly ({type(problem).__name__})")
        raise


def _settings(settings: Settings) -> dict[str, object]:
    return {
        "node": settings.node,
        "session": settings.session,
        "config_map": f"{settings.namespace}/{settings.config_map}",
        "display_parameter": settings.display_parameter,
        "socket_parameter": settings.socket_parameter,
        "socket_path": settings.socket_path,
        "secrets": ",".join(settings.secrets),
        "stop_idle": settings.stop_idle,
        "region": settings.region,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
