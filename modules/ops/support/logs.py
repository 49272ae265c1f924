"""The logs of the last runs: of Terraform's events what happened to what, never values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modules.ops.layout import Layout
from modules.ops.support.redaction import Redactor

RUNS = 5
#: Lines of one log, from its end, where errors stand.
_LINES = 4000
#: Characters of a line: nothing worth reading is longer, and searching in a line of megabytes takes minutes.
_WIDE = 20_000
_FIELDS = ("@level", "@message", "@timestamp", "type", "changes", "terraform")
#: A snippet of a diagnostic quotes values, and so it is left out.
_DIAGNOSTIC = ("severity", "summary", "detail", "address")
_HOOK = ("action", "elapsed_seconds", "reason")


def last_runs(layout: Layout, redactor: Redactor) -> Iterator[tuple[str, str]]:
    """(name inside the bundle, text) of every file of the last runs, the newest run first."""
    runs = layout.home / "runs"
    folders = sorted((each for each in runs.iterdir() if each.is_dir()), reverse=True) if runs.is_dir() else []
    for folder in folders[:RUNS]:
        for file in sorted(each for each in folder.iterdir() if each.is_file() and not each.is_symlink()):
            yield f"runs/{folder.name}/{file.name}", _text(file, redactor)


def _text(file: Path, redactor: Redactor) -> str:
    text = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix == ".json":
        try:
            return json.dumps(redactor.data(json.loads(text)), indent=1) + "\n"
        except ValueError:
            return redactor.text(text)
    lines = text.splitlines()
    cut = [f"# {len(lines) - _LINES} earlier lines left out"] if len(lines) > _LINES else []
    # What is no event stays one text: a private key is only known by all of its lines.
    return redactor.text("\n".join([*cut, *(_line(each, redactor) for each in lines[-_LINES:])])) + "\n"


def _line(line: str, redactor: Redactor) -> str:
    try:
        event = json.loads(line)
    except ValueError:
        return line[:_WIDE]
    return json.dumps(redactor.data(_told(event))) if isinstance(event, dict) else line[:_WIDE]


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """An event without values: no outputs, no ids, no snippets."""
    told = {name: event[name] for name in _FIELDS if name in event}
    if isinstance(diagnostic := event.get("diagnostic"), dict):
        told["diagnostic"] = {name: diagnostic[name] for name in _DIAGNOSTIC if name in diagnostic}
    for name in ("hook", "change"):
        if isinstance(about := event.get(name), dict):
            resource = about.get("resource")
            told[name] = {each: about[each] for each in _HOOK if each in about}
            told[name]["address"] = resource.get("addr") if isinstance(resource, dict) else None
    return told
