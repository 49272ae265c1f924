"""All stacks of one env, in the order of their lifetimes."""

from __future__ import annotations

from modules.cdk import App
from modules.config import HubConfig
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack
from modules.stacks.hub import JupyterHubStack
from modules.stacks.network import NetworkStack
from modules.stacks.platform import PlatformStack


def build(app: App, config: HubConfig) -> list[HubStack]:
    """Add the stacks of `config` to `app`, and give them."""
    data = DataStack(app, config)
    network = NetworkStack(app, config)
    cluster = ClusterStack(app, config, data=data, network=network)
    made: list[HubStack] = [data, network, cluster]
    platform = None
    if config.cluster.existing is None:
        platform = PlatformStack(app, config, network=network, cluster=cluster)
        made.append(platform)
    hub = JupyterHubStack(app, config, data=data, network=network, cluster=cluster.ref)
    if platform is not None:
        # No value crosses, but the hub's volumes, nodes and load balancer come from there.
        hub.add_dependency(platform)
    return [*made, hub]
