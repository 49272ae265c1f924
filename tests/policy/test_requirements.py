"""requirements.txt names all there is: `hub` installs it without resolving anything."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def _listed() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(each.name): each for each in found}


@pytest.mark.parametrize("name", sorted(_listed()))
def test_what_a_package_needs_is_listed_in_a_version_it_takes(name: str) -> None:
    listed = _listed()
    for extra in ("", *listed[name].extras):
        for need in map(Requirement, distribution(name).requires or []):
            if need.marker and not need.marker.evaluate({"extra": extra}):
                continue
            pinned = listed.get(canonicalize_name(need.name))
            assert pinned is not None, f"{name} needs {need}"
            (only,) = pinned.specifier
            assert only.operator == "==", f"{pinned} is not pinned"
            assert need.specifier.contains(only.version, prereleases=True), f"{name} needs {need}, listed is {pinned}"
