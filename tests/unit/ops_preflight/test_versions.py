"""Programs and the days on which support ends, on days that a test chooses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.ops.preflight import versions
from modules.ops.preflight.versions import check_versions, support
from modules.ops.tools import Terraform
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_desktop.test_cluster_api import EXISTING
from tests.unit.ops_preflight.conftest import make_context


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "find_terraform", lambda tools, environ, fetch: Terraform(Path("terraform"), "1.12.2", "terraform"))
    monkeypatch.setattr(versions, "find_node", lambda environ: Path("node"))
    monkeypatch.setattr(versions, "support", lambda config, today: iter(()))


def test_green(session: boto3.Session) -> None:
    answer = check_versions(make_context(session, cluster={"version": "1.35"}))
    assert answer.said == "Terraform 1.12.2, Node 18 or newer, providers aws 5.100.0, kubernetes 2.38.0, helm 3.1.1, EKS 1.35"
    assert list(answer.findings) == []


def test_a_program_too_old_is_red(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def old(*_: Any) -> Any:
        raise HubError("/usr/bin/node is v16.1.0", fix="install Node.js 18 or newer")

    monkeypatch.setattr(versions, "find_node", old)
    monkeypatch.setattr(versions, "find_terraform", old)
    assert {(each.severity, each.where, each.what) for each in check_versions(make_context(session)).findings} == {
        ("error", "PATH", "/usr/bin/node is v16.1.0")
    }


def test_a_look_fetches_no_terraform(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "find_terraform", lambda tools, environ, fetch: fetch("https://releases.hashicorp.com/"))
    (finding,) = check_versions(make_context(session)).findings
    assert (finding.severity, finding.what) == ("note", "no Terraform that is new enough; the install fetches 1.11.4 and checks its sum")


SUPPORT = support


@pytest.mark.parametrize(
    ("version", "today", "severity", "what", "fix"),
    [
        ("1.35", date(2026, 11, 26), None, "", ""),
        (
            "1.35",
            date(2026, 11, 27),
            "note",
            "standard support of 1.35 ends in 120 days, on 2027-03-27",
            "./hub upgrade lab --to 1.36 --plan",
        ),
        ("1.36", date(2027, 7, 31), "note", "standard support of 1.36 ends in 1 days, on about 2027-08-01", "update this checkout"),
        ("1.33", date(2026, 11, 21), "note", "1.33 is in extended support, which costs six times as much, until 2027-07-29", '"1.36"'),
        ("1.30", date(2026, 11, 21), "error", "1.30 has had no support since 2026-07-23", "./hub upgrade lab --to 1.31 --plan"),
    ],
)
def test_support(version: str, today: date, severity: str | None, what: str, fix: str) -> None:
    found = list(SUPPORT(make_config(cluster={"version": version}), today))
    assert [(each.severity, each.where, each.what) for each in found] == ([(severity, "cluster.version", what)] if severity else [])
    assert all(fix in each.fix for each in found)


def test_of_a_cluster_that_is_not_ours_nothing_is_said() -> None:
    assert list(SUPPORT(make_config(cluster={"existing": EXISTING, "version": "1.30"}), date(2026, 11, 21))) == []
