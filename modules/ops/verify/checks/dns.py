"""DNS: the hub's name leads to the hub's load balancer. A new record takes a while, so this check waits."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import pages
from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.scene import Scene

NOTHING_LISTENS = "nothing listens at the hub's address in a rehearsal"


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    if scene.options.url:
        raise Skipped(f"--url says where the hub is: {urlsplit(scene.url).netloc}")
    domain, balancer = str(scene.config.domain), scene.hub_address
    here, there = addresses(domain), addresses(balancer)
    if not there:
        raise HubError(f"the load balancer {balancer} has no address yet", fix="wait a few minutes: AWS is still making it")
    if not here:
        raise HubError(f"{domain} is a name that nobody resolves", fix=_why(scene, domain))
    if not here & there:
        fix = f"wait for old answers to run out (--wait 300); if it stays, compare the record with {balancer}"
        raise HubError(f"{domain} leads to {_list(here)}, and the load balancer is at {_list(there)}", fix=fix)
    return f"{domain} leads to the load balancer ({_list(here)})"


def addresses(name: str) -> set[str]:
    """What this machine's resolver says; empty when it says nothing."""
    try:
        return {str(each[4][0]) for each in socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)}
    except (socket.gaierror, UnicodeError):
        return set()


def _why(scene: Scene, domain: str) -> str:
    """Whether the zone has the record, which tells a slow resolver from a controller that does not work."""
    dns = scene.config.dns
    if dns is None or not dns.manage:
        return f"make the record by hand: {domain} CNAME {scene.hub_address}"
    try:
        there = _in_zone(scene, dns.zone, domain)
    except Exception as error:  # a hint only: the check has failed already
        return f"Route 53 could not be asked whether it has the record ({type(error).__name__}); wait with --wait 300"
    if there:
        return "the zone has the record: wait for it (--wait 300). A resolver that was asked too early remembers the no for minutes"
    return "the zone has no such record: kubectl logs -n kube-system -l app.kubernetes.io/instance=external-dns"


def _in_zone(scene: Scene, zone: str, domain: str) -> bool:
    route53 = scene.client("route53")
    zones = [each["Id"] for each in route53.list_hosted_zones_by_name(DNSName=zone)["HostedZones"] if each["Name"].rstrip(".") == zone]
    names = (
        record["Name"] for each in zones for record in pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=each)
    )
    return any(name.rstrip(".") == domain for name in names)


def _list(found: set[str]) -> str:
    return ", ".join(sorted(found))


def has_name(config: HubConfig) -> bool:
    """Whether the hub has a name of its own, and with it a certificate."""
    return config.domain is not None


DNS = Check("dns", _run, wanted=has_name, waits=60)
