"""What a status tells, and that it tells the rest when some of it cannot be read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi
from modules.ops.status import account, report
from modules.ops.status.command import status
from modules.ops.status.looks import look_around
from tests.unit.ops_aws.support import make_config, refusal
from tests.unit.ops_status.conftest import ARN, put_state
from tests.unit.ops_verify.aws import STACKS, Service
from tests.unit.ops_verify.cluster import Cluster


@pytest.fixture
def told(
    tmp_path: Path, running: Cluster, config: HubConfig, capsys: pytest.CaptureFixture[str]
) -> Callable[[], tuple[int, dict[str, Any], str]]:
    """The exit code, the JSON object and the screen of one status."""

    def ask() -> tuple[int, dict[str, Any], str]:
        code = status(tmp_path, config, as_json=True)
        found = json.loads(capsys.readouterr().out)
        assert status(tmp_path, config, as_json=False) == code == found["exit"]
        return code, found, capsys.readouterr().out

    return ask


Told = Callable[[], tuple[int, dict[str, Any], str]]


def test_all_of_it(told: Told) -> None:
    code, found, screen = told()
    assert (code, found["unread"]) == (0, {})
    assert set(found["stacks"]) == {f"lab-{name}" for name in STACKS}
    assert found["urls"]["hub"] == "https://hub.lab.test"
    assert found["versions"]["kubernetes"] == "1.35"
    assert found["versions"]["releases"]["jupyterhub"] == {
        "chart": "jupyterhub",
        "version": "4.4.0",
        "app": "5.4.0",
        "namespace": "jupyterhub",
        "status": "deployed",
    }
    assert found["pools"]["lab-core"] == {
        "kind": "node group",
        "name": "lab-core",
        "status": "ACTIVE",
        "version": "1.35",
        "wanted": 2,
        "nodes": 2,
        "ready": 2,
    }
    assert found["pools"]["default"] == {"kind": "karpenter", "nodes": 1, "ready": 1}
    assert found["users"] == {"online": 2, "starting": 1}
    assert found["cost"]["idle_month"] > 0
    lines = {line[:12].strip(): line[13:] for line in screen.splitlines()}
    assert lines["address"] == "https://hub.lab.test"
    assert lines["charts"] == "jupyterhub 4.4.0 (app 5.4.0)"
    assert lines["nodes"] == "3 of 3 ready: lab-core 2, default 1"
    assert lines["users"] == "2 online, 1 starting"
    assert lines["network"] == "1 resources"
    assert "jupyter-ada" not in screen + json.dumps(found)


def _refuse(service: Service, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def refuse(**_: Any) -> Any:
        raise refusal("AccessDeniedException", message="not allowed\nto look")

    monkeypatch.setattr(service, name, refuse)


def _no_api(service: Service, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def silent(self: ClusterApi, path: str, what: str, **query: str) -> Any:
        raise HubError("the cluster lab does not answer")

    monkeypatch.setattr(ClusterApi, name, silent)


@pytest.mark.parametrize(
    ("spoil", "name", "unread", "kept"),
    [
        (_refuse, "describe_cluster", {"cluster"}, "users"),
        (_refuse, "list_nodegroups", {"node groups"}, "nodes"),
        (_no_api, "items", {"nodes", "users", "namespaces"}, "cluster"),
    ],
    ids=["EKS refuses", "node groups are refused", "the cluster is silent"],
)
def test_what_cannot_be_read_is_one_line(
    told: Told, service: Service, monkeypatch: pytest.MonkeyPatch, spoil: Callable[..., None], name: str, unread: set[str], kept: str
) -> None:
    spoil(service, monkeypatch, name)
    code, found, screen = told()
    assert (code, set(found["unread"])) == (0, unread)
    assert found[kept]
    rows = [line for line in screen.splitlines() if line.startswith("not read")]
    assert len(rows) == 1
    assert all(each in rows[0] for each in unread)


def test_a_state_that_cannot_be_read_hides_no_other(told: Told, session: boto3.Session, config: HubConfig) -> None:
    put_state(session, config, "network", b"half a st")
    code, found, screen = told()
    assert (code, found["stacks"]["lab-network"]["resources"], found["stacks"]["lab-hub"]["resources"]) == (1, None, 1)
    assert "state of lab-network" in found["unread"]
    assert "not read     state of lab-network: the state object" in screen


def test_nothing_is_asked_where_nothing_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = make_config(rehearsal=True, aws={})
    assert status(tmp_path, config, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["stacks"], found["urls"], found["cluster"], found["users"]) == ({}, {}, None, None)
    assert status(tmp_path, config, as_json=False) == 0
    assert "nothing is applied. ./install.sh lab" in capsys.readouterr().out


def test_a_look_that_hangs_is_said_and_holds_nobody_up() -> None:
    never = threading.Event()
    seen = look_around({"slow": never.wait, "quick": lambda: 7}, seconds=0.05)
    assert (seen.found, seen.unread) == ({"quick": 7}, {"slow": "no answer within 0 s"})
    never.set()


def test_a_defect_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        look_around({"broken": lambda: 1 // 0})


@pytest.mark.parametrize(
    ("version", "today", "style", "said"),
    [
        ("1.35", date(2027, 3, 27), "", "standard support until 2027-03-27"),
        ("1.35", date(2027, 3, 28), "warn", "extended support, which costs more, until 2028-03-27"),
        ("1.30", date(2026, 7, 24), "warn", "support ended 2026-07-23"),
        ("1.36", date(2026, 11, 21), "", "standard support until about 2027-08-01"),
        ("9.99", date(2026, 11, 21), "warn", "not in the catalog"),
    ],
)
def test_support(running: Cluster, service: Service, version: str, today: date, style: str, said: str) -> None:
    service.cluster["version"] = version
    found = account.cluster(lambda name: service, make_config(), today)
    (line,) = [each for each in report.lines(_document(cluster=found)) if each[1].startswith("kubernetes")]
    assert line[0] == style
    assert said in line[1]


@pytest.mark.parametrize(
    ("certificate", "style", "said"),
    [
        ({"Status": "ISSUED", "NotAfter": datetime(2027, 5, 1, tzinfo=UTC)}, "", "hub.lab.test, until 2027-05-01 (160 days)"),
        ({"Status": "ISSUED", "NotAfter": datetime(2026, 11, 30, tzinfo=UTC)}, "warn", "until 2026-11-30 (8 days)"),
        (
            {"Status": "ISSUED", "NotAfter": datetime(2027, 1, 1, tzinfo=UTC), "RenewalSummary": {"RenewalStatus": "FAILED"}},
            "warn",
            "renewal FAILED",
        ),
        ({"Status": "PENDING_VALIDATION"}, "warn", "hub.lab.test, PENDING_VALIDATION"),
        ({"Status": "EXPIRED", "NotAfter": datetime(2026, 11, 1, tzinfo=UTC)}, "warn", "EXPIRED, until 2026-11-01 (-21 days)"),
    ],
    ids=["well", "soon", "renewal", "pending", "expired"],
)
def test_certificate(certificate: dict[str, Any], style: str, said: str) -> None:
    class Acm:
        def describe_certificate(self, **_: str) -> dict[str, Any]:
            return {"Certificate": {"DomainName": "hub.lab.test", **certificate}}

    found = account.certificate(lambda name: Acm(), ARN, datetime(2026, 11, 21, 12, tzinfo=UTC))
    (line,) = [each for each in report.lines(_document(certificate=found)) if each[1].startswith("certificate")]
    assert line[0] == style
    assert said in line[1]


def _document(**more: Any) -> dict[str, Any]:
    empty = {
        "env": "lab",
        "stacks": {"lab-hub": {"resources": 1, "outputs": {}}},
        "urls": {},
        "versions": {"releases": {}},
        "cluster": None,
        "pools": {},
        "nodes": None,
        "users": None,
        "stuck": None,
        "certificate": None,
        "cost": None,
        "unread": {},
    }
    return empty | more
