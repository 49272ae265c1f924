"""docs/operating.md says what can fail as the rules do."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.ops.failures.cluster_rules import CLUSTER_RULES
from modules.ops.failures.reference import PAGE, page_with, table
from modules.ops.failures.terraform import TRANSIENT
from modules.ops.failures.terraform_rules import RULES

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_as_the_rules_are() -> None:
    text = (ROOT / PAGE).read_text()
    assert page_with(text) == text, "renew it: python -m modules.ops.failures.reference"


def test_every_class_has_a_row_without_a_placeholder() -> None:
    made = table()
    for kind in {rule.kind for rule in RULES}:
        assert f"| {kind} |" in made
    for kind in {rule.kind for rule in CLUSTER_RULES}:
        assert f"| in the cluster: {kind} |" in made
    assert "{" not in made
    assert made.count("tried 3 times more") >= len(TRANSIENT)


def test_a_page_without_a_place_for_it_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no line"):
        page_with("nothing")
