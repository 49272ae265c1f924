"""What an image installs: the versions its files pin, and all that the named packages need."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pins(*files: Path) -> dict[str, str]:
    """Package → version; a line without an exact version fails."""
    wanted = [line for file in files for line in file.read_text().splitlines() if line and not line.startswith("#")]
    matches = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in wanted]
    assert all(matches), wanted
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def needed(name: str, seen: set[str], *, python: str) -> set[str]:
    """`name` and what it needs on the image's Python (such as 3.11), by the packages installed here, added to `seen`."""
    if canonicalize_name(name) not in seen:
        seen.add(canonicalize_name(name))
        for text in importlib.metadata.distribution(name).requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": "", "python_version": python}):
                needed(requirement.name, seen, python=python)
    return seen
