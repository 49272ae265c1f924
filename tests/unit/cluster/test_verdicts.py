"""Wrong chart values, manifests and node pools, each refused by the layer that should; good ones pass."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.rehearsal.verdicts.cel import check_rules
from modules.rehearsal.verdicts.custom import check_custom
from modules.rehearsal.verdicts.given import Chart
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.objects import check_object
from modules.rehearsal.verdicts.ours import check_ours
from modules.rehearsal.verdicts.schemas import Schemas, known_schemas
from modules.rehearsal.verdicts.semantic import check_semantics
from modules.rehearsal.verdicts.structural import check_structure, structural
from modules.rehearsal.verdicts.tally import Tally
from tests.unit.cluster.support import needs_schemas

CASES = Path(__file__).parents[2] / "cases" / "manifests"
MINOR = "1.35"
SCHEMAS = known_schemas()


def load(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text())
    assert rows
    return rows


def spoilt(good: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """`good` with the value at row["at"] set to row["to"], or removed."""
    made = copy.deepcopy(good)
    value: Any = made
    for part in row["at"][:-1]:
        value = value[part]
    if "to" in row:
        value[row["at"][-1]] = row["to"]
    else:
        del value[row["at"][-1]]
    return made


def mistakes(name: str) -> list[Any]:
    return [
        pytest.param(case["good"], row, id=f"{case['good']['kind']}-{'.'.join(map(str, row['at'][-2:]))}-{row.get('to', 'gone')}")
        for case in load(name)
        for row in case["mistakes"]
    ]


@needs_schemas
@pytest.mark.parametrize("row", load("values.yaml"), ids=lambda row: row["name"])
def test_values(row: dict[str, Any]) -> None:
    tally = Tally()
    problems = Judge(SCHEMAS).values(Chart(row["chart"], row["version"], "", row["values"]), tally)
    assert (tally.values, tally.unchecked) == (1, {})
    if "says" in row:
        assert [each for each in problems if row["says"] in each.summary and each.summary.startswith(f"{row['chart']}: ")]
    else:
        assert problems == []


@pytest.mark.parametrize("case", load("objects.yaml"), ids=lambda case: case["good"]["kind"])
def test_good_objects(case: dict[str, Any]) -> None:
    assert Judge(Schemas(())).manifest(case["good"], Tally(), minor=MINOR) == []


@pytest.mark.parametrize(("good", "row"), mistakes("objects.yaml"))
def test_wrong_objects(good: dict[str, Any], row: dict[str, Any]) -> None:
    manifest = spoilt(good, row)
    assert any(row["says"] in each.summary for each in Judge(Schemas(())).manifest(manifest, Tally(), minor=MINOR))
    by_layer = {
        "schema": lambda: check_object(manifest, MINOR),
        "semantic": lambda: check_semantics(manifest),
        "ours": lambda: check_ours(manifest, {}),
    }
    assert [layer for layer, check in by_layer.items() if layer == row["layer"] and check()]
    if row["layer"] != "schema":
        assert check_object(manifest, MINOR) == []


@needs_schemas
@pytest.mark.parametrize("case", load("pools.yaml"), ids=lambda case: case["good"]["kind"])
def test_good_pools(case: dict[str, Any]) -> None:
    found, rules = check_custom(case["good"], SCHEMAS.crds("karpenter", "1.14.1")[case["good"]["kind"]])
    assert found == []
    assert rules > 20


@needs_schemas
@pytest.mark.parametrize(("good", "row"), mistakes("pools.yaml"))
def test_wrong_pools(good: dict[str, Any], row: dict[str, Any]) -> None:
    manifest, crd = spoilt(good, row), SCHEMAS.crds("karpenter", "1.14.1")[good["kind"]]
    found, _ = check_custom(manifest, crd)
    assert any(row["says"] in each for each in found), found
    if row["layer"] == "rule":
        schema = crd.document["versions"]["v1"]["openAPIV3Schema"]
        assert check_structure(manifest, structural(schema)) == []
        assert check_rules(manifest, schema)[0]


@needs_schemas
def test_rules_about_the_past_are_for_updates() -> None:
    good = load("pools.yaml")[0]["good"]
    crd = SCHEMAS.crds("karpenter", "1.14.1")["NodePool"]
    other = spoilt(good, {"at": ["spec", "template", "spec", "nodeClassRef", "group"], "to": "other.example"})
    assert check_custom(other, crd)[0] == []
    assert any("nodeClassRef.group is immutable" in each for each in check_custom(other, crd, old=good)[0])
    assert check_custom(good, crd, old=good)[1] == check_custom(good, crd)[1] + 3


@needs_schemas
def test_all_rules_compile_and_count() -> None:
    """A rule that our CEL cannot read would otherwise be found by the first pool that meets it."""
    from modules.rehearsal.verdicts.cel import _program

    rules = {rule for crd in SCHEMAS.crds("karpenter", "1.14.1").values() for rule in _rules(crd.document)}
    assert len(rules) > 50
    for rule in rules:
        _program(rule)


def _rules(node: Any) -> set[str]:
    if isinstance(node, list):
        return {rule for each in node for rule in _rules(each)}
    if not isinstance(node, dict):
        return set()
    return {each["rule"] for each in node.get("x-kubernetes-validations", ())} | {rule for each in node.values() for rule in _rules(each)}


def test_what_is_missing_is_said_once_and_counted() -> None:
    tally, judge = Tally(), Judge(Schemas(()))
    chart = Chart("karpenter", "1.14.1", "", {"anything": 1})
    first, second = judge.values(chart, tally), judge.values(chart, tally)
    assert [(each.warning, "UNCHECKED" in each.summary) for each in first] == [(True, True)]
    assert (second, tally.values, list(tally.unchecked)) == ([], 0, ["karpenter"])


def test_a_namespace_may_be_labelled_for_privileges() -> None:
    good = load("objects.yaml")[0]["good"]
    manifest = spoilt(good, {"at": ["spec", "template", "spec", "hostNetwork"], "to": True})
    assert check_ours(manifest, {"logging": {"pod-security.kubernetes.io/enforce": "privileged"}}) == []


@pytest.mark.parametrize(("minor", "known"), [("1.35", True), ("1.99", True), ("1.28", True)])
def test_the_nearest_minor_is_taken(minor: str, known: bool) -> None:
    assert (check_object({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "hub"}}, minor) == []) is known
