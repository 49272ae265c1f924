"""Where a command leaves its files: everything below .hubsmith/, readable by the owner alone (plans may hold secrets)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Below the repository root.
HOME = ".hubsmith"
#: Runs kept per env; older ones are removed when a new one starts.
RUNS_KEPT = 20
_PRIVATE_DIR, _PRIVATE_FILE = 0o700, 0o600


def private_dir(path: Path) -> Path:
    """`path`, made with all its parents so that only the owner may look inside."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=_PRIVATE_DIR, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the new one, never half of it, and nobody else sees either."""
    private_dir(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, data: Any) -> None:
    """`data` as JSON, written as write_private does."""
    write_private(path, json.dumps(data, indent=1, sort_keys=True) + "\n")


@dataclass(frozen=True)
class Run:
    """The folder of one command's logs."""

    folder: Path
    root: Path

    def log(self, stack: str) -> Path:
        """The raw event log of one stack."""
        return self.folder / f"{stack}.log"

    def shown(self, path: Path) -> str:
        """`path` as a person would type it from the repository."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


@dataclass(frozen=True)
class Layout:
    """The files of one env. root: the repository."""

    root: Path
    env: str

    @property
    def shared(self) -> Path:
        """What all envs of this checkout share."""
        return self.root / HOME

    @property
    def home(self) -> Path:
        """Everything of this env."""
        return self.shared / self.env

    @property
    def out(self) -> Path:
        """Synthesised stacks."""
        return self.home / "out"

    @property
    def plugins(self) -> Path:
        """Links to mirrors and, where the registry serves, the provider cache: all envs share them."""
        return self.shared / "plugins"

    @property
    def cli_config(self) -> Path:
        """Terraform's CLI configuration for this env: a rehearsal's names its own stand-in providers."""
        return self.home / "cli.tfrc"

    @property
    def tools(self) -> Path:
        """Programs fetched because the machine had none."""
        return self.shared / "tools"

    def work(self, stack: str) -> Path:
        """The directory Terraform runs in: the stack's document and our override files."""
        return self.home / "work" / stack

    def data(self, stack: str) -> Path:
        """Terraform's own directory for one stack (TF_DATA_DIR)."""
        return self.home / "tf" / stack

    def plan(self, stack: str) -> Path:
        """The saved plan of one stack."""
        return self.home / "plans" / f"{stack}.tfplan"

    def unsettled(self, stack: str) -> Path:
        """A mark that stands from before a stack is applied until its state has been read back (engine.Engine.up)."""
        return self.home / "unsettled" / stack

    def start_run(self, now: datetime | None = None) -> Run:
        """A new folder for this command's logs; the oldest runs beyond RUNS_KEPT go."""
        runs = private_dir(self.home / "runs")
        moment = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H-%M-%S")
        for attempt in range(100):
            folder = runs / (moment if attempt == 0 else f"{moment}-{attempt}")
            try:
                folder.mkdir(mode=_PRIVATE_DIR)
                break
            except FileExistsError:
                continue
        _forget(runs, RUNS_KEPT)
        return Run(folder, self.root)


def _forget(runs: Path, keep: int) -> None:
    for old in sorted(each for each in runs.iterdir() if each.is_dir())[:-keep]:
        for file in old.iterdir():
            file.unlink(missing_ok=True)
        old.rmdir()
