"""./hub validate: every mistake of one env or of all, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modules.config.cautions import cautions
from modules.config.explain import explain as values_of
from modules.config.load import list_envs, load_env
from modules.config.problems import ConfigErrors
from modules.ops.say import out


def check(root: Path, env: str | None, *, explain: bool, as_json: bool) -> int:
    """Validate `env`, or every env for None. Exit 0 when all are right, 1 otherwise."""
    envs = list_envs(root) if env is None else (env,)
    found: dict[str, ConfigErrors | None] = {}
    warned: dict[str, tuple[str, ...]] = {}
    for name in envs:
        try:
            warned[name] = cautions(load_env(root, name))
            found[name] = None
        except ConfigErrors as error:
            found[name] = error
    code = 0 if envs and not any(found.values()) else 1
    if as_json:
        out(
            json.dumps(
                {
                    "command": "validate",
                    "exit": code,
                    "envs": {
                        name: _as_data(root, name, error, explain) | {"warnings": [*warned.get(name, ())]} for name, error in found.items()
                    },
                }
            )
        )
        return code
    for name, problems in found.items():
        if problems is not None:
            out(str(problems))
        elif explain:
            out("\n".join(_explained(root, name)))
        else:
            out(f"✔ envs/{name}/hub.yaml")
        for warning in warned.get(name, ()):
            out(f"! {warning}")
    if not envs:
        out("there is no env: make envs/<env>/hub.yaml")
    return code


def _as_data(root: Path, env: str, error: ConfigErrors | None, explain: bool) -> dict[str, Any]:
    problems = (
        [{"file": each.file, "path": each.path, "line": each.line, "message": each.message} for each in error.problems] if error else []
    )
    data: dict[str, Any] = {"problems": problems}
    if explain and error is None:
        data["values"] = [{"path": each.path, "value": each.value, "file": each.file, "line": each.line} for each in values_of(root, env)]
    return data


def _explained(root: Path, env: str) -> list[str]:
    """One line a value: path, value, where it was written."""
    rows = [
        (each.path, json.dumps(each.value, ensure_ascii=False), f"{each.file}:{each.line}" if each.line else each.file)
        for each in values_of(root, env)
    ]
    path_width = max((len(row[0]) for row in rows), default=0)
    value_width = min(max((len(row[1]) for row in rows), default=0), 40)
    return [f"{path:<{path_width}}  {value:<{value_width}}  {where}" for path, value, where in rows]
