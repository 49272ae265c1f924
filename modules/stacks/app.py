"""All stacks of one env, in the order of their lifetimes."""

from __future__ import annotations

from modules.cdk import App
from modules.config import HubConfig
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack
from modules.stacks.desktop import DesktopStack
from modules.stacks.hub import JupyterHubStack
from modules.stacks.launcher import LauncherStack
from modules.stacks.network import NetworkStack
from modules.stacks.platform import PlatformStack
from modules.stacks.ray import RayStack
from modules.stacks.vault import VaultStack


def build(app: App, config: HubConfig) -> list[HubStack]:
    """Add the stacks of `config` to `app`, and give them."""
    data = DataStack(app, config)
    network = NetworkStack(app, config)
    cluster = ClusterStack(app, config, data=data, network=network)
    made: list[HubStack] = [data, network, cluster]
    platform = None
    if config.cluster.existing is None:
        platform = PlatformStack(app, config, data=data, network=network, cluster=cluster)
        made.append(platform)
    upon: list[HubStack] = [JupyterHubStack(app, config, data=data, network=network, cluster=cluster.ref, roles=cluster.app_role_arns)]
    if config.desktop is not None:
        upon.append(DesktopStack(app, config, config.desktop, data=data, network=network, cluster=cluster))
    if config.ray:
        upon.append(RayStack(app, config, cluster=cluster.ref, roles=cluster.app_role_arns))
    if config.vault is not None:
        upon.append(VaultStack(app, config, config.vault, data=data, network=network, cluster=cluster))
    if config.launcher is not None:
        upon.append(LauncherStack(app, config, config.launcher, data=data, cluster=cluster))
    if platform is not None:
        for stack in upon:
            # No value crosses, but their volumes, nodes and load balancers come from there.
            stack.add_dependency(platform)
    return [*made, *upon]
