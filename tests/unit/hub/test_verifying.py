"""The user of ./hub verify: known under one name on both sides, without a login to refresh, and nobody's to log in under."""

from __future__ import annotations

import ast
from pathlib import Path

from modules.common import verifying


def test_both_sides_name_the_same_user(root: Path) -> None:
    # The hub's own code does not import ours, nor can it be imported without the hub's packages.
    tree = ast.parse((root / "modules/hub/courtesy.py").read_text())
    (name,) = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "TEST_USER"  # type: ignore[attr-defined]
    ]
    assert name == verifying.USER


def test_the_role_is_of_one_user_alone() -> None:
    assert all(scope.endswith(f"!user={verifying.USER}") for scope in verifying.ROLE["scopes"])
