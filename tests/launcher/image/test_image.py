"""The image's promises: it lints, its bases and packages do not float, and what it copies is enough for the server and no more."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests._support.pins import needed, pins

#: Imports every module of the server where the packages that argv names are not installed; prints how many.
_IMPORT_ALL = """
import importlib, pathlib, sys
class Lacking:
    lacks = frozenset(sys.argv[1:])
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.lacks:
            raise ModuleNotFoundError(f"the image has no {name}", name=name)
sys.meta_path.insert(0, Lacking())
paths = sorted(pathlib.Path("modules/launcher").rglob("*.py"))
for path in paths:
    importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
print(len(paths))
"""


@pytest.fixture
def image(root: Path) -> Path:
    """The image's folder."""
    return root / "images/launcher"


@pytest.fixture
def lines(image: Path) -> list[str]:
    """The Dockerfile's instructions, one an entry, without comments and line breaks."""
    text = re.sub(r"^\s*#.*\n", "", (image / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]


@pytest.fixture
def laid_out(root: Path, lines: list[str], tmp_path: Path) -> Path:
    """/srv of the image, copied as the Dockerfile and its ignore file say."""
    for line in lines:
        words = [word for word in line.split() if not word.startswith("--")]
        if words[0] == "COPY" and words[-1].startswith("/srv/") and "--from" not in line:
            (source, goal) = words[1:]
            place = tmp_path / goal.removeprefix("/srv/")
            if (root / source).is_dir():
                shutil.copytree(root / source, place, ignore=shutil.ignore_patterns("__pycache__", "hpctl"))
            else:
                place.mkdir(parents=True)
                shutil.copy(root / source, place)
    return tmp_path


def run(folder: Path, *words: str) -> str:
    """What Python says in the image's folder; fails when it fails."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env={"PYTHONPATH": str(folder), "PATH": ""}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_hadolint_finds_nothing(image: Path) -> None:
    found = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    assert found, "missing: hadolint is in tests/requirements.txt"
    done = subprocess.run(
        [found, "--no-color", "-c", "hadolint.yaml", "Dockerfile"], cwd=image, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_the_base_is_named_by_version_and_nobody_is_root(lines: list[str]) -> None:
    (base,) = [line.split("BASE=")[1] for line in lines if line.startswith("ARG BASE=")]
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm(@sha256:[0-9a-f]{64})?", base)
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {"${BASE}"}
    assert lines.index("USER 1000:1000") < len(lines) - 1
    assert not re.search(r"password|secret|token", "\n".join(line for line in lines if line.startswith(("ARG", "ENV"))), re.IGNORECASE)


def test_packages_are_pinned_to_the_last_and_are_those_of_the_tests(image: Path) -> None:
    asked = pins(image / "requirements.txt")
    pinned = pins(image / "requirements.txt", image / "constraints.txt")
    seen: set[str] = set()
    for name in asked:
        needed(name, seen, python="3.11")
    assert seen == set(pinned)
    assert pinned == {name: importlib.metadata.version(name) for name in seen}


def test_the_server_needs_nothing_that_the_image_lacks(image: Path, laid_out: Path) -> None:
    pinned = set(pins(image / "requirements.txt", image / "constraints.txt"))
    known = importlib.metadata.packages_distributions().items()
    lacks = [name for name, owners in known if not {canonicalize_name(each) for each in owners} & pinned]
    assert {"typer", "boto3", "httpx"} <= set(lacks)
    assert int(run(laid_out, "-c", _IMPORT_ALL, *lacks)) > 50


def test_it_holds_the_server_alone_and_runs(laid_out: Path) -> None:
    assert sorted(path.name for path in (laid_out / "modules").iterdir()) == ["__init__.py", "common", "launcher"]
    assert "--conf" in run(laid_out, "-m", "modules.launcher.server", "--help")
