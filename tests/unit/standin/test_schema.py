"""Schemas derived from the bindings: row by row, and against the ones derived by other hands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.rehearsal.standin import bindings
from modules.rehearsal.standin.schema import Block, derive

_OTHERS = Path(__file__).parents[4] / "shared" / "schemas"
#: Derived the other way, `external_ips` of a data source lost that it is a set.
_OTHERS_MISTAKES = {("kubernetes_service_v1", "spec")}


@pytest.fixture(scope="module")
def derived() -> dict[str, Any]:
    return {provider: derive(provider) for provider in ("helm", "kubernetes")}


@pytest.mark.parametrize(("provider", "version", "resources", "data_sources"), [("helm", "3.1.1", 1, 1), ("kubernetes", "2.38.0", 82, 26)])
def test_a_provider_is_derived_whole(derived: dict[str, Any], provider: str, version: str, resources: int, data_sources: int) -> None:
    schema = derived[provider]
    assert (schema["source"], schema["version"]) == (f"hashicorp/{provider}", version)
    assert (len(schema["resources"]), len(schema["data_sources"])) == (resources, data_sources)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kubernetes_secret_v1.data_wo", {"type": ["map", "string"], "optional": True}),
        ("kubernetes_secret_v1.data", {"type": ["map", "string"], "optional": True, "computed": True}),
        ("kubernetes_secret_v1.metadata.resource_version", {"type": "string", "computed": True}),
        ("kubernetes_service_v1.spec.cluster_ip", {"type": "string", "optional": True, "computed": True}),
        ("kubernetes_service_v1.spec.load_balancer_source_ranges", {"type": ["set", "string"], "optional": True}),
        ("kubernetes_service_v1.spec.port.port", {"type": "number", "required": True}),
        (
            "kubernetes_service_v1.status",
            {
                "type": [
                    "list",
                    [
                        "object",
                        {"load_balancer": ["list", ["object", {"ingress": ["list", ["object", {"hostname": "string", "ip": "string"}]]}]]},
                    ],
                ],
                "computed": True,
            },
        ),
        ("helm_release.values", {"type": ["list", "string"], "optional": True}),
        ("helm_release.wait", {"type": "bool", "optional": True, "computed": True}),
        ("helm_release.chart", {"type": "string", "required": True}),
        ("helm_release.resources", {"type": ["map", "string"], "computed": True}),
    ],
)
def test_an_attribute_is_what_the_provider_says(derived: dict[str, Any], path: str, expected: dict[str, Any]) -> None:
    kind, *parts = path.split(".")
    block = derived[kind.split("_", 1)[0]]["resources"][kind]
    for part in parts[:-1]:
        block = block["block_types"][part]["block"]
    assert block["attributes"][parts[-1]] == expected


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("kubernetes_secret_v1", "metadata", {"nesting_mode": "list", "max_items": 1, "min_items": 1}),
        ("kubernetes_secret_v1", "timeouts", {"nesting_mode": "single"}),
        ("kubernetes_role_v1", "rule", {"nesting_mode": "list", "min_items": 1}),
        ("kubernetes_service_account_v1", "image_pull_secret", {"nesting_mode": "set"}),
    ],
)
def test_a_block_is_what_the_provider_says(derived: dict[str, Any], kind: str, name: str, expected: dict[str, Any]) -> None:
    entry = derived["kubernetes"]["resources"][kind]["block_types"][name]
    assert {key: value for key, value in entry.items() if key != "block"} == expected


def test_structs_of_the_newer_framework_are_attributes(derived: dict[str, Any]) -> None:
    release = derived["helm"]["resources"]["helm_release"]
    assert release["block_types"] == {}
    assert release["attributes"]["metadata"]["nested_type"]["nesting_mode"] == "single"
    assert release["attributes"]["set"]["nested_type"]["nesting_mode"] == "list"
    exec_ = derived["helm"]["provider"]["attributes"]["kubernetes"]["nested_type"]["attributes"]["exec"]
    assert exec_["nested_type"]["attributes"]["command"] == {"type": "string", "required": True}


def test_only_the_wanted_kinds_are_read() -> None:
    schema = derive("kubernetes", ["kubernetes_secret_v1"])
    assert list(schema["resources"]) == ["kubernetes_secret_v1"]
    assert schema["provider"]["block_types"]["exec"]["nesting_mode"] == "list"


def test_missing_bindings_are_told() -> None:
    with pytest.raises(HubError, match="hashicorp/random are not installed"):
        bindings.sources("random")


@pytest.mark.parametrize(
    ("provider", "file", "least"),
    [("helm", "tf-provider-helm-3.1.1.schema.json", 130), ("kubernetes", "tf-provider-kubernetes-2.38.0.subset.schema.json", 2900)],
)
def test_another_derivation_agrees(derived: dict[str, Any], provider: str, file: str, least: int) -> None:
    """The other one cannot tell optional-and-computed from optional; all else must be equal."""
    if not (_OTHERS / file).is_file():
        pytest.skip(f"NOT COMPARED: {file} is not in {_OTHERS}")
    other, compared = json.loads((_OTHERS / file).read_text()), 0
    for section in ("resources", "data_sources"):
        for kind, block in other[section].items():
            ours, theirs = (dict(_entries(each)) for each in (derived[provider][section][kind], block))
            assert ours.keys() == theirs.keys(), kind
            differing = {path for path in ours if ours[path] != theirs[path] and (kind, path) not in _OTHERS_MISTAKES}
            assert differing == set(), kind
            compared += len(ours)
    assert compared >= least


def _entries(block: Block, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every attribute and block by its dotted path, without what is below it and without "computed"."""
    for name, attribute in block["attributes"].items():
        nested = attribute.get("nested_type")
        flags = {key: value for key, value in attribute.items() if value and key not in ("nested_type", "computed")}
        yield prefix + name, flags | ({"mode": nested["nesting_mode"]} if nested else {})
        if nested:
            yield from _entries({"attributes": nested["attributes"], "block_types": {}}, f"{prefix}{name}.")
    for name, entry in block["block_types"].items():
        yield prefix + name, {key: value for key, value in entry.items() if key != "block"}
        yield from _entries(entry["block"], f"{prefix}{name}.")
