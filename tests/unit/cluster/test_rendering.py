"""Charts of ours in a cluster: rendered by helm where there is one, each object judged; put together from values where not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modules.rehearsal.cluster.worlds import Worlds
from modules.rehearsal.verdicts.charts import render
from modules.rehearsal.verdicts.given import chart_of
from tests._support.helm import helm_binary
from tests.unit.cluster.support import make_backend, refusal, release

POOL = {
    "template": {
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
            "requirements": [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]}],
        }
    }
}
TERMS = [{"tags": {"karpenter.sh/discovery": "demo"}}]
CLASS = {"role": "x", "amiSelectorTerms": [{"alias": "al2023@latest"}], "subnetSelectorTerms": TERMS, "securityGroupSelectorTerms": TERMS}
VALUES = {"nodePools": {"default": {"spec": POOL}}, "nodeClasses": {"default": {"spec": CLASS}}, "labels": {"a": "b"}}


@pytest.fixture
def no_helm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without helm."""
    monkeypatch.delenv("HUB_HELM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def pools(**values: object) -> dict[str, object]:
    return {**release("nodepools"), "chart": "./charts/nodepools", "values": [json.dumps(values)]}


def helm(folder: Path, text: str, code: int = 0) -> str:
    """A program that says what helm would, and keeps what it was told."""
    program = folder / "helm"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {folder}/words\ncat > {folder}/values\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.usefixtures("no_helm")
def test_without_helm_node_pools_are_put_together_and_it_is_said() -> None:
    worlds = Worlds()
    backend = make_backend(worlds)
    for chart in ("karpenter-crd", "karpenter"):
        backend.create("helm_release", release(chart, "1.14.1"), {})
    _, warnings = backend.create("helm_release", pools(**VALUES), {})
    assert [each.summary for each in warnings if "nodepools" in each.summary] == [
        "nodepools: not rendered: no helm; put together from its values"
    ]
    made = {each["kind"]: each for each in next(iter(worlds.dump().values()))["objects"]}
    assert made["NodePool"]["spec"] == POOL
    assert made["EC2NodeClass"]["metadata"]["labels"] == {"a": "b", "app.kubernetes.io/managed-by": "Helm"}
    assert "nodepools: not rendered: no helm" in worlds.summary()["unchecked"]


def test_helm_is_asked_with_these_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: wide}"
    monkeypatch.setenv("HUB_HELM", helm(tmp_path, text))
    rendered = render(chart_of(pools(**VALUES)), "pools", "kube-system", tmp_path, "1.35")
    words = (tmp_path / "words").read_text().split()
    assert words[:2] == ["template", "pools"]
    assert words[3:] == ["--namespace", "kube-system", "--kube-version", "1.35", "--values", "-", "--include-crds"]
    assert json.loads((tmp_path / "values").read_text()) == VALUES
    assert [each["metadata"] for each in rendered.manifests or ()] == [{"name": "made", "namespace": "kube-system"}, {"name": "wide"}]
    assert rendered.why_not == ""


def test_what_helm_refuses_and_what_it_renders_wrong_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    backend = make_backend()
    monkeypatch.setenv("HUB_HELM", helm(tmp_path, "", code=1))
    assert "helm does not render it" in refusal(backend.create, "helm_release", pools(**VALUES), {})
    monkeypatch.setenv("HUB_HELM", helm(tmp_path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndaata: {}"))
    assert "daata" in refusal(backend.create, "helm_release", pools(**VALUES), {})
    monkeypatch.setenv("HUB_HELM", str(tmp_path / "none"))
    assert "helm did not run" in refusal(backend.create, "helm_release", pools(**VALUES), {})


def test_a_chart_that_is_nowhere_is_refused() -> None:
    lost = {**release("lost"), "chart": "./charts/lost"}
    assert "no Chart.yaml at ./charts/lost" in refusal(make_backend().create, "helm_release", lost, {})


@pytest.mark.slow
def test_a_real_helm_and_the_shortcut_agree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    binary = helm_binary()
    if binary is None:
        pytest.skip("no helm: PyPI cannot be reached")
    chart = chart_of(pools(**VALUES))
    monkeypatch.setenv("HUB_HELM", str(binary))
    real = render(chart, "pools", "kube-system", tmp_path)
    monkeypatch.delenv("HUB_HELM")
    monkeypatch.setenv("PATH", str(tmp_path))
    shortcut = render(chart, "pools", "kube-system", tmp_path)
    assert {each["kind"]: each["spec"] for each in real.manifests or ()} == {
        each["kind"]: each["spec"] for each in shortcut.manifests or ()
    }
