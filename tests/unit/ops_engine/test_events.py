"""Lines as Terraform 1.11 prints them, and what becomes of each."""

from __future__ import annotations

import json

import pytest

from modules.ops.events import Diagnostic, Drifted, Event, Finished, Planned, Refreshed, Started, Summary, parse

RESOURCE = '"resource":{"addr":"aws_vpc.main","module":"","resource_type":"aws_vpc","resource_name":"main","resource_key":null}'
HOOK = f'"hook":{{{RESOURCE},"action":"create"'


def change(kind: str, action: str, more: str = "") -> str:
    return f'{{"@level":"info","change":{{{RESOURCE},"action":"{action}"{more}}},"type":"{kind}"}}'


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (change("planned_change", "create"), Planned("aws_vpc.main", "aws_vpc", "create", False)),
        (change("planned_change", "replace", ',"reason":"cannot_update"'), Planned("aws_vpc.main", "aws_vpc", "replace", False)),
        (change("planned_change", "import", ',"importing":{"id":"vpc-1"}'), Planned("aws_vpc.main", "aws_vpc", "import", True)),
        (change("planned_change", "noop", ',"importing":{"id":"vpc-1"}'), Planned("aws_vpc.main", "aws_vpc", "noop", True)),
        (change("planned_change", "update", ',"importing":{"id":"vpc-1"}'), Planned("aws_vpc.main", "aws_vpc", "update", True)),
        (change("planned_change", "noop"), None),
        (change("resource_drift", "update"), Drifted("aws_vpc.main", "update")),
        (f'{{{HOOK}}},"type":"apply_start"}}', Started("aws_vpc.main", "create")),
        (f'{{{HOOK},"elapsed_seconds":1}},"type":"apply_complete"}}', Finished("aws_vpc.main", "create", True)),
        (f'{{{HOOK},"elapsed_seconds":1}},"type":"apply_errored"}}', Finished("aws_vpc.main", "create", False)),
        (f'{{{HOOK}}},"type":"refresh_complete"}}', Refreshed("aws_vpc.main")),
        (
            '{"changes":{"add":3,"change":1,"import":2,"remove":4,"operation":"apply"},"type":"change_summary"}',
            Summary("apply", 3, 1, 4, 2),
        ),
        ('{"changes":{"add":0,"change":0,"remove":0,"operation":"plan"},"type":"change_summary"}', Summary("plan", 0, 0, 0, 0)),
        (
            '{"@level":"error","diagnostic":{"severity":"error","summary":"No","detail":"words","address":"aws_vpc.main"},"type":"diagnostic"}',
            Diagnostic("error", "No", "words", "aws_vpc.main"),
        ),
        ('{"diagnostic":{"severity":"warning","summary":"Old"},"type":"diagnostic"}', Diagnostic("warning", "Old", "", "")),
        ('{"terraform":"1.11.4","type":"version","ui":"1.2"}', None),
        ('{"type":"apply_progress","hook":{}}', None),
        # init prints sentences in between, and a killed Terraform half a line.
        ('Successfully configured the backend "s3"! Terraform will automatically', None),
        ('{"@level":"info","type":"planned_cha', None),
        ("", None),
        ("[1, 2]", None),
        ("{}", None),
        # a shape that a later version may have
        ('{"type":"planned_change","change":{}}', None),
        ('{"type":"change_summary","changes":{"operation":"plan","add":"many"}}', None),
        ('{"type":"diagnostic","diagnostic":null}', None),
    ],
)
def test_lines(line: str, event: Event | None) -> None:
    assert parse(line) == event


def test_unknown_fields_do_no_harm() -> None:
    data = json.loads(change("planned_change", "create"))
    data["change"]["resource"]["new"] = {"deep": []}
    assert isinstance(parse(json.dumps(data)), Planned)
