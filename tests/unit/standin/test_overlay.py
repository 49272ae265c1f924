"""What is added to the derived schemas, and how they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.rehearsal.standin import catalogue, overlay


def _attribute(path: str) -> dict[str, Any]:
    kind, *parts = path.split(".")
    block = catalogue.load(kind.split("_", 1)[0])["resources"][kind]
    for part in parts[:-1]:
        block = block["block_types"][part]["block"]
    found: dict[str, Any] = block["attributes"].get(parts[-1]) or block["block_types"][parts[-1]]
    return found


@pytest.mark.parametrize(
    ("path", "mark", "value"),
    [
        ("kubernetes_secret_v1.data_wo", "write_only", True),
        ("kubernetes_secret_v1.binary_data_wo", "write_only", True),
        ("kubernetes_secret_v1.data", "sensitive", True),
        ("kubernetes_secret_v1.type", "default", "Opaque"),
        ("kubernetes_secret_v1.metadata.namespace", "default", "default"),
        ("kubernetes_namespace_v1.metadata.name", "force_new", True),
        ("kubernetes_role_binding_v1.role_ref", "force_new", True),
        ("kubernetes_persistent_volume_v1.spec.persistent_volume_source", "force_new", True),
        ("kubernetes_annotations.metadata.name", "force_new", True),
        ("kubernetes_config_map_v1.data", "force_new_if", "immutable"),
        ("helm_release.set_wo", "write_only", True),
        ("helm_release.timeout", "default", 300),
        ("helm_release.metadata", "volatile", True),
    ],
)
def test_marks_are_where_they_belong(path: str, mark: str, value: object) -> None:
    assert _attribute(path)[mark] == value


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("kubernetes_annotations.metadata.namespace", "default"),
        ("kubernetes_secret_v1.data_wo_revision", "write_only"),
        ("kubernetes_config_map_v1.data", "force_new"),
        ("kubernetes_secret_v1.metadata.resource_version", "volatile"),
        ("helm_release.values", "force_new"),
    ],
)
def test_marks_are_nowhere_else(path: str, mark: str) -> None:
    assert mark not in _attribute(path)


def test_a_mark_on_nothing_is_an_error() -> None:
    bare = {"resources": {"kubernetes_secret_v1": {"attributes": {}, "block_types": {}}}}
    with pytest.raises(KeyError):
        overlay.overlaid(bare)


@pytest.mark.parametrize("provider", catalogue.PROVIDERS)
def test_every_served_kind_is_in_the_catalogue(provider: str) -> None:
    assert set(catalogue.load(provider)["resources"]) == set(overlay.SERVED[provider])


def test_a_derived_schema_is_kept_and_found_again(tmp_path: Path) -> None:
    first = catalogue._derived("helm", tmp_path / "store")
    (kept,) = (tmp_path / "store").iterdir()
    assert kept.name.startswith("helm-12.1.2-")
    kept.write_text('{"kept": true}')
    assert catalogue._derived("helm", tmp_path / "store") == {"kept": True}
    kept.write_text("half a fi")
    assert catalogue._derived("helm", tmp_path / "store") == first


def test_a_store_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder would be")
    assert catalogue._derived("helm", tmp_path / "store")["version"] == "3.1.1"
