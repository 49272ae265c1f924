"""The evidence page: what it says follows from the records, and the one in docs/ names the types that stacks hold today."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests._support.evidence import FOLDER, WAYS, Evidence, Record, listed_types, load, render, resource_types


def row(page: str, subject: str) -> str:
    return next(line for line in page.splitlines() if line.startswith(f"| {subject} |"))


@pytest.mark.parametrize(
    ("records", "subject", "expected"),
    [
        ([], "`aws_vpc`", "| `aws_vpc` | nothing recorded |  |"),
        ([Record("aws_vpc", "applied", "demo")], "`aws_vpc`", "| `aws_vpc` | applied | demo |"),
        (
            [Record("aws_vpc", "asserted"), Record("aws_vpc", "applied", "helio"), Record("aws_vpc", "applied", "demo")],
            "`aws_vpc`",
            "| `aws_vpc` | applied, asserted | demo; helio |",
        ),
        ([Record("a second apply changes nothing", "applied", "demo")] * 2, "a second apply changes nothing", None),
    ],
)
def test_rows(records: list[Record], subject: str, expected: str | None) -> None:
    line = row(render(records, ["aws_vpc"]), subject)
    assert line == (expected or f"| {subject} | applied | demo |")


def test_the_page_does_not_depend_on_the_order_of_tests() -> None:
    records = [Record("b", "applied", "2"), Record("a", "asserted", "1"), Record("b", "validated", "1")]
    assert render(records, ["aws_vpc", "aws_eip"]) == render(records[::-1], ["aws_eip", "aws_vpc"])
    assert listed_types(render(records, ["aws_vpc", "aws_eip"])) == ["aws_eip", "aws_vpc"]


def test_an_unknown_way_of_proving_is_refused() -> None:
    with pytest.raises(ValueError, match="no way of proving"):
        Evidence().record("aws_vpc", "believed")
    assert next(iter(WAYS)) == "applied"


def test_records_of_all_processes_are_read(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_text(json.dumps(["a", "applied", ""]) + "\n")
    (tmp_path / "2.jsonl").write_text(json.dumps(["b", "faulted", "n"]) + "\n" + json.dumps(["c", "asserted", ""]) + "\n")
    assert [record.subject for record in load(tmp_path)] == ["a", "b", "c"]


def test_a_failing_test_proves_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    pytester.makepyfile(
        """
        def test_good(evidence):
            evidence.record("good", "asserted")

        def test_bad(evidence):
            evidence.record("bad", "asserted")
            assert False
        """
    )
    pytester.runpytest_inprocess("-p", "tests._support.evidence").assert_outcomes(passed=1, failed=1)
    assert [record.subject for record in load(tmp_path)] == ["good"]


def test_the_page_in_docs_names_the_types_of_today(root: Path) -> None:
    if os.environ.get(FOLDER):
        pytest.skip("this run writes the page anew")
    assert listed_types((root / "docs" / "evidence.md").read_text()) == resource_types(), "run tests/run, and commit docs/evidence.md"
