"""The planner against its table of clusters, tests/cases/upgrade/plans.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.common.errors import HubError
from modules.ops.upgrade.planner import plan
from modules.ops.upgrade.versions import after, minor, numbers
from tests.unit.ops_upgrade.support import make_facts, rounds_shown

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[2] / "cases/upgrade/plans.yaml").read_text(encoding="utf-8"))


def test_the_table_is_there_and_no_name_stands_twice() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) >= 25
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_plan(case: dict[str, Any]) -> None:
    found = plan(make_facts(**case.get("facts", {})), case["to"])
    for level, key in (("refused", "refused"), ("needs", "needs"), ("note", "notes")):
        assert sorted(each.rule for each in found.findings if each.level == level) == sorted(case.get(key, []))
    assert found.exit_code == case["exit"]
    said = " ".join(f"{each.what} {each.fix}" for each in found.findings)
    assert [piece for piece in case.get("says", []) if piece not in said] == []
    if "steps" in case:
        assert rounds_shown(found) == case["steps"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_stands_in_the_way_says_what_to_do(case: dict[str, Any]) -> None:
    findings = plan(make_facts(**case.get("facts", {})), case["to"]).findings
    assert [each.rule for each in findings if each.level != "note" and not each.fix] == []


@pytest.mark.parametrize("text", ["1.36.1", "v1.36", "latest", "", "2.0", "1.3o"])
def test_no_version(text: str) -> None:
    with pytest.raises(HubError, match="no Kubernetes version"):
        plan(make_facts(), text)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9.0", "1.14.1"), ("v1.21.1-eksbuild.2", "v1.21.1-eksbuild.10"), ("v1.35.9-eks-1", "v1.35.10-eks-1"), ("1.6", "1.6.1")],
)
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert numbers(older) < numbers(newer)


def test_minors() -> None:
    assert (minor("v1.36.2-eks-3a1"), after("1.35"), after("1.9", 2)) == (36, "1.36", "1.11")
    with pytest.raises(ValueError, match="no version"):
        minor("none")
