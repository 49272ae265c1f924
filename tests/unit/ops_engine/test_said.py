"""What is said of a rehearsal's cluster and of foreign schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.ops.schemas_command import Known, say_fetched, say_known
from modules.ops.verdicts import say_cluster, verdict_lines

CHECKED = {"values": 11, "manifests": 64, "rules": 58}
SUMMARY: dict[str, Any] = {"objects": 3, "releases": ["hub/hub jupyterhub 4.4.0"], "checked": CHECKED, "unchecked": []}


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (None, []),
        ({}, []),
        (SUMMARY, ["  checked     11 charts' values, 64 manifests, 58 rules"]),
        (
            {**SUMMARY, "unchecked": ["fluent-bit: no schema", "vault: no schema"]},
            ["2 unchecked:", "UNCHECKED   fluent-bit: no schema", "UNCHECKED   vault: no schema", "./hub schemas fetch"],
        ),
    ],
)
def test_what_went_unchecked_is_named_one_by_one(summary: Any, words: list[str]) -> None:
    lines = verdict_lines(summary)
    assert len(lines) == len(words)
    for word, (_, line) in zip(words, lines, strict=True):
        assert word in line
    assert [style for style, _ in lines[1:]] == ["warn"] * len(lines[1:])


def test_what_was_taken_on_trust_is_named_and_no_warning() -> None:
    (_, (style, line)) = verdict_lines({**SUMMARY, "trusted": ["rollout of Deployment dask/gateway: no node runs pods here"]})
    assert (style, line) == ("", "  on trust    rollout of Deployment dask/gateway: no node runs pods here")


def test_the_cluster_of_a_rehearsal(capsys: pytest.CaptureFixture[str]) -> None:
    say_cluster("demo", SUMMARY, {}, as_json=False)
    assert "3 objects; releases: hub/hub jupyterhub 4.4.0" in capsys.readouterr().out
    say_cluster("demo", SUMMARY, {"host": {}}, as_json=True)
    assert json.loads(capsys.readouterr().out)["clusters"] == {"host": {}}
    say_cluster("demo", None, None, as_json=False)
    assert "not running" in capsys.readouterr().out


def test_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Known("jupyterhub", "4.4.0", "z2jh-4.4.0.values.schema.json"), Known("fluent-bit", "1.0.0")]
    assert say_known(rows, as_json=False) == 0
    said = capsys.readouterr().out
    assert "its own" in said
    assert "none: its values go unchecked" in said
    assert "./hub schemas fetch" in said
    assert say_known(rows, as_json=True) == 0
    assert [row["schema"] for row in json.loads(capsys.readouterr().out)["charts"]] == ["z2jh-4.4.0.values.schema.json", None]


@pytest.mark.parametrize(("failed", "code"), [((), 0), (("vault: no network",), 1)])
def test_what_could_not_be_fetched_ends_with_one(failed: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert say_fetched("/x", ("a",), (), failed, as_json=False) == code
    said = capsys.readouterr().out
    assert all(each in said for each in failed)
    assert say_fetched("/x", ("a",), (), failed, as_json=True) == code
    assert json.loads(capsys.readouterr().out)["failed"] == list(failed)
