"""What the checks are given: the env, its account, its cluster, and where its hub answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.cluster_access import KUBECONFIG
from modules.ops.state import StackState, stack_state
from modules.ops.target import Target, resolve_target, running_rehearsal
from modules.ops.verify.web import Site

if TYPE_CHECKING:
    from modules.ops.cluster_api import ClusterApi


@dataclass(frozen=True)
class Options:
    """wait: seconds of patience, None for each check's own. url: where the hub answers instead of at its name, "" for its name.

    spawn, dask: start a server, a Dask cluster. profile: of that server, by its name or slug; "" for the default one.
    """

    wait: float | None = None
    url: str = ""
    spawn: bool = False
    dask: bool = False
    profile: str = ""


class Scene:
    """One env, looked at by many threads: what they share is made once, under a lock."""

    def __init__(self, root: Path, config: HubConfig, target: Target, options: Options | None = None) -> None:
        self.root, self.config, self.target, self.options = root, config, target, options or Options()
        self._clients = Clients(target.session, config.region)
        self._lock = threading.RLock()
        self._cluster: ClusterApi | None = None
        self._states: dict[str, StackState | None] = {}

    @property
    def is_stand_in(self) -> bool:
        """Whether the cluster is a rehearsal's, where no controller runs and no node is."""
        return self.target.is_rehearsal and not os.environ.get(KUBECONFIG)

    @property
    def nothing_listens(self) -> bool:
        """Whether the hub's address leads nowhere: a rehearsal's does, unless somebody says where a hub is."""
        return self.target.is_rehearsal and not self.options.url

    @cached_property
    def url(self) -> str:
        """Where the hub answers, without a slash at the end. Raises HubError when nothing says it."""
        found = self.options.url or self.config.hub_url or f"http://{self.hub_address}"
        return found.rstrip("/")

    @property
    def site(self) -> Site:
        """The hub's address, as a client of it."""
        return Site(self.url)

    @property
    def hub_address(self) -> str:
        """The host name of the hub's load balancer, as the state has it. Raises HubError when it has none."""
        address = self.outputs("hub").get("hub_address")
        if not address:
            raise HubError("the state of stack hub names no load balancer", fix=f"./install.sh {self.config.env}")
        return str(address)

    @property
    def cluster(self) -> ClusterApi:
        """The cluster's API. Raises HubError when there is none."""
        from modules.ops.cluster_api import open_cluster

        with self._lock:
            self._cluster = self._cluster or open_cluster(self.root, self.config, self.target)
            return self._cluster

    def client(self, service: str) -> Any:
        """A boto3 client in the env's region; boto3 makes clients only one at a time."""
        with self._lock:
            return self._clients.get(service)

    def state(self, stack: str) -> StackState | None:
        """The state of one stack by its short name; None when it was never applied."""
        with self._lock:
            if stack not in self._states:
                self._states[stack] = stack_state(self.target.session, self.config, f"{self.config.env}-{stack}")
            return self._states[stack]

    def outputs(self, stack: str) -> Mapping[str, Any]:
        """What a stack says of itself; {} when it was never applied."""
        state = self.state(stack)
        return state.outputs if state else {}


def open_scene(root: Path, config: HubConfig, options: Options) -> Scene:
    """The scene of one env. Raises HubError when the account does not let us in, or a rehearsal does not run: looking starts none."""
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run", fix=f"./install.sh {config.env} starts it")
    return Scene(root, config, resolve_target(root, config), options)
