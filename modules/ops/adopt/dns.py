"""Adopting names: ACM certificates, Route 53 records."""

from __future__ import annotations

from typing import Any

from modules.ops.adopt.model import Body, Family, Tagged, UnknownValueError, World, whole_arn
from modules.ops.inventory import Found


def _validation_options(world: World, found: Found) -> list[dict[str, Any]]:
    """The DNS records that prove the certificate's names, in the provider's words."""
    answer = world.clients.get("acm").describe_certificate(CertificateArn=found.arn)["Certificate"]
    options = []
    for option in answer.get("DomainValidationOptions", ()):
        if "ResourceRecord" not in option:  # ACM makes them up some seconds after the request
            raise UnknownValueError(found.arn)
        record = option["ResourceRecord"]
        options.append(
            {
                "domain_name": option["DomainName"],
                "resource_record_name": record["Name"],
                "resource_record_type": record["Type"],
                "resource_record_value": record["Value"],
            }
        )
    return options


def _record(world: World, body: Body) -> str | None:
    if body.plain("allow_overwrite") is True:
        return None  # the provider writes such a record with UPSERT, over whatever is there
    zone, kind = body.text("zone_id"), body.text("type")
    name, identifier = body.text("name").rstrip("."), body.text("set_identifier", "")
    # Route 53 lists from a name onwards, so the first page holds all records of that name and type.
    listed = world.clients.get("route53").list_resource_record_sets(HostedZoneId=zone, StartRecordName=name, StartRecordType=kind)
    for record in listed["ResourceRecordSets"]:
        here = record["Name"].rstrip(".").replace("\\052", "*"), record["Type"], record.get("SetIdentifier", "")
        if here == (name, kind, identifier):
            return "_".join(part for part in (zone, name, kind, identifier) if part)
    return None


FAMILY = Family(
    tagged={
        "aws_acm_certificate": Tagged("acm:certificate", whole_arn, {"domain_validation_options": _validation_options}),
    },
    by_parent={"aws_route53_record": _record},
    put_again={"aws_acm_certificate_validation": "creation waits for the certificate and makes nothing"},
)
