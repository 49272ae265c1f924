"""Where the schemas of other projects' charts and custom resources are: data that is not ours to commit."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
#: What a file is called after; the chart's own name otherwise.
_FILE_NAMES = {
    "jupyterhub": "z2jh",
    "vault": "vault-helm",
    "cluster-autoscaler": "cluster-autoscaler-chart",
    "ray-cluster": "kuberay-ray-cluster",
}


@dataclass(frozen=True)
class Schema:
    """name: of the file. inferred: made from a chart's default values, so that only unknown keys and gross types are told."""

    name: str
    document: dict[str, Any]
    inferred: bool = False


@dataclass(frozen=True)
class Schemas:
    """Folders that may hold schemas, the first that has a file wins."""

    folders: tuple[Path, ...]

    def values(self, chart: str, version: str) -> Schema | None:
        """The schema of a chart's values; None when no folder has it in this very version."""
        for middle in ("values", "values.inferred"):
            found = self.find(f"{file_name(chart)}-{version}.{middle}.schema.json")
            if found:
                return found
        return None

    def crds(self, source: str, version: str) -> dict[str, Schema]:
        """The custom resources of one project by kind, in this very version; empty when no folder has any."""
        for folder in self.folders:
            paths = sorted(folder.glob(f"{source}-{version}.crd.*.json")) if folder.is_dir() else []
            if paths:
                loaded = [Schema(path.name, _load(path, path.stat().st_mtime_ns)) for path in paths]
                return {each.document["kind"]: each for each in loaded}
        return {}

    def find(self, name: str) -> Schema | None:
        """The file of this name; None when no folder has it."""
        for folder in self.folders:
            path = folder / name
            if path.is_file():
                return Schema(name, _load(path, path.stat().st_mtime_ns), inferred=".inferred." in name)
        return None

    def other_versions(self, chart: str) -> list[str]:
        """Versions of a chart's values schema that are there, for a message that says what is not."""
        start = f"{file_name(chart)}-"
        names = {path.name for folder in self.folders if folder.is_dir() for path in folder.glob(f"{start}*.schema.json")}
        cut = {name.removeprefix(start).split(".values.", 1)[0] for name in names if ".values." in name}
        return sorted(version for version in cut if version[:1].isdigit())


def file_name(chart: str) -> str:
    """What the files of a chart begin with."""
    return _FILE_NAMES.get(chart, chart)


def cache(root: Path) -> Path:
    """Where `./hub schemas fetch` puts them."""
    return root / ".hubsmith" / "schemas"


def known_schemas(root: Path = _ROOT, environ: Mapping[str, str] = os.environ) -> Schemas:
    """HUB_SCHEMAS (one folder, or several joined as PATH is), then the cache, then shared/schemas beside the checkout."""
    named = [Path(each).expanduser() for each in environ.get("HUB_SCHEMAS", "").split(os.pathsep) if each]
    return Schemas((*named, cache(root), root.parent / "shared" / "schemas"))


@lru_cache(maxsize=64)
def _load(path: Path, _changed: int) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document
