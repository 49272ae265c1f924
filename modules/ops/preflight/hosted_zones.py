"""The hosted zones that bear the name of dns.zone, asked for once for all checks."""

from __future__ import annotations

from dataclasses import dataclass

from modules.ops.failures.aws import doing
from modules.ops.preflight.check import Context


@dataclass(frozen=True)
class Zone:
    """id: without `/hostedzone/`."""

    id: str
    private: bool


def zones_named(context: Context, name: str) -> tuple[Zone, ...]:
    """All of that name; empty when there is none. Raises HubError when AWS refuses."""
    return context.once(f"zones {name}", lambda: _ask(context, name))


def _ask(context: Context, name: str) -> tuple[Zone, ...]:
    with doing(f"look for the hosted zone {name}"):
        # They come in order from that name on, so that all of them are on the first page.
        found = context.client("route53").list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    named = [each for each in found if each["Name"].rstrip(".") == name.rstrip(".")]
    return tuple(Zone(each["Id"].rpartition("/")[2], bool((each.get("Config") or {}).get("PrivateZone"))) for each in named)
