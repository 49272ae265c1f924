"""All stacks of one env, in the order of their lifetimes."""

from __future__ import annotations

from modules.cdk import App
from modules.config import HubConfig
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack
from modules.stacks.network import NetworkStack


def build(app: App, config: HubConfig) -> list[HubStack]:
    """Add the stacks of `config` to `app`, and give them."""
    data = DataStack(app, config)
    network = NetworkStack(app, config)
    return [data, network, ClusterStack(app, config, data=data, network=network)]
