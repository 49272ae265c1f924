"""checkov over synthesised stacks, in a venv of its own (its pins clash with ours), and never green by seeing nothing.

Left to itself it exits 0 on files it cannot read: `required_version` and ephemeral blocks are enough. What it did not evaluate is
therefore an error here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests._support import synthesised
from tests._support.once import once

_VENV = Path(__file__).resolve().parents[1] / ".checkov" / "venv"
_PACKAGE = "checkov==3.3.30"
_INSTALL_SECONDS, _RUN_SECONDS = 600, 300
#: The two ways to read a stack: AWS is known in Terraform's own words, workloads far better as the manifests they become.
FORMS = ("terraform_json", "kubernetes")
#: What checkov has checks for. The rest of a cdk.tf.json is Terraform's business, and stops its parser.
_READ = ("resource", "data", "provider", "locals", "variable")


class Missing(Exception):
    """checkov cannot be had on this machine; the text says why."""


class Blind(Exception):
    """checkov ran, and did not see what it was given."""


@dataclass(frozen=True)
class Verdict:
    """One check of one resource. address: "<stack>/<Terraform's address>"."""

    form: str
    check: str
    name: str
    address: str
    passed: bool

    def __str__(self) -> str:
        return f"{self.check} {self.address}: {self.name}"


def scan(stacks: Mapping[str, dict[str, Any]], folder: Path) -> list[Verdict]:
    """Every verdict on every stack (name to parsed cdk.tf.json), in both forms. folder: empty, to work in.

    Raises Missing, and Blind when a file was not parsed or a stack was not evaluated at all.
    """
    for name, document in stacks.items():
        write(folder, name, document)
    verdicts = read(folder)
    for form in FORMS:
        seen = {each.address.partition("/")[0] for each in verdicts if each.form == form}
        if not seen >= set(stacks):
            raise Blind(f"{form}: nothing of {', '.join(sorted(set(stacks) - seen))} was evaluated")
    return verdicts


def write(folder: Path, name: str, document: Mapping[str, Any]) -> None:
    """A stack as checkov reads it: its Terraform, a line a value, and one manifest a file named by the address it comes from."""
    place = folder / name
    place.mkdir()
    (place / "cdk.tf.json").write_text(json.dumps({part: document[part] for part in _READ if part in document}, indent=1))
    for address, manifest in synthesised.manifests(dict(document)).items():
        (place / f"{address}.yaml").write_text(yaml.safe_dump(manifest))


def read(folder: Path) -> list[Verdict]:
    """The verdicts on what lies in a folder. Raises Missing and Blind."""
    command = [str(_installed()), "-d", str(folder), "--framework", *FORMS, "--skip-download", "--compact", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_SECONDS, cwd=folder)
    try:
        reports = json.loads(done.stdout)
    except ValueError:
        raise Blind(f"checkov said no JSON: {(done.stderr or done.stdout).strip()[-300:]}") from None
    found: list[Verdict] = []
    for report in reports if isinstance(reports, list) else [reports]:
        if not report.get("results") or report["summary"]["parsing_errors"]:
            raise Blind(f"checkov could not read {report.get('results', {}).get('parsing_errors') or 'anything'}")
        for passed, results in ((True, "passed_checks"), (False, "failed_checks")):
            placed = [(_address(folder, each), each) for each in report["results"][results]]
            found += [Verdict(report["check_type"], each["check_id"], each["check_name"], at, passed) for at, each in placed if at]
    if {each.form for each in found} != set(FORMS):
        raise Blind(f"checkov evaluated {dict(Counter(each.form for each in found))} and was given both {' and '.join(FORMS)}")
    return found


def _address(folder: Path, result: Mapping[str, Any]) -> str:
    """Of resources alone; a manifest's file is named by its address, and Terraform's form says on which lines a resource stands."""
    path = Path(result["file_abs_path"]).relative_to(folder.resolve())
    if path.suffix == ".yaml":
        return f"{path.parent}/{path.stem}"
    place = _places(folder / path).get(int(result["file_line_range"][0]), "")
    return f"{path.parent}/{place}" if place else ""


def _places(path: Path) -> dict[int, str]:
    """Line to the address of the resource that begins there, or whose first value does."""
    found: dict[int, str] = {}
    part, kind = "", ""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if opened := re.match(r'^( {1,3})"([^"]+)": \{', line):
            depth, name = len(opened[1]), opened[2]
            part, kind = (name, "") if depth == 1 else (part, name if depth == 2 else kind)
            if depth == 3 and part == "resource":
                found |= dict.fromkeys((number, number + 1), f"{kind}.{name}")
    return found


def _installed() -> Path:
    """The command, put into its venv on first use; one process at a time."""

    def install() -> None:
        _run(sys.executable, "-m", "venv", "--clear", str(_VENV))
        _run(str(_VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _PACKAGE)

    once(_VENV, (_PACKAGE,), install)
    return _VENV / "bin" / "checkov"


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Missing(f"{command[-1]}: not there after {_INSTALL_SECONDS} s") from None
    if done.returncode:
        raise Missing(f"{command[-1]}: {''.join((done.stderr or done.stdout).strip().splitlines()[-1:])}")
