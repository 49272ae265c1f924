"""Reading the rows of tests/cases/config and laying each out as a small repository."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from modules.config.load import load_env
from modules.config.models import HubConfig

CASES = Path(__file__).parents[1] / "cases" / "config"
#: The day all rows are judged on.
TODAY = date(2026, 11, 21)
BASES: dict[str, Any] = yaml.safe_load((CASES / "bases.yaml").read_text())

#: What the rows call SECRET-..., put together here so that no scanner takes this repository for leaking.
SECRETS = {
    "SECRET-aws-id": "AKIA" + "IOSFODNN7EXAMPLE",
    "SECRET-aws-key": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "SECRET-github": "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "SECRET-hex": "0123456789abcdef0123" + "456789abcdef01234567",
    "SECRET-pem": "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "SECRET-url": "https://ada:" + "lovelace@example.org/x.git",
}


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one file; a file without rows is a mistake of ours."""
    found: list[dict[str, Any]] = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    assert found, f"{name}.yaml holds no rows"
    return found


def document(row: dict[str, Any]) -> dict[str, Any]:
    """The base of a row with its patch laid on and its removals taken out."""
    data = _lay(copy.deepcopy(BASES[row.get("base", "minimal")]), row.get("patch", {}))
    for path in row.get("remove", []):
        *parents, last = path.split(".")
        here = data
        for parent in parents:
            here = here[parent]
        del here[last]
    return data


def text(row: dict[str, Any]) -> str:
    """What stands in the row's hub.yaml."""
    if "text" in row:
        return str(row["text"])
    return yaml.safe_dump(_expand(document(row)), sort_keys=False, width=1000) + str(row.get("append", ""))


def load(root: Path, content: str) -> HubConfig:
    """`content` loaded as the hub.yaml of env lab."""
    folder = root / "envs" / "lab"
    folder.mkdir(parents=True)
    (folder / "hub.yaml").write_text(content)
    (root / "envs" / "shared").mkdir()
    (root / "envs" / "shared" / "base.yaml").write_text("tags: {project: lab}\n")
    return load_env(root, "lab", today=TODAY)


def _lay(base: Any, patch: Any) -> Any:
    if isinstance(base, dict) and isinstance(patch, dict):
        return {**base, **{key: _lay(base.get(key), value) for key, value in patch.items()}}
    return patch


def _expand(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _expand(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_expand(inner) for inner in value]
    if isinstance(value, str):
        for name, secret in SECRETS.items():
            value = value.replace(name, secret)
        return value.replace("LONG256", "x" * 257)
    return value
