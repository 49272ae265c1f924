"""The hosted zone: there, of the right kind, once, and asked by the world; and one resolver's answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
import dns.message
import dns.rcode
import dns.rrset
import pytest
from dns.resolver import NoResolverConfiguration, Resolver

from modules.ops.preflight import nameservers
from modules.ops.preflight import zone as zone_module
from modules.ops.preflight.check import Answer
from modules.ops.preflight.nameservers import name_servers
from modules.ops.preflight.zone import check_zone
from tests.unit.ops_preflight.conftest import make_context

PRIVATE = {"dns": {"zone": "lab.test", "private": True}}


def make_zone(session: boto3.Session, *, private: bool = False, name: str = "lab.test") -> frozenset[str]:
    made = session.client("route53", region_name="us-east-2").create_hosted_zone(
        Name=name, CallerReference=name, HostedZoneConfig={"PrivateZone": private}
    )
    return frozenset(made.get("DelegationSet", {}).get("NameServers", []))


def judged(session: boto3.Session, monkeypatch: pytest.MonkeyPatch, asked: frozenset[str] | None, **changes: Any) -> Answer:
    monkeypatch.setattr(zone_module, "name_servers", lambda zone: asked)
    return check_zone(make_context(session, **changes))


@pytest.mark.parametrize(
    ("zones", "changes", "where", "what", "fix"),
    [
        ([], {}, "dns.zone", "no public hosted zone lab.test", "create-hosted-zone --name lab.test"),
        ([True], {}, "dns.private", "no public hosted zone lab.test, but a private one", "dns.private: true"),
        ([False, False], {}, "dns.zone", "has 2 public zones lab.test", "not in use"),
        ([], PRIVATE, "dns.zone", "no private hosted zone", "make a private zone"),
        ([False], PRIVATE, "dns.private", "but a public one", "dns.private: false"),
    ],
)
def test_a_zone_that_cannot_serve(
    session: boto3.Session,
    monkeypatch: pytest.MonkeyPatch,
    zones: list[bool],
    changes: dict[str, Any],
    where: str,
    what: str,
    fix: str,
) -> None:
    make_zone(session, name="other.test")
    for private in zones:
        make_zone(session, private=private)
    (finding,) = judged(session, monkeypatch, None, **changes).findings
    assert (finding.severity, finding.where) == ("error", where)
    assert what in finding.what
    assert fix in finding.fix


def test_a_zone_that_serves(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = make_zone(session)
    answer = judged(session, monkeypatch, ours)
    assert (list(answer.findings), answer.unchecked) == ([], "")
    assert "delegated to" in answer.said


def test_a_private_zone_is_asked_by_nobody_outside(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_zone(session, private=True)
    assert judged(session, monkeypatch, frozenset(), **PRIVATE) == Answer("lab.test, private", [])


def test_a_zone_that_is_looked_after_by_hand_may_be_anywhere(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"dns": {"zone": "lab.test", "manage": False}}
    assert judged(session, monkeypatch, frozenset(), **changes) == Answer("lab.test, looked after by hand")


@pytest.mark.parametrize(
    ("asked", "severity", "said"),
    [(frozenset({"ns.registrar.test"}), "note", "to ns.registrar.test"), (frozenset[str](), "error", "to nobody")],
)
def test_a_zone_that_the_world_does_not_ask(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, asked: frozenset[str], severity: str, said: str
) -> None:
    make_zone(session)
    (finding,) = judged(session, monkeypatch, asked).findings
    assert finding.severity == severity
    assert f"is delegated {said}, not to this zone's" in finding.what
    assert "NS record of lab.test at test" in finding.fix


def test_offline_nothing_is_red(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_zone(session)
    answer = judged(session, monkeypatch, None)
    assert list(answer.findings) == []
    assert "no resolver here can tell" in answer.unchecked


def test_a_rehearsal_asks_nobody(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(zone: str) -> None:
        raise AssertionError(zone)

    make_zone(session)
    monkeypatch.setattr(zone_module, "name_servers", never)
    assert check_zone(make_context(session, is_rehearsal=True)).unchecked == ""


NS = {"lab.test.": ("NS.aws.", "b.lab.test.")}
PRIVATE_SET = {"lab.test.": ("ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk.")}
WORLD = {"amazonaws.com.": ("ns.amazon.",)}


def answers(code: int, known: Mapping[str, Sequence[str]]) -> Callable[[bytes], bytes]:
    """A resolver that knows these zones, and answers with `code` to other questions."""

    def reply(asked: bytes) -> bytes:
        said = dns.message.make_response(dns.message.from_wire(asked))
        name = said.question[0].name
        servers = known.get(str(name), ())
        said.set_rcode(dns.rcode.Rcode(0 if servers else code))
        said.answer = [dns.rrset.from_text_list(name, 300, "IN", "NS", servers)] if servers else []
        return said.to_wire()

    return reply


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (answers(3, NS), {"ns.aws", "b.lab.test"}),
        (answers(0, WORLD), set()),
        (answers(3, WORLD), set()),
        (answers(3, PRIVATE_SET | WORLD), None),
        (answers(3, {}), None),
        (answers(2, WORLD), None),
        (lambda asked: b"no answer at all", None),
        (None, None),
    ],
    ids=["delegated", "no such record", "no such name", "a private zone", "knows no world", "its own trouble", "not DNS", "nobody answers"],
)
def test_a_resolver_is_asked(monkeypatch: pytest.MonkeyPatch, reply: Callable[[bytes], bytes] | None, found: set[str] | None) -> None:
    monkeypatch.setattr(nameservers, "_SECONDS", 5.0 if found is not None else 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], line.getsockname()[1]

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    asked, where = line.recvfrom(512)
                    if reply:
                        line.sendto(reply(asked), where)

        threading.Thread(target=serve, daemon=True).start()
        assert name_servers("lab.test", resolver) == found


def test_a_machine_without_a_resolver_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Resolver:
        raise NoResolverConfiguration

    monkeypatch.setattr(nameservers, "_own", none)
    assert name_servers("lab.test") is None
