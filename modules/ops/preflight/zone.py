"""Does the hosted zone of dns.zone exist, of the right kind, once, and is it the one the world asks?

Terraform's data source ends with an error for no zone and for two. A zone that nobody delegates to looks well in the console,
and the certificate then waits for its validation until it gives up. One that somebody looks after by hand no stack reads, and it may
be in another account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modules.ops.failures.aws import doing
from modules.ops.preflight.check import Answer, Check, Context, Finding
from modules.ops.preflight.hosted_zones import Zone, zones_named
from modules.ops.preflight.nameservers import name_servers


def check_zone(context: Context) -> Answer:
    """Judge the zone. Raises HubError when AWS refuses to list zones."""
    config = context.config
    if config.dns is None:
        return Answer("this env has no zone")
    name, private = config.dns.zone, config.dns.private
    if not config.dns.manage:
        return Answer(f"{name}, looked after by hand")
    zones = zones_named(context, name)
    findings = list(_there(context, name, zones))
    if findings or private:
        return Answer(f"{name}, {_kind(private)}", findings)
    zone = next(each for each in zones if not each.private)
    ours = _servers(context, zone)
    said = f"{name} ({zone.id}), public"
    if context.is_rehearsal:
        return Answer(f"{said}; nobody delegates to a rehearsal", findings)
    asked = name_servers(name)
    if asked is None:
        return Answer(said, findings, f"whether {name} is delegated to this zone: no resolver here can tell")
    if not asked & ours:
        findings.append(_not_delegated(name, asked, ours))
    return Answer(f"{said}, delegated to" if not findings else said, findings)


def _kind(private: bool) -> str:
    return "private" if private else "public"


def _there(context: Context, name: str, zones: Sequence[Zone]) -> Iterator[Finding]:
    private = bool(context.config.dns and context.config.dns.private)
    right = [zone for zone in zones if zone.private is private]
    if len(right) > 1:
        ids = ", ".join(zone.id for zone in right)
        what = f"this account has {len(right)} {_kind(private)} zones {name} ({ids}), and Terraform cannot tell which one is meant"
        yield Finding("error", "dns.zone", what, "delete or rename the one that is not in use")
    if right:
        return
    what = f"this account has no {_kind(private)} hosted zone {name}"
    if zones:
        yield Finding("error", "dns.private", f"{what}, but a {_kind(not private)} one", f"dns.private: {str(not private).lower()}")
    elif private:
        yield Finding("error", "dns.zone", what, f"make a private zone {name} for the VPC, or correct dns.zone")
    else:
        make = f"aws route53 create-hosted-zone --name {name} --caller-reference {context.config.env}-1"
        yield Finding("error", "dns.zone", what, f"{make}, then delegate to it; or correct dns.zone")


def _servers(context: Context, zone: Zone) -> frozenset[str]:
    with doing(f"read the name servers of {zone.id}"):
        answer = context.client("route53").get_hosted_zone(Id=zone.id)
    return frozenset(each.rstrip(".").lower() for each in (answer.get("DelegationSet") or {}).get("NameServers", []))


def _not_delegated(name: str, asked: frozenset[str], ours: frozenset[str]) -> Finding:
    parent = name.partition(".")[2] or "the root"
    fix = f"write these name servers into the NS record of {name} at {parent}, or at the registrar"
    if not asked:
        what = f"{name} is delegated to nobody, not to this zone's {', '.join(sorted(ours))}: the certificate would never be validated"
        return Finding("error", "dns.zone", what, fix)
    # An office's resolver may have a view of its own, and name servers may answer under other names of theirs.
    what = f"seen from here, {name} is delegated to {', '.join(sorted(asked))}, not to this zone's {', '.join(sorted(ours))}"
    return Finding("note", "dns.zone", what, f"if the world sees it so, the certificate is never validated: {fix}")


ZONE = Check("zone", check_zone)
