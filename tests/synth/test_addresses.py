"""State addresses are a promise: a renamed construct destroys and recreates what it named.

Every address of every env stands in tests/golden/addresses. An address that goes away without a `moved` block in the
same stack fails; HUB_UPDATE_GOLDEN=1 rewrites the lists, and the diff of those files is what a reviewer reads.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from modules.aspects.document import bodies
from modules.config.load import list_envs
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/addresses"
ENVS = list_envs(ROOT)


def addresses(stacks: Documents, env: str) -> list[str]:
    """`<stack>/<address>` of one env; another env's name may begin with this one's."""
    names = [f"{env}-{stack}" for stack in ("data", "network", "cluster")]
    return sorted(f"{name}/{body.address}" for name in names for body in bodies(stacks[name]))


def moved_away(document: dict[str, Any]) -> set[str]:
    """Addresses that a `moved` block of this stack accounts for."""
    return {str(block["from"]) for block in document.get("moved", [])}


@pytest.mark.parametrize("env", ENVS)
def test_addresses_are_the_golden_ones(stacks: Documents, env: str) -> None:
    file = GOLDEN / f"{env}.txt"
    now = addresses(stacks, env)
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        file.write_text("\n".join(now) + "\n")
    golden = file.read_text().split()
    gone = {
        address
        for address in set(golden) - set(now)
        if address.partition("/")[2] not in moved_away(stacks.get(address.partition("/")[0], {}))
    }
    assert not gone, f"{sorted(gone)} would be destroyed: keep the id, or say where it moved"
    assert now == golden, f"new addresses {sorted(set(now) - set(golden))}: run HUB_UPDATE_GOLDEN=1 tests/run tests/synth"


def test_every_env_has_a_list() -> None:
    assert sorted(file.stem for file in GOLDEN.glob("*.txt")) == sorted(ENVS)


def test_a_renamed_construct_is_noticed(stacks: Documents) -> None:
    document = {"resource": {"aws_vpc": {"renamed": {}}}}
    assert [body.address for body in bodies(document)] == ["aws_vpc.renamed"]
    assert "aws_vpc.main" in (GOLDEN / "demo.txt").read_text()
    assert not moved_away(document)
    assert moved_away({"moved": [{"from": "aws_vpc.main", "to": "aws_vpc.renamed"}]}) == {"aws_vpc.main"}
