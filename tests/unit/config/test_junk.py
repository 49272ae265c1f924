"""Whatever stands where a value belongs, the answer is a config or a list of problems, never a traceback."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.config.problems import ConfigErrors
from tests._support.config_cases import BASES, load

JUNK: list[Any] = [
    *(None, True, False, 0, -1, 10**30, 1.5, float("inf"), "", " ", "a", "A b", "0.0.0.0/0", "a.b", "16G", "*", "é", "\u202e", "x" * 300),
    *([], [None], [[]], ["a", "a"], {}, {"": None}, {"kind": "github"}, {"a": {"b": {}}}),
]


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _answers(root: Path, content: str) -> None:
    problems = None
    try:
        load(root, content)
    except ConfigErrors as errors:
        problems = errors.problems
    assert problems is None or (problems and all(each.message for each in problems))


PLACES = {base: list(_places(BASES[base])) for base in ("full", "existing")}


@pytest.mark.parametrize("seed", range(40))
def test_junk_anywhere(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    for turn in range(8):
        base = "existing" if turn % 4 == 0 else "full"
        data = copy.deepcopy(BASES[base])
        for _ in range(dice.randint(1, 3)):
            *parents, last = dice.choice(PLACES[base])
            here: Any = data
            try:
                for part in parents:
                    here = here[part]
                here[last] = dice.choice(JUNK)
            except (KeyError, IndexError, TypeError):
                continue  # an earlier turn took the place away
        _answers(tmp_path / str(turn), yaml.safe_dump(data))


@pytest.mark.parametrize("seed", range(20))
def test_cut_and_mangled_text(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    whole = yaml.safe_dump(BASES["full"])
    for turn in range(5):
        start = dice.randrange(len(whole))
        mangled = (
            whole[:start]
            + dice.choice(["", "\t", "[", "{", ": ", "- ", "&a *a", "'", "\x00", "!!set", "? "])
            + whole[start + dice.randint(0, 9) :]
        )
        _answers(tmp_path / str(turn), mangled)
