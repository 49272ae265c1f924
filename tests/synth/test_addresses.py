"""State addresses are a promise: a renamed construct destroys and recreates what it named.

Every address of every env stands in tests/golden/addresses. An address that goes away without a `moved` block in the
same stack fails; HUB_UPDATE_GOLDEN=1 rewrites the lists, and the diff of those files is what a reviewer reads.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modules.aspects.document import bodies
from modules.config.load import list_envs
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/addresses"
ENVS = list_envs(ROOT)
#: Not every env has all.
STACKS = ("data", "network", "cluster", "platform", "hub", "desktop", "ray", "vault", "launcher")


def addresses(stacks: Documents, env: str) -> list[str]:
    """`<stack>/<address>` of one env; another env's name may begin with this one's."""
    names = [f"{env}-{stack}" for stack in STACKS if f"{env}-{stack}" in stacks]
    return sorted(f"{name}/{body.address}" for name in names for body in bodies(stacks[name]))


def destroyed(golden: list[str], now: list[str], stacks: Documents) -> set[str]:
    """Golden addresses that are gone and that no `moved` block of their stack accounts for."""
    gone = {address.partition("/")[::2] for address in set(golden) - set(now)}
    moved = {(name, str(block["from"])) for name, document in stacks.items() for block in document.get("moved", [])}
    return {f"{stack}/{address}" for stack, address in gone - moved}


@pytest.mark.parametrize("env", ENVS)
def test_addresses_are_the_golden_ones(stacks: Documents, env: str) -> None:
    file = GOLDEN / f"{env}.txt"
    now = addresses(stacks, env)
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        file.write_text("\n".join(now) + "\n")
    golden = file.read_text().split()
    gone = destroyed(golden, now, stacks)
    assert not gone, f"{sorted(gone)} would be destroyed: keep the id, or say where it moved"
    new = sorted(set(now) - set(golden))
    assert now == golden, f"new or moved addresses {new}: run HUB_UPDATE_GOLDEN=1 tests/run tests/synth and read the diff"


def test_every_env_has_a_list() -> None:
    assert sorted(file.stem for file in GOLDEN.glob("*.txt")) == sorted(ENVS)


@pytest.mark.parametrize(
    ("moved", "lost"),
    [
        ([], {"demo-network/aws_vpc.main"}),
        ([{"from": "aws_vpc.main", "to": "aws_vpc.renamed"}], set()),
        ([{"from": "aws_vpc.other", "to": "aws_vpc.renamed"}], {"demo-network/aws_vpc.main"}),
    ],
)
def test_a_rename_without_moved_is_a_loss(stacks: Documents, moved: list[dict[str, str]], lost: set[str]) -> None:
    golden = (GOLDEN / "demo.txt").read_text().split()
    renamed = [address.replace("aws_vpc.main", "aws_vpc.renamed") for address in addresses(stacks, "demo")]
    documents = {**stacks, "demo-network": {**stacks["demo-network"], "moved": moved}}
    assert destroyed(golden, renamed, documents) == lost
