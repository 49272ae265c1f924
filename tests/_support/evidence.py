"""Records how each thing was proved, and writes docs/evidence.md from a whole run of tests/run.

A test takes the `evidence` fixture and calls `evidence.record(subject, how, note)`. What it recorded counts only if the
test passed. Called as `python -m tests._support.evidence <folder>` it renders the records of one run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

#: Where records go, one file per process; tests/run sets it for a run of the whole suite.
FOLDER = "HUB_EVIDENCE_DIR"
#: Ways of proving, the strongest first, with what each one means.
WAYS = {
    "applied": "created, read back without a difference, and destroyed by real Terraform with the real AWS provider, against the emulator",
    "stood in": "the same through our stand-ins for the kubernetes and helm providers, over a cluster in memory; no pod ever ran",
    "faulted": "a fault was planted, and the run recovered or refused as promised",
    "exercised": "run for real, on this machine or against the emulator, without Terraform",
    "validated": "accepted by `terraform validate` with the real provider's schema",
    "asserted": "the text says so; nothing ran",
}
ROOT = Path(__file__).resolve().parents[2]
_PAGE = ROOT / "docs" / "evidence.md"
#: Beginnings of the types that are made in the cluster.
IN_CLUSTER = ("kubernetes_", "helm_release")
_PASSED = pytest.StashKey[bool]()
_NONE = "nothing recorded"


@dataclass(frozen=True)
class Record:
    """One thing shown by one test. subject: a Terraform resource type, or a behaviour in a few words."""

    subject: str
    how: str
    note: str = ""


@dataclass
class Evidence:
    """What one test has shown so far."""

    records: list[Record] = field(default_factory=list)

    def record(self, subject: str, how: str, note: str = "") -> None:
        """Note that `subject` was proved in the way `how`, one of WAYS. Raises ValueError for another way."""
        if how not in WAYS:
            raise ValueError(f"{how!r} is no way of proving; known: {', '.join(WAYS)}")
        self.records.append(Record(subject, how, note))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test itself passed, for the fixture's teardown."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Iterator[Evidence]:
    """Records of this test; kept when it passes and the whole suite runs."""
    kept = Evidence()
    yield kept
    folder = os.environ.get(FOLDER)
    if folder and request.node.stash.get(_PASSED, False):
        with (Path(folder) / f"{os.getpid()}.jsonl").open("a") as file:
            file.writelines(json.dumps([record.subject, record.how, record.note]) + "\n" for record in kept.records)


def resource_types() -> list[str]:
    """Every resource type that a stack of some env holds: AWS's by the deployer's permissions, the cluster's by the golden addresses."""
    from modules.iam.provisioning.types import ACTIONS

    addresses = "\n".join(file.read_text() for file in (ROOT / "tests/golden/addresses").glob("*.txt")).split()
    used = {address.partition("/")[2].partition(".")[0] for address in addresses}
    return sorted({*ACTIONS, *(kind for kind in used if kind.startswith(IN_CLUSTER))})


def load(folder: Path) -> list[Record]:
    """All records of a run."""
    return [Record(*json.loads(line)) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def render(records: list[Record], types: list[str]) -> str:
    """The page. types: every resource type that stacks use, so that one without a record shows as such.

    Holds neither times nor counts of a run, so that two runs of the same tests give the same page.
    """
    by_subject: dict[str, list[Record]] = {name: [] for name in types}
    for record in records:
        by_subject.setdefault(record.subject, []).append(record)
    behaviours = sorted(set(by_subject) - set(types))
    lines = [
        "# Evidence",
        "",
        "How each resource type and behaviour was proved. Written by `tests/run` from a passing run; not edited by hand.",
        "",
        *(f"- *{way}*: {meaning}" for way, meaning in WAYS.items()),
        "",
        "Nothing here ran against Amazon's own service: see docs/architecture.md for what that leaves open.",
        "",
        "## Behaviours",
        "",
        *_table("behaviour", behaviours, by_subject),
        "",
        "## Terraform resource types",
        "",
        *_table("type", sorted(types), by_subject),
    ]
    return "\n".join(lines) + "\n"


def listed_types(page: str) -> list[str]:
    """The resource types a page names, in its order."""
    _, _, table = page.partition("## Terraform resource types")
    return [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]


def _table(head: str, subjects: list[str], records: dict[str, list[Record]]) -> list[str]:
    rows = [f"| {head} | proved | notes |", "|---|---|---|"]
    for subject in subjects:
        found = records[subject]
        ways = [way for way in WAYS if any(record.how == way for record in found)]
        notes = sorted({record.note for record in found if record.note})
        name = f"`{subject}`" if head == "type" else subject
        rows.append(f"| {name} | {', '.join(ways) or _NONE} | {'; '.join(notes)} |")
    return rows


def main(folder: str) -> int:
    """Write docs/evidence.md from the records in `folder`."""
    records = load(Path(folder))
    if not records:
        print(f"evidence: no record in {folder}", file=sys.stderr)
        return 1
    _PAGE.write_text(render(records, resource_types()))
    print(f"   {_PAGE.name}: {len(records)} records")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
