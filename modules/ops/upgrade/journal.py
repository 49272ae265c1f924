"""What an upgrade did and when, in .hubsmith/<env>/upgrade.json: for people. What is left to do is always asked of the cluster."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modules.ops.layout import Layout, write_json
from modules.ops.upgrade.model import Step

_RUNNING, _DONE = "running", "done"


@dataclass
class Journal:
    """The record of one round. path: where it is kept."""

    path: Path
    data: dict[str, Any] = field(default_factory=dict)

    def begin(self, old: str, version: str) -> None:
        """A round starts, or goes on."""
        if self.data.get("to") != version or self.data.get("state") == _DONE:
            self.data = {"from": old, "to": version, "started": _now(), "steps": []}
        self.data["state"] = _RUNNING
        self._save()

    def step(self, step: Step) -> None:
        """A step starts."""
        self.data["steps"].append({"step": step.title, "from": step.old, "to": step.new, "state": _RUNNING, "at": _now()})
        self._save()

    def finished(self) -> None:
        """The step that started last is done."""
        self.data["steps"][-1] |= {"state": _DONE, "at": _now()}
        self._save()

    def end(self) -> None:
        """The round is done."""
        self.data |= {"state": _DONE, "ended": _now()}
        self._save()

    @property
    def unfinished(self) -> str:
        """What to say of a round that began and did not end; "" where there is none."""
        if self.data.get("state") != _RUNNING:
            return ""
        done = sum(each["state"] == _DONE for each in self.data.get("steps", ()))
        return f"an upgrade to {self.data['to']} began on {self.data['started']}; {done} steps are done, what is left follows"

    def _save(self) -> None:
        write_json(self.path, self.data)


def open_journal(root: Path, env: str) -> Journal:
    """The journal of an env; an empty one where there is none, or what is there cannot be read."""
    path = Layout(root, env).home / "upgrade.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    return Journal(path, found if isinstance(found, dict) and isinstance(found.get("steps"), list) else {})


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
