"""The hosted zone: there, of the right kind, once, and asked by the world; and one resolver's answers."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.ops.preflight import nameservers
from modules.ops.preflight import zone as zone_module
from modules.ops.preflight.check import Answer
from modules.ops.preflight.nameservers import name_servers, read_answer
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


@pytest.mark.parametrize(("asked", "said"), [(frozenset({"ns.registrar.test"}), "to ns.registrar.test"), (frozenset[str](), "to nobody")])
def test_a_zone_that_the_world_does_not_ask(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, asked: frozenset[str], said: str
) -> None:
    make_zone(session)
    (finding,) = judged(session, monkeypatch, asked).findings
    assert f"is delegated {said}, not to this zone's" in finding.what
    assert "NS record of lab.test at test" in finding.fix


def test_offline_nothing_is_red(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_zone(session)
    answer = judged(session, monkeypatch, None)
    assert list(answer.findings) == []
    assert "no resolver answers" in answer.unchecked


def test_a_rehearsal_asks_nobody(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(zone: str) -> None:
        raise AssertionError(zone)

    make_zone(session)
    monkeypatch.setattr(zone_module, "name_servers", never)
    assert check_zone(make_context(session, is_rehearsal=True)).unchecked == ""


def _answer(id: int, code: int, *servers: bytes) -> bytes:
    question = b"\x03lab\x04test\x00" + struct.pack(">2H", 2, 1)
    # 0xC00C points at the name in the question.
    records = [b"\xc0\x0c" + struct.pack(">2HIH", 2, 1, 300, len(each)) + each for each in servers]
    return struct.pack(">6H", id, 0x8180 | code, 1, len(servers), 0, 0) + question + b"".join(records)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (_answer(7, 0, b"\x02NS\x03aws\x00", b"\x01b\xc0\x0c"), {"ns.aws", "b.lab.test"}),
        (_answer(7, 3), set()),
        (_answer(7, 2), None),
        (_answer(8, 0), None),
        (b"", None),
        (_answer(7, 0, b"\xc0\x1a")[:-3], None),
        (_answer(7, 0, b"\xc0\x26"), None),
    ],
    ids=["two", "no-such-name", "resolver-failed", "another-question", "empty", "cut", "circle"],
)
def test_an_answer_is_read(answer: bytes, found: set[str] | None) -> None:
    assert read_answer(answer, 7) == found


@pytest.mark.parametrize("reply", [lambda asked: _answer(struct.unpack(">H", asked[:2])[0], 0, b"\x01a\x03aws\x00"), None])
def test_a_resolver_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Callable[[bytes], bytes] | None) -> None:
    """One that answers at once, and a port where nobody listens."""
    import threading

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        monkeypatch.setattr(nameservers, "_PORT", line.getsockname()[1])
        monkeypatch.setattr(nameservers, "_SECONDS", 5.0 if reply else 0.05)
        (tmp_path / "resolv.conf").write_text("search lab\nnameserver 127.0.0.1\n")
        monkeypatch.setattr(nameservers, "_RESOLVERS", tmp_path / "resolv.conf")

        def serve() -> None:
            asked, where = line.recvfrom(512)
            if reply:
                line.sendto(reply(asked), where)

        server = threading.Thread(target=serve)
        server.start()
        found = name_servers("lab.test")
        server.join(5)
    assert found == (frozenset({"a.aws"}) if reply else None)
