"""The two speed levers change how fast a synth is, never what it writes."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest

from tests.synth.conftest import synthesise


@pytest.mark.slow
def test_hooked_and_stock_output_are_equal_to_the_byte(root: Path, tmp_path: Path) -> None:
    hooked, stock = tmp_path / "hooked", tmp_path / "stock"
    synthesise(root, hooked, HUB_ENV="demo")
    synthesise(root, stock, HUB_ENV="demo", HUB_SYNTH_STOCK="1")
    files = sorted(path.relative_to(hooked) for path in hooked.rglob("*") if path.is_file())
    stacks = [file for file in files if file.name == "cdk.tf.json"]
    assert len(stacks) == 7
    assert {file.name for file in files} >= {"manifest.json", "Chart.yaml"}, "stack platform takes its chart along"
    assert files == sorted(path.relative_to(stock) for path in stock.rglob("*") if path.is_file())
    same, different, unreadable = filecmp.cmpfiles(hooked, stock, [str(file) for file in files], shallow=False)
    assert (different, unreadable, len(same)) == ([], [], len(files))


def test_the_same_env_gives_the_same_bytes_twice(root: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        synthesise(root, tmp_path / name, HUB_ENV="demo")
    one = {path.parent.name: path.read_bytes() for path in (tmp_path / "one").glob("stacks/*/cdk.tf.json")}
    two = {path.parent.name: path.read_bytes() for path in (tmp_path / "two").glob("stacks/*/cdk.tf.json")}
    assert len(one) == 7
    assert one == two
