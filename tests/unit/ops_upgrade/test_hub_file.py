"""--write changes one value of hub.yaml and not another byte."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from modules.common.errors import HubError
from modules.ops.upgrade.hub_file import with_version, write_version

ROOT = Path(__file__).parents[3]
ENVS = sorted(each.parent.name for each in (ROOT / "envs").glob("*/hub.yaml"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('cluster:\n  version: "1.35"  # why\n  a: 1\n', 'cluster:\n  version: "1.36"  # why\n  a: 1\n'),
        ("cluster:\n  version: '1.35'\n", 'cluster:\n  version: "1.36"\n'),
        ("cluster:\n    # first\n    a: 1\nb: 2\n", 'cluster:\n    # first\n    version: "1.36"\n    a: 1\nb: 2\n'),
        ("cluster: {a: 1}\n", 'cluster: {version: "1.36", a: 1}\n'),
        ('cluster: {version: "1.35", a: 1}\n', 'cluster: {version: "1.36", a: 1}\n'),
        ("name: x\n", 'name: x\n\ncluster:\n  version: "1.36"\n'),
        ("name: x", 'name: x\n\ncluster:\n  version: "1.36"\n'),
        ('cluster:\r\n  version: "1.35"\r\n  é: 1\r\n', 'cluster:\r\n  version: "1.36"\r\n  é: 1\r\n'),
        ("name: x\r\n", 'name: x\r\n\r\ncluster:\r\n  version: "1.36"\r\n'),
    ],
)
def test_one_value_changes(old: str, new: str) -> None:
    assert with_version(old, "1.36") == new


@pytest.mark.parametrize(
    "text", ["{name: x}\n", "- a\n", "cluster: {}\n", "cluster:\nname: x\n", "", 'a: &v "1.35"\ncluster: &c {version: &w "1.35"}\nb: *w\n']
)
def test_what_a_program_does_not_touch(text: str) -> None:
    assert with_version(text, "1.36") is None


@pytest.mark.parametrize("env", ENVS)
def test_our_own_envs(env: str) -> None:
    """Every shipped file can be changed, and says the same afterwards but for the one value."""
    text = (ROOT / "envs" / env / "hub.yaml").read_text(encoding="utf-8")
    new = with_version(text, "1.36")
    assert new is not None
    assert yaml.safe_load(new)["cluster"]["version"] == "1.36"
    old_lines, new_lines = text.splitlines(), new.splitlines()
    assert [line for line in old_lines if line not in new_lines and "version:" not in line] == []
    assert len(new_lines) - len(old_lines) in (0, 1, 3)


def test_a_file_that_cannot_be_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "envs/lab/hub.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("{name: x}\n")
    with pytest.raises(HubError, match="not changed by a program"):
        write_version(tmp_path, "lab", "1.36")
    assert path.read_text() == "{name: x}\n"
    path.write_bytes(b"name: x\r\n")
    assert write_version(tmp_path, "lab", "1.36") == "envs/lab/hub.yaml"
    assert path.read_bytes() == b'name: x\r\n\r\ncluster:\r\n  version: "1.36"\r\n'
