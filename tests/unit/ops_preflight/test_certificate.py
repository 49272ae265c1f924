"""The hub's certificate as ACM has it, and CAA records that let Amazon issue one or do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from modules.common.tags import DEPLOYMENT
from modules.ops.preflight import certificate as certificate_module
from modules.ops.preflight.certificate import check_certificate
from modules.ops.preflight.check import Finding
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_preflight.conftest import make_context

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ARN = "arn:aws:acm:us-east-2:123456789012:certificate/1"
RECORD = {"Name": "_x.hub.lab.test.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}


def found(session: boto3.Session, **changes: Any) -> list[Finding]:
    return list(check_certificate(make_context(session, **changes)).findings)


def zone_with(session: boto3.Session, records: dict[str, list[str]]) -> None:
    """A zone lab.test with CAA records by name, and records of another type beside them."""
    route53 = session.client("route53", region_name="us-east-2")
    id = route53.create_hosted_zone(Name="lab.test", CallerReference="1")["HostedZone"]["Id"]
    wanted = [(name, "CAA", values) for name, values in records.items()] + [("hub.lab.test", "TXT", ['"x"'])]
    for name, kind, values in wanted:
        record = {"Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": each} for each in values]}
        route53.change_resource_record_sets(HostedZoneId=id, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]})


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ({}, ""),
        ({"lab.test": ['0 issue "letsencrypt.org"']}, "the CAA record of lab.test lets letsencrypt.org issue"),
        ({"lab.test": ['0 issue ";"']}, "lets nobody issue"),
        ({"lab.test": ['0 issue "letsencrypt.org"', '0 issue "amazonaws.com; x=y"']}, ""),
        ({"lab.test": ['0 issue "letsencrypt.org"'], "hub.lab.test": ['0 issue "amazon.com"']}, ""),
        (
            {"lab.test": ['0 issue "amazon.com"'], "hub.lab.test": ['0 issue "other.test"']},
            "the CAA record of hub.lab.test lets other.test",
        ),
        ({"lab.test": ['0 iodef "mailto:a@lab.test"']}, ""),
    ],
    ids=["none", "another", "nobody", "amazon-too", "nearest-allows", "nearest-forbids", "no-issue"],
)
def test_whom_the_zone_lets_issue(session: boto3.Session, records: dict[str, list[str]], said: str) -> None:
    zone_with(session, records)
    findings = found(session)
    assert [each.severity for each in findings] == (["error"] if said else [])
    assert all(said in each.what and "amazon.com" in each.fix for each in findings)


@pytest.mark.parametrize(
    ("shown", "severity", "what"),
    [
        ({"Status": "ISSUED", "NotAfter": NOW + timedelta(days=200)}, "", ""),
        ({"Status": "ISSUED", "NotAfter": NOW + timedelta(days=12)}, "note", "ends in 12 days and is not renewed (renewal: not begun)"),
        ({"Status": "ISSUED", "NotAfter": NOW + timedelta(days=200), "DomainName": "x.test"}, "error", "does not cover hub.lab.test"),
        ({"Status": "FAILED", "FailureReason": "CAA_ERROR"}, "error", "is of no use: CAA_ERROR"),
        ({"Status": "EXPIRED", "NotAfter": NOW}, "error", "is of no use: EXPIRED"),
    ],
)
def test_a_certificate_that_is_there(shown: dict[str, Any], severity: str, what: str) -> None:
    _, findings = certificate_module._judge(
        "hub.lab.test", {"CertificateArn": ARN, "DomainName": "hub.lab.test", **shown}, by_hand=False, now=NOW
    )
    assert [each.severity for each in findings] == ([severity] if severity else [])
    assert all(what in each.what for each in findings)


@pytest.mark.parametrize(
    ("shown", "chosen"),
    [
        ([("EXPIRED", 0), ("PENDING_VALIDATION", None)], "PENDING_VALIDATION"),
        ([("REVOKED", 300), ("ISSUED", 10)], "ISSUED"),
        ([("PENDING_VALIDATION", None), ("ISSUED", 10)], "ISSUED"),
        ([("FAILED", None), ("EXPIRED", 0)], "EXPIRED"),
        ([("ISSUED", 10), ("ISSUED", 200)], "ISSUED"),
    ],
)
def test_a_living_one_is_chosen(shown: list[tuple[str, int | None]], chosen: str) -> None:
    of_name = [{"Status": status, **({} if days is None else {"NotAfter": NOW + timedelta(days=days)})} for status, days in shown]
    best = max(of_name, key=certificate_module._rank)
    assert best["Status"] == chosen
    assert best in of_name[1:], "the last row of each is the one that is meant"


@pytest.mark.parametrize(("by_hand", "count"), [(True, 1), (False, 0)])
def test_a_certificate_that_waits(by_hand: bool, count: int) -> None:
    waits = {"CertificateArn": ARN, "Status": "PENDING_VALIDATION", "DomainValidationOptions": [{"ResourceRecord": RECORD}]}
    _, findings = certificate_module._judge("hub.lab.test", waits, by_hand=by_hand)
    assert len(findings) == count
    assert all("_x.hub.lab.test. CNAME _y.acm-validations.aws." in each.fix for each in findings)


@pytest.mark.parametrize(("names", "covered"), [({"hub.lab.test"}, True), ({"*.lab.test"}, True), ({"lab.test"}, False)])
def test_what_a_certificate_covers(names: set[str], covered: bool) -> None:
    assert certificate_module._covers("hub.lab.test", names) is covered


@pytest.mark.parametrize(
    ("changes", "said", "notes"),
    [
        ({}, "will be issued by DNS validation in zone lab.test", 0),
        ({"dns": None}, "will be asked for", 1),
        ({"dns": {"zone": "lab.test", "manage": False}}, "will be asked for", 1),
        ({"dns": {"zone": "lab.test", "private": True}}, "will be asked for", 1),
        ({"dns": None, "domain": None, "insecure": True, "auth": {"kind": "dummy"}}, "no certificate", 0),
    ],
)
def test_a_certificate_that_is_still_to_come(session: boto3.Session, changes: dict[str, Any], said: str, notes: int) -> None:
    answer = check_certificate(make_context(session, **changes))
    assert said in answer.said
    assert [each.severity for each in answer.findings] == ["note"] * notes


def test_only_ours_is_looked_at(session: boto3.Session) -> None:
    acm = session.client("acm", region_name="us-east-2")
    acm.request_certificate(DomainName="hub.lab.test", ValidationMethod="DNS")
    assert "will be issued" in check_certificate(make_context(session)).said
    tags = [{"Key": DEPLOYMENT, "Value": make_config().deployment}]
    acm.request_certificate(DomainName="hub.lab.test", ValidationMethod="DNS", Tags=tags)
    assert "will be issued" not in check_certificate(make_context(session)).said
