"""Which name servers the world is sent to for a zone: one question to this machine's resolver."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.resolver import Resolver

#: A resolver that is there answers in less; on a machine without one the check must not hold up the others.
_SECONDS = 3.0
#: A zone that the world surely knows. A resolver that does not sees a network of its own, and its "no such name" says nothing.
_KNOWN = "amazonaws.com"
#: What every private zone of Route 53 names, which a VPC's resolver answers for one of the same name; of the world it says nothing.
#: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html
_PRIVATE = frozenset({"ns-0.awsdns-00.com", "ns-512.awsdns-00.net", "ns-1024.awsdns-00.org", "ns-1536.awsdns-00.co.uk"})


def name_servers(zone: str, resolver: Resolver | None = None) -> frozenset[str] | None:
    """Names in small letters without the last dot, empty when the zone is delegated to nobody; None when no resolver can tell.

    resolver: this machine's own by default.
    """
    from dns.exception import DNSException

    try:
        asked = resolver or _own()
        found = _ask(asked, zone)
        if found == _PRIVATE:
            return None
        return found if found or _ask(asked, _KNOWN) else None
    except (DNSException, OSError):
        return None


def _ask(resolver: Resolver, zone: str) -> frozenset[str]:
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        found = resolver.resolve(f"{zone.rstrip('.')}.", "NS", lifetime=_SECONDS)
    except (NXDOMAIN, NoAnswer):
        return frozenset()
    return frozenset(str(each.target).rstrip(".").lower() for each in found)


@cache
def _own() -> Resolver:
    """By /etc/resolv.conf. Raises NoResolverConfiguration (a DNSException) where there is none."""
    from dns.resolver import Resolver

    return Resolver()
