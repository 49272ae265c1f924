"""Hub and gateway of env helio side by side, each with the values its release would carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.k8s.dask.refs import RELEASE, DaskRefs
from modules.k8s.dask.values import gateway_values
from tests.dask.support import chart
from tests.dask.support.gateway import Ports, RunningGateway, free_ports
from tests.dask.support.notebook import Notebook, pod_environment
from tests.hub.support import worlds
from tests.hub.support.browser import log_in, spawn
from tests.hub.support.worlds import CANARIES, ROOT, World, inside, moved

_ENV, _PROFILE = "helio", "server"
#: The Secret beside the gateway, as modules/stacks/hub.py fills it.
_SECRETS = {("gateway-credentials", "gateway-token"): CANARIES["gateway-token"]}


@dataclass
class DaskHub:
    """A hub, its gateways, and the notebooks that were opened."""

    folder: Path
    world: World
    gateway: RunningGateway
    others: list[RunningGateway] = field(default_factory=list)
    notebooks: dict[str, Notebook] = field(default_factory=dict)

    def notebook(self, user: str, page: Page) -> Notebook:
        """The user's notebook: logged in and started in a browser when it is first asked for."""
        if user not in self.notebooks:
            log_in(page, self.world.url, user)
            spawn(page, self.world.url, user, _PROFILE)
            self.notebooks[user] = Notebook(self.folder / f"notebook-{len(self.notebooks)}", pod_environment(self.pod(user)))
            self.notebooks[user].run("import dask; from dask_gateway import Gateway, GatewayCluster; gateway = Gateway()")
        return self.notebooks[user]

    def pod(self, user: str) -> dict[str, Any]:
        """The pod of the user's server. Raises ValueError when there is not exactly one."""
        (pod,) = [pod for pod in self.world.hub.cluster.pods() if pod["metadata"]["annotations"]["hub.jupyter.org/username"] == user]
        return pod

    def another_gateway(self, **dask: Any) -> RunningGateway:
        """A second gateway of the same hub. dask: fields of `dask` in hub.yaml to change."""
        ports = free_ports()
        values = _values(self.world.config, dask)
        self.others.append(_gateway(self.folder / f"gateway-{len(self.others) + 1}", ports, values, self.world))
        self.others[-1].wait()
        return self.others[-1]

    def close(self) -> None:
        for notebook in self.notebooks.values():
            notebook.close()
        for gateway in (self.gateway, *self.others):
            gateway.stop()
        self.world.close()


def build(versions: str, folder: Path, **dask: Any) -> DaskHub:
    """Started and waited for. versions: of the hub; dask: fields of `dask` in hub.yaml to change."""
    config, ports = load_env(ROOT, _ENV), free_ports()
    assert config.dask is not None
    values = _values(config, dask)
    name, port = chart.traefik(values, RELEASE)
    elsewhere = inside(name, config.dask.namespace, {port: ports.proxy})
    (folder / "hub").mkdir(parents=True)
    world = worlds.build(_ENV, versions, folder / "hub", elsewhere=elsewhere)
    built = DaskHub(folder, world, _gateway(folder / "gateway", ports, values, world))
    try:
        built.world.hub.wait()
        built.gateway.wait()
    except BaseException:
        # Nobody else knows of the two yet, and both would outlive the tests.
        built.close()
        raise
    return built


def _values(config: HubConfig, changed: dict[str, Any]) -> dict[str, Any]:
    assert config.dask is not None
    return gateway_values(config.model_copy(update={"dask": config.dask.model_copy(update=changed)}), DaskRefs("r1"))


def _gateway(folder: Path, ports: Ports, values: dict[str, Any], world: World) -> RunningGateway:
    hub = inside("hub", world.config.hub.namespace, {8081: world.hub.ports.hub})
    return RunningGateway(folder, ports, moved(values, hub), _SECRETS)
