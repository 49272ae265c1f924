"""Will the hub get its certificate: is there one, how long is it good, and may Amazon issue one for this name at all?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from modules.common.tags import DEPLOYMENT
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing
from modules.ops.inventory import plain_tags
from modules.ops.preflight.check import Answer, Check, Context, Finding
from modules.ops.preflight.hosted_zones import zones_named

#: ACM renews 60 days before the end, https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
_RENEWED_BY_DAYS = 30
#: Who a CAA record may name for ACM to issue, https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
_AMAZON = {"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

#: Of several with the same name: what serves, then what may yet; the rest is of the past.
_RANKS = {"ISSUED": 2, "PENDING_VALIDATION": 1}


def check_certificate(context: Context) -> Answer:
    """Judge certificate and CAA records. Raises HubError when AWS refuses to show them."""
    domain, dns = context.config.domain, context.config.dns
    if domain is None:
        return Answer("this env has no domain, so no certificate")
    forbidden = list(_forbidden(context, domain))
    found = _ours(context, domain)
    # AWS validates over public DNS only.
    by_hand = dns is None or not dns.manage or dns.private
    if found is not None:
        said, findings = _judge(domain, found, by_hand=by_hand)
        return Answer(said, [*findings, *forbidden])
    if dns is not None and not by_hand:
        return Answer(f"{domain}: will be issued by DNS validation in zone {dns.zone}", forbidden)
    what = f"the certificate of {domain} waits until somebody validates it by hand"
    fix = "put the CNAME record that ./hub status shows into the zone while the install waits, or set dns.zone with manage: true"
    return Answer(f"{domain}: will be asked for", [*forbidden, Finding("note", "dns.manage", what, fix)])


def _ours(context: Context, domain: str) -> Mapping[str, Any] | None:
    """The certificate of this name that carries our tag; of several the one that lives, then the one that ends last."""
    acm, found = context.client("acm"), []
    with doing(f"look for the certificate of {domain}"):
        for each in pages(acm, "list_certificates", "CertificateSummaryList"):
            if each.get("DomainName") != domain:
                continue
            arn = each["CertificateArn"]
            if plain_tags(acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]).get(DEPLOYMENT) == context.config.deployment:
                found.append(acm.describe_certificate(CertificateArn=arn)["Certificate"])
    return max(found, key=_rank, default=None)


def _rank(found: Mapping[str, Any]) -> tuple[int, datetime]:
    return _RANKS.get(found.get("Status", ""), 0), found.get("NotAfter") or datetime.min.replace(tzinfo=UTC)


def _judge(domain: str, found: Mapping[str, Any], *, by_hand: bool, now: datetime | None = None) -> tuple[str, list[Finding]]:
    status, ends = found.get("Status", ""), found.get("NotAfter")
    where, arn = "domain", found["CertificateArn"]
    if status == "PENDING_VALIDATION":
        return f"{domain}: waits for validation", [
            Finding("note", where, "its validation is not seen yet", _record(found))
        ] if by_hand else []
    if status != "ISSUED" or ends is None:
        why = found.get("FailureReason") or status
        fix = f"aws acm delete-certificate --certificate-arn {arn}; the next install asks for another"
        return f"{domain}: {status}", [Finding("error", where, f"the certificate {arn} is of no use: {why}", fix)]
    names = {found.get("DomainName"), *(found.get("SubjectAlternativeNames") or ())}
    findings = []
    if not _covers(domain, {str(each) for each in names if each}):
        findings.append(Finding("error", where, f"the certificate {arn} does not cover {domain}", "delete it, and install again"))
    days = (ends - (now or datetime.now(UTC))).days
    if days < _RENEWED_BY_DAYS:
        renewal = (found.get("RenewalSummary") or {}).get("RenewalStatus", "not begun")
        what = f"ends in {days} days and is not renewed (renewal: {renewal})"
        findings.append(Finding("note", where, what, "see that its validation record is still in the zone: ACM renews by it"))
    return f"{domain}: issued, {days} days left", findings


def _covers(domain: str, names: set[str]) -> bool:
    return domain in names or f"*.{domain.partition('.')[2]}" in names


def _record(found: Mapping[str, Any]) -> str:
    records = [each["ResourceRecord"] for each in found.get("DomainValidationOptions", ()) if each.get("ResourceRecord")]
    told = "; ".join(f"{each['Name']} {each['Type']} {each['Value']}" for each in records)
    return f"put into the zone: {told}" if told else "put its CNAME record into the zone; the ACM console shows it"


def _forbidden(context: Context, domain: str) -> Iterator[Finding]:
    """The CAA records nearest to the name decide (RFC 8659); what stands above our zone is not seen here."""
    dns = context.config.dns
    public = [zone for zone in zones_named(context, dns.zone) if not zone.private] if dns else []
    if dns is None or not public:
        return
    name = domain
    while name == dns.zone or name.endswith(f".{dns.zone}"):
        values = _caa(context, public[0].id, name)
        issuers = {_issuer(value) for value in values} - {None}
        if values:
            if issuers and not issuers & _AMAZON:
                said = ", ".join(sorted(str(each) or "nobody" for each in issuers))
                what = f"the CAA record of {name} lets {said} issue certificates, and not Amazon"
                yield Finding("error", "domain", what, f'add 0 issue "amazon.com" to the CAA record of {name}')
            return
        name = name.partition(".")[2]


def _caa(context: Context, zone: str, name: str) -> list[str]:
    with doing(f"read the CAA record of {name}"):
        found = context.client("route53").list_resource_record_sets(
            HostedZoneId=zone, StartRecordName=name, StartRecordType="CAA", MaxItems="1"
        )["ResourceRecordSets"]
    return [
        each["Value"]
        for record in found
        if record["Name"].rstrip(".") == name and record["Type"] == "CAA"
        for each in record.get("ResourceRecords", ())
    ]


def _issuer(value: str) -> str | None:
    """`0 issue "amazon.com; policy=x"` → amazon.com, "" for nobody; None for a record about something else."""
    parts = value.split(maxsplit=2)
    if len(parts) < 3 or parts[1].lower() != "issue":
        return None
    return parts[2].strip('"').partition(";")[0].strip().lower()


CERTIFICATE = Check("certificate", check_certificate)
