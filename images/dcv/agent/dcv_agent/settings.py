"""The agent's settings, read once from the container's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dcv_agent.errors import Trouble

_REQUIRED = (
    "NODE_NAME",
    "POD_NAMESPACE",
    "AWS_REGION",
    "DCV_EKS_CONFIG_MAP_NAME",
    "DCV_EKS_DISPLAY_PARAMETER_STORE",
    "DCV_EKS_SOCKET_PARAMETER_STORE",
    "DCV_SOCKET_MOUNT_PATH",
    "DCV_CREDENTIALS",
)


@dataclass(frozen=True)
class Pace:
    """How often things happen, in seconds, all stretched by `factor` (DCV_AGENT_PACE, for tests)."""

    factor: float = 1.0
    _poll: float = 5
    _look: float = 30
    _heartbeat: float = 60
    _grace: float = 300
    _stale: float = 600
    _credentials: float = 600
    _patience: float = 60

    @property
    def poll(self) -> float:
        """Between two questions to DCV."""
        return self._poll * self.factor

    @property
    def look(self) -> float:
        """Between two looks at what others made of our entries."""
        return self._look * self.factor

    @property
    def heartbeat(self) -> float:
        """Between two values of `seen`."""
        return self._heartbeat * self.factor

    @property
    def grace(self) -> float:
        """A published display stays ready so long although its heartbeat fails: half the time until others call the node gone."""
        return self._grace * self.factor

    @property
    def stale(self) -> float:
        """An entry whose `seen` is older belongs to a node that is gone."""
        return self._stale * self.factor

    @property
    def credentials(self) -> float:
        """Between two looks at the credentials' version."""
        return self._credentials * self.factor

    @property
    def patience(self) -> float:
        """The longest wait between two attempts of a failing call."""
        return self._patience * self.factor


@dataclass(frozen=True)
class Settings:
    """What the pod tells the agent; see README.md beside this package for the variables."""

    node: str
    namespace: str
    region: str
    config_map: str
    display_parameter: str
    socket_parameter: str
    socket_path: str
    secrets: tuple[str, ...]
    session: str = "default-session"
    seats: str = ""
    stop_idle: timedelta | None = None
    run: Path = Path("/run/desktop")
    sockets: Path = Path("/tmp/.X11-unix")
    auth: Path = Path("/var/lib/dcv-agent/auth")
    pace: Pace = Pace()

    @property
    def node_parameter(self) -> str:
        """The SSM parameter of this node's display."""
        return self.parameter_of(self.node)

    def parameter_of(self, node: str) -> str:
        """The SSM parameter of a node's display."""
        return f"{self.display_parameter}/{node}"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings; Trouble names every variable that is missing or wrong, at once."""
    problems = [f"{name} is not set" for name in _REQUIRED if not environment.get(name)]
    secrets = tuple(filter(None, (name.strip() for name in environment.get("DCV_CREDENTIALS", "").split(","))))
    if environment.get("DCV_CREDENTIALS") and len(secrets) not in (1, 2):
        problems.append("DCV_CREDENTIALS must name one secret (JSON) or two (user name, password)")
    hours = environment.get("DCV_STOP_IDLE_HOURS", "")
    if hours and not (hours.isdecimal() and int(hours) > 0):
        problems.append(f"DCV_STOP_IDLE_HOURS={hours} is not a whole number of hours")
    if problems:
        raise Trouble("the container's environment is incomplete: " + "; ".join(problems))
    return Settings(
        node=environment["NODE_NAME"],
        namespace=environment["POD_NAMESPACE"],
        region=environment["AWS_REGION"],
        config_map=environment["DCV_EKS_CONFIG_MAP_NAME"],
        display_parameter=environment["DCV_EKS_DISPLAY_PARAMETER_STORE"],
        socket_parameter=environment["DCV_EKS_SOCKET_PARAMETER_STORE"],
        socket_path=environment["DCV_SOCKET_MOUNT_PATH"],
        secrets=secrets,
        session=environment.get("DCV_SESSION") or Settings.session,
        seats=environment.get("DCV_SEATS", ""),
        stop_idle=timedelta(hours=int(hours)) if hours else None,
        run=Path(environment.get("DCV_AGENT_RUN") or Settings.run),
        sockets=Path(environment.get("DCV_AGENT_SOCKETS") or Settings.sockets),
        auth=Path(environment.get("DCV_AGENT_AUTH") or Settings.auth),
        pace=Pace(float(environment.get("DCV_AGENT_PACE") or 1)),
    )
