"""What stands between the env and the world: NAT gateways, endpoints, load balancers, public addresses, the zone."""

from __future__ import annotations

from modules.config.models import HubConfig
from modules.ops.cost.model import Assumptions
from modules.ops.cost.tally import Tally


def add_network(config: HubConfig, assumed: Assumptions, tally: Tally) -> None:
    """Nothing of a VPC that somebody else owns, and pays, but the load balancers."""
    if config.network.existing is None:
        _own_vpc(config, assumed, tally)
    _balancers(config, tally)
    if config.dns is not None:
        tally.add("zone", f"hosted zone {config.dns.zone}", "zone", 1, note="yours before and after")


def _own_vpc(config: HubConfig, assumed: Assumptions, tally: Tally) -> None:
    zones = len(config.network.azs)
    nats = zones if config.network.nat == "per-az" else 1
    tally.add("nat", "NAT gateway" if nats == 1 else f"NAT gateways, {nats}", "nat", nats)
    tally.add("nat-ipv4", "public addresses of NAT", "ipv4", nats)
    tally.add("nat-data", f"NAT: {assumed.nat_gb} GB through it", "nat-data", assumed.nat_gb, asleep=0, note="assumed")
    services = config.network.endpoints.interface
    tally.add("endpoints", f"interface endpoints: {', '.join(services)} in {zones} zones", "endpoint", len(services) * zones)


def _balancers(config: HubConfig, tally: Tally) -> None:
    """A balancer facing the internet has a public address in each zone."""
    existing = config.network.existing
    zones = len(existing.public_subnets) if existing else len(config.network.azs)
    _balancer("hub", "the hub's load balancer", config.hub.load_balancer == "internet-facing", zones, tally)
    desktop = config.desktop
    if desktop is not None and desktop.exposure == "nlb":
        _balancer("desktop", "the desktops' load balancer", desktop.load_balancer == "internet-facing", zones, tally)


def _balancer(key: str, label: str, faces_world: bool, zones: int, tally: Tally) -> None:
    tally.add(f"{key}-balancer", label, "nlb", 1)
    if faces_world:
        tally.add(f"{key}-balancer-ipv4", f"{label}: {zones} public addresses", "ipv4", zones)
