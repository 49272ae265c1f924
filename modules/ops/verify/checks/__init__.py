"""Every check, one a file; the order is that of the report for machines."""

from __future__ import annotations

from modules.config.models import HubConfig
from modules.ops.verify.check import Check
from modules.ops.verify.checks.addons import ADDONS
from modules.ops.verify.checks.autoscaler import AUTOSCALER
from modules.ops.verify.checks.certificate import CERTIFICATE
from modules.ops.verify.checks.cluster import CLUSTER
from modules.ops.verify.checks.controllers import CONTROLLERS
from modules.ops.verify.checks.dask import DASK
from modules.ops.verify.checks.desktops import DESKTOPS
from modules.ops.verify.checks.dns import DNS
from modules.ops.verify.checks.gateway import GATEWAY
from modules.ops.verify.checks.hub import HUB
from modules.ops.verify.checks.hub_pods import HUB_PODS
from modules.ops.verify.checks.login import LOGIN
from modules.ops.verify.checks.node_groups import NODE_GROUPS
from modules.ops.verify.checks.nodes import NODES
from modules.ops.verify.checks.pools import POOLS
from modules.ops.verify.checks.proxy import PROXY
from modules.ops.verify.checks.server import SERVER
from modules.ops.verify.checks.stacks import STACKS
from modules.ops.verify.checks.volumes import VOLUMES
from modules.ops.verify.scene import Options

#: A check more is a file more, and a name here.
CHECKS: tuple[Check, ...] = (
    *(STACKS, CLUSTER, NODES, NODE_GROUPS, ADDONS, CONTROLLERS, AUTOSCALER, POOLS, VOLUMES),
    *(HUB_PODS, DNS, CERTIFICATE, PROXY, HUB, LOGIN, GATEWAY, DESKTOPS),
)


def chosen(config: HubConfig, options: Options) -> tuple[Check, ...]:
    """The checks that concern one env, and those that were asked for."""
    asked = [check for check, wanted in ((SERVER, options.spawn and not options.dask), (DASK, options.dask)) if wanted]
    return tuple(check for check in (*CHECKS, *asked) if check.wanted(config))
