"""The cookie and the X0 door that application pods of the node use."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from dcv_agent.errors import Trouble
from dcv_agent.xauthority import parse, render, shared

from tests.desktop.agent.desk import Desk, authority_record

COOKIE = bytes(range(16))


def records(content: bytes) -> list[tuple[int, bytes, bytes]]:
    """Family, number and data of each record."""
    return [(one.family, one.number, one.data) for one in parse(content)]


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, [(0xFFFF, b"0", COOKIE)]), (12, [(0xFFFF, b"12", COOKIE), (0xFFFF, b"0", COOKIE)])],
)
def test_the_cookie_holds_for_every_address(number: int, expected: list[tuple[int, bytes, bytes]]) -> None:
    assert records(shared(authority_record(str(number), COOKIE), number)) == expected


def test_the_session_s_own_cookie_is_chosen() -> None:
    content = authority_record("3", b"x" * 16) + authority_record("4", b"other", b"SUN-DES-1") + authority_record("4", COOKIE)
    assert [data for _, _, data in records(shared(content, 4))] == [COOKIE, COOKIE]


def test_reading_and_writing_are_inverse() -> None:
    content = authority_record("3", b"x" * 300) + authority_record("", b"")
    assert render(parse(content)) == content


@pytest.mark.parametrize("content", [b"", authority_record("3", COOKIE), authority_record("4", COOKIE)[:-1], b"\x01"])
def test_no_cookie_for_the_display(content: bytes) -> None:
    with pytest.raises(Trouble, match=r"no cookie for display :4|cut short"):
        shared(content, 4)


def test_the_cookie_is_shared_and_follows_the_session(desk: Desk) -> None:
    desk.step()
    target = desk.auth / "default-session.xauth"
    assert records(target.read_bytes()) == [(0xFFFF, b"0", b"c" * 16)]
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    desk.session(":2", cookie=COOKIE)
    desk.step()
    assert records(target.read_bytes()) == [(0xFFFF, b"2", COOKIE), (0xFFFF, b"0", COOKIE)]


def test_a_session_without_its_authority_file_is_not_ready(desk: Desk) -> None:
    (desk.state / "authority").unlink()
    desk.step()
    assert not desk.ready
    assert desk.sentence.startswith("cannot read the session's X authority /")


def a_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_long_file(path: Path) -> None:
    path.write_bytes(authority_record("0", COOKIE) * 2000)


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("trap", [a_link, a_pipe, a_long_file, a_folder])
def test_the_desktop_s_user_cannot_lead_the_agent_astray(desk: Desk, trap: Callable[[Path], None]) -> None:
    authority = desk.state / "authority"
    authority.unlink()
    trap(authority)
    desk.step()
    assert not desk.ready
    assert desk.sentence.startswith(f"cannot read the session's X authority {authority}: ")
    assert not list(desk.auth.iterdir())


def test_display_0_is_the_session_on_every_node(desks: Callable[..., Desk]) -> None:
    desk = desks(display=":4")
    desk.step()
    assert (desk.sockets / "X0").readlink().name == "X4"
    assert not (desk.sockets / "X0").readlink().is_absolute(), "the folder has another path in every pod"
    desk.session(":5")
    desk.step()
    assert str((desk.sockets / "X0").readlink()) == "X5"
    desk.no_session()
    desk.step()
    assert not (desk.sockets / "X0").is_symlink()


def test_a_dead_socket_on_the_door_is_replaced(desks: Callable[..., Desk]) -> None:
    desk = desks(display=":1")
    desk.x_server("0")
    desk.close()
    desk.x_server("1")
    desk.step()
    assert str((desk.sockets / "X0").readlink()) == "X1"


def test_another_server_on_the_door_is_left_and_told(desks: Callable[..., Desk]) -> None:
    desk = desks(display=":1")
    desk.x_server("0")
    desk.step()
    assert (desk.sockets / "X0").is_socket()
    assert desk.ready == ":1"
    assert desk.status["warnings"] == ["display :0 belongs to another X server, so application pods must use :1"]
