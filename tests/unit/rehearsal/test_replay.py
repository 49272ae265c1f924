"""A retried request is not done twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from modules.rehearsal.emulator.replay import Answer, Replay
from tests._support.emulator import Emulator


def asked(id: str | None, attempt: int) -> dict[str, Any]:
    head = {"HTTP_AMZ_SDK_REQUEST": f"attempt={attempt}; max=5"}
    return head | ({"HTTP_AMZ_SDK_INVOCATION_ID": id} if id else {})


@pytest.mark.parametrize(
    ("requests", "times"),
    [
        ([("a", 1)], 1),
        ([("a", 1), ("a", 2), ("a", 3)], 1),
        ([("a", 1), ("b", 1)], 2),
        ([("a", 1), ("a", 1)], 2),
        ([(None, 1), (None, 2)], 2),
        ([("a", 1), ("b", 1), ("c", 1), ("a", 2)], 4),
    ],
    ids=["one", "retried", "two", "same id anew", "no id", "forgotten"],
)
def test_work_is_done(requests: list[tuple[str | None, int]], times: int) -> None:
    replay, done = Replay(kept=2), []

    def work() -> Answer:
        done.append(1)
        return Answer("200 OK", (), str(len(done)).encode())

    answers = [replay.once(asked(id, attempt), work) for id, attempt in requests]
    assert len(done) == times
    assert len({answer.body for answer in answers}) == times


def test_a_retry_waits_for_the_first_try() -> None:
    replay, begun, go, bodies = Replay(), threading.Event(), threading.Event(), []

    def slow() -> Answer:
        begun.set()
        go.wait(5)
        return Answer("200 OK", (), b"first")

    first = threading.Thread(target=lambda: bodies.append(replay.once(asked("a", 1), slow).body))
    first.start()
    begun.wait(5)
    second = threading.Thread(target=lambda: bodies.append(replay.once(asked("a", 2), lambda: Answer("200 OK", (), b"again")).body))
    second.start()
    go.set()
    first.join(5)
    second.join(5)
    assert bodies == [b"first", b"first"]


def test_a_first_try_that_failed_is_done_again() -> None:
    replay = Replay()

    def fails() -> Answer:
        raise RuntimeError("no answer")

    with pytest.raises(RuntimeError):
        replay.once(asked("a", 1), fails)
    assert replay.once(asked("a", 2), lambda: Answer("200 OK", (), b"x")).body == b"x"


def test_a_lock_taken_by_a_lost_try_is_not_refused(emulator: Emulator) -> None:
    dynamodb = emulator.session().client("dynamodb")
    key = [{"AttributeName": "LockID", "KeyType": "HASH"}]
    kinds = [{"AttributeName": "LockID", "AttributeType": "S"}]
    dynamodb.create_table(TableName="replay", KeySchema=key, AttributeDefinitions=kinds, BillingMode="PAY_PER_REQUEST")
    tries = iter(["attempt=1; max=5", "attempt=2; max=5"])

    def as_retry(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "11111111-2222-3333-4444-555555555555"
        request.headers["amz-sdk-request"] = next(tries)

    dynamodb.meta.events.register("before-send.dynamodb.PutItem", as_retry)
    for _ in range(2):
        dynamodb.put_item(TableName="replay", Item={"LockID": {"S": "x"}}, ConditionExpression="attribute_not_exists(LockID)")
