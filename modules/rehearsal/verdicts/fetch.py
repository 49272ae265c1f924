"""Filling the cache of schemas from the charts' own repositories (`./hub schemas fetch`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.rehearsal.verdicts.archive import documents
from modules.rehearsal.verdicts.download import Pinned, download
from modules.rehearsal.verdicts.schemas import cache, file_name


@dataclass(frozen=True)
class Report:
    """written: names of new files. there: charts whose schemas were there. failed: one sentence a chart that could not be had."""

    folder: Path
    written: tuple[str, ...]
    there: tuple[str, ...]
    failed: tuple[str, ...]


def fetch(root: Path, say: Callable[[str], None]) -> Report:
    """Download every foreign chart of helm/releases.yaml whose schemas the cache lacks. root: of the checkout. say: told each step.

    One chart that cannot be had does not keep the others from coming. Raises HubError when releases.yaml cannot be read.
    """
    folder = cache(root)
    folder.mkdir(parents=True, exist_ok=True)
    written, there, failed = list[str](), list[str](), list[str]()
    for pinned in foreign_charts(root):
        label = f"{pinned.chart} {pinned.version}"
        if any(folder.glob(f"{file_name(pinned.chart)}-{pinned.version}.values*.json")):
            there.append(label)
            continue
        try:
            names = _keep(folder, documents(pinned.chart, pinned.version, download(pinned)))
        except HubError as error:
            failed.append(error.what)
            say(str(error))
            continue
        written += names
        say(f"{label}: {', '.join(names)}")
    return Report(folder, tuple(written), tuple(there), tuple(failed))


def foreign_charts(root: Path) -> list[Pinned]:
    """The charts of helm/releases.yaml that are not ours, each once."""
    import yaml

    path = root / "helm" / "releases.yaml"
    try:
        entries: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise HubError(
            f"cannot read the list of charts: {error}", where=str(path), fix="Restore it: git checkout helm/releases.yaml"
        ) from error
    pinned = [
        Pinned(name, entry["chart"], entry["repository"], str(entry["version"]), entry.get("digest"))
        for name, entry in entries.items()
        if entry.get("repository")
    ]
    return list({(each.repository, each.chart, each.version): each for each in pinned}.values())


def _keep(folder: Path, made: dict[str, dict[str, Any]]) -> list[str]:
    """Write each file in one step, so that a run beside this one reads a whole file or none."""
    for name, document in made.items():
        draft = folder / f"{name}.draft"
        draft.write_text(json.dumps(document, separators=(",", ":")))
        draft.replace(folder / name)
    return sorted(made)
