"""The registration check: what each answer means, what is asked again, and that a name cannot change the question."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from modules.hub.dandi import PAUSES, TIMEOUT, Answer, Registry, Verdict, read, site

YES, NO, DOWN = Verdict.REGISTERED, Verdict.UNKNOWN, Verdict.UNAVAILABLE
_FIRST, _SECOND = "https://api.first.org", "https://api.second.org"


def _users(*names: str) -> bytes:
    return json.dumps([{"username": name} for name in names]).encode()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, _users("ada")), YES),
        (Answer(200, _users("ADA")), YES),
        (Answer(200, _users("bob", "Ada")), YES),
        (Answer(200, _users("ada-lovelace", "xada")), NO),
        (Answer(200, b"[]"), NO),
        (Answer(200, b'[{"name": "ada"}, "ada", null]'), NO),
        (Answer(200, b'{"results": [{"username": "ada"}]}'), DOWN),
        (Answer(200, b"<html>maintenance</html>"), DOWN),
        (Answer(200, b"\xff"), DOWN),
        (Answer(301), DOWN),
        (Answer(401), DOWN),
        (Answer(404), DOWN),
        (Answer(500), DOWN),
        (Answer(0), DOWN),
    ],
)
def test_what_an_answer_says(answer: Answer, expected: Verdict) -> None:
    assert read(answer, "ada") is expected


class _Network:
    """Answers by server, one after the other, the last one for ever."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = {_FIRST: answers.get("first", []), _SECOND: answers.get("second", [])}
        self.asked: list[tuple[str, dict[str, str], float]] = []
        self.paused: list[float] = []

    async def fetch(self, url: str, headers: Mapping[str, str], seconds: float) -> Answer:
        self.asked.append((url, dict(headers), seconds))
        answers = self.answers[url.partition("/api/")[0]]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)

    def look_up(self, name: str, *servers: str, **tokens: str) -> Verdict:
        by_server = {_FIRST: tokens["first"]} if tokens else {}
        return asyncio.run(Registry(servers, by_server, self.fetch, self.pause).look_up(name))


_HIT, _MISS, _BAD, _GONE = Answer(200, _users("ada")), Answer(200, b"[]"), Answer(503), Answer(0)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (_HIT, _MISS, YES),
        (_MISS, _HIT, YES),
        (_BAD, _HIT, YES),
        (_HIT, _GONE, YES),
        (_MISS, _MISS, NO),
        # The one that is away might have said yes, so "not registered" would be a guess.
        (_MISS, _BAD, DOWN),
        (_GONE, _MISS, DOWN),
        (_BAD, _BAD, DOWN),
    ],
)
def test_verdict_of_two_servers(first: Answer, second: Answer, expected: Verdict) -> None:
    assert _Network(first=[first], second=[second]).look_up("ada", _FIRST, _SECOND) is expected


@pytest.mark.parametrize(
    ("answers", "expected", "pauses"),
    [
        ([_BAD, _HIT], YES, 1),
        ([_GONE, _GONE, _HIT], YES, 2),
        ([Answer(429), _MISS], NO, 1),
        ([_BAD], DOWN, 2),
        ([_HIT], YES, 0),
        # Asking again would not change these.
        ([Answer(401)], DOWN, 0),
        ([Answer(404)], DOWN, 0),
        ([Answer(200, b"<html>")], DOWN, 0),
    ],
)
def test_what_is_asked_again(answers: list[Answer], expected: Verdict, pauses: int) -> None:
    network = _Network(first=answers)
    assert network.look_up("ada", _FIRST) is expected
    assert network.paused == list(PAUSES[:pauses])
    assert len(network.asked) == pauses + 1


@pytest.mark.parametrize(
    ("name", "query"),
    [("ada", "ada"), ("a&b=c", "a%26b%3Dc"), ("a b", "a%20b"), ("../x?y#z", "..%2Fx%3Fy%23z"), ("müller", "m%C3%BCller"), ("50%", "50%25")],
)
def test_a_name_cannot_change_the_question(name: str, query: str) -> None:
    network = _Network(first=[_MISS])
    network.look_up(name, _FIRST)
    assert [url for url, _, _ in network.asked] == [f"{_FIRST}/api/users/search/?username={query}"]


def test_a_token_goes_to_its_own_server_alone() -> None:
    network = _Network(first=[_MISS], second=[_MISS])
    network.look_up("ada", _FIRST, _SECOND, first="t0ken")
    sent = {url.partition("/api/")[0]: headers.get("Authorization") for url, headers, _ in network.asked}
    assert sent == {_FIRST: "token t0ken", _SECOND: None}
    assert {seconds for _, _, seconds in network.asked} == {TIMEOUT}


def test_a_slow_server_does_not_hold_up_a_yes() -> None:
    async def fetch(url: str, headers: Mapping[str, str], seconds: float) -> Answer:
        if url.startswith(_FIRST):
            await asyncio.Event().wait()
        return _HIT

    assert asyncio.run(Registry((_FIRST, _SECOND), {}, fetch).look_up("ada")) is YES


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("https://api.dandiarchive.org", "https://dandiarchive.org"),
        ("https://api.sandbox.dandiarchive.org", "https://sandbox.dandiarchive.org"),
        ("https://api-dandi.emberarchive.org", "https://dandi.emberarchive.org"),
        ("https://archive.example.org", "https://archive.example.org"),
    ],
)
def test_where_people_register(server: str, expected: str) -> None:
    assert site(server) == expected
