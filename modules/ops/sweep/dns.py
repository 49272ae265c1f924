"""Route 53 records of external-dns: each with the TXT record in which it wrote who owns it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from modules.ops.aws_clients import Clients, pages
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope

#: modules/k8s/charts/external_dns.py writes the type of the record and a full stop in front of its name.
_NOTE = re.compile(r"hubsmith-(a|aaaa|cname)\.(.+)")
_HERITAGE = "heritage=external-dns"


def records(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Records whose owner is this deployment, and the notes that say so. The note goes last: without it nobody would find the rest."""
    dns = scope.config.dns
    if dns is None or not dns.manage or scope.config.domain is None:
        return
    route53 = clients.get("route53")
    for zone in _zones(route53, dns.zone, private=dns.private):
        sets = list(pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone))
        by_name = {(_plain(each["Name"]), each["Type"]): each for each in sets}
        for each in sets:
            note = _NOTE.fullmatch(_plain(each["Name"]))
            if each["Type"] != "TXT" or note is None or not _is_ours(each, scope.deployment):
                continue
            about = by_name.get((note[2], note[1].upper())) or _alias(by_name, note[2], note[1])
            key = f"{_plain(each['Name'])} TXT"
            if about is not None:
                yield _record(route53, zone, about, frozenset({key}))
            yield _record(route53, zone, each, frozenset())


def _alias(by_name: Mapping[tuple[str, str], dict[str, Any]], name: str, type: str) -> dict[str, Any] | None:
    """external-dns notes an alias, which is of type A, as the CNAME that it was asked for."""
    found = by_name.get((name, "A")) if type == "cname" else None
    return found if found and "AliasTarget" in found else None


def _record(route53: Any, zone: str, record: dict[str, Any], holds: frozenset[str]) -> Sweepable:
    name = _plain(record["Name"])
    change = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
    remove = partial(route53.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=change)
    # As Terraform writes the id of a record.
    return Sweepable("record", f"{name} {record['Type']}", remove, names=frozenset({f"{zone}_{name}_{record['Type']}"}), holds=holds)


def _is_ours(record: dict[str, Any], owner: str) -> bool:
    """Whether the note names this deployment as the owner, and not one whose name begins alike."""
    values = (part["Value"].strip('"').split(",") for part in record.get("ResourceRecords", ()))
    return any(_HERITAGE in value and f"external-dns/owner={owner}" in value for value in values)


def _zones(route53: Any, name: str, *, private: bool) -> Iterator[str]:
    for zone in route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]:
        if _plain(zone["Name"]) == name and zone["Config"]["PrivateZone"] == private:
            yield zone["Id"].rpartition("/")[2]


def _plain(name: str) -> str:
    """Route 53 ends names with a full stop and writes an asterisk as its octal code."""
    return str(name).rstrip(".").replace("\\052", "*")
