"""What the files of one env say differently from those of another checkout, value by value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.explain import explain
from modules.ops.pull_request.markdown import code

_NOTHING = "(none)"
#: More lines than this are counted: a new env differs in everything.
_LINES_MAX = 40


def differences(base: Path, root: Path, env: str) -> list[str]:
    """A line for each value of `env` that differs between `base` and `root`, the old before the new.

    Nothing for an env that is new, or whose old files today's models do not understand: there is nothing to compare with.
    """
    try:
        old, new = _values(base, env), _values(root, env)
    except HubError:
        return []
    lines = [
        f"- {code(path)}: {code(old.get(path, _NOTHING))} → {code(new.get(path, _NOTHING))}"
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]
    more = [f"- and {len(lines) - _LINES_MAX} more"] if len(lines) > _LINES_MAX else []
    return lines[:_LINES_MAX] + more


def _values(root: Path, env: str) -> dict[str, str]:
    return {each.path: _text(each.value) for each in explain(root, env)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
