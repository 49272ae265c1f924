"""How the providers of in-cluster stacks sign in, as an override of the synthesised document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.cluster_access import is_in_cluster, override
from tests._support.evidence import Evidence

ROOT = Path("/checkout")
EXEC = {"api_version": "client.authentication.k8s.io/v1", "command": "../../../hub", "args": ["eks-token", "lab"]}
OURS = {**EXEC, "command": "/checkout/hub"}
PLACE = {"host": "${data.x.host}", "cluster_ca_certificate": "${data.x.ca}"}
KUBERNETES = {"kubernetes": [{**PLACE, "exec": [EXEC]}]}
HELM = {"helm": [{"kubernetes": {**PLACE, "exec": EXEC}}]}


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ({}, {}),
        ({"aws": [{"region": "x"}]}, {}),
        (KUBERNETES, {"provider": {"kubernetes": [{"exec": [OURS]}]}}),
        ({"kubernetes": [{**PLACE, "exec": EXEC}]}, {"provider": {"kubernetes": [{"exec": [OURS]}]}}),
        (HELM, {"provider": {"helm": [{"kubernetes": {**PLACE, "exec": OURS}}]}}),
        (
            {**KUBERNETES, **HELM},
            {"provider": {"kubernetes": [{"exec": [OURS]}], "helm": [{"kubernetes": {**PLACE, "exec": OURS}}]}},
        ),
    ],
)
def test_our_command_by_its_whole_path(provider: dict[str, Any], expected: dict[str, Any]) -> None:
    assert override({"provider": provider}, root=ROOT, environ={}) == expected


def test_a_kubeconfig_instead(tmp_path: Path, evidence: Evidence) -> None:
    evidence.record(
        "HUB_KUBECONFIG: the real kubernetes and helm providers", "asserted", "planned through the stand-ins; no binary, no cluster"
    )
    path = tmp_path / "kubeconfig"
    path.touch()
    found = override({"provider": {**KUBERNETES, **HELM}}, root=ROOT, environ={"HUB_KUBECONFIG": str(path)})["provider"]
    kubernetes, helm = found["kubernetes"][0], found["helm"][0]["kubernetes"]
    assert kubernetes["config_path"] == helm["config_path"] == str(path)
    assert kubernetes["host"] is kubernetes["cluster_ca_certificate"] is None
    assert kubernetes["dynamic"]["exec"]["for_each"] == []
    assert set(helm) == {"config_path"}


def test_a_kubeconfig_that_is_not_there() -> None:
    with pytest.raises(HubError, match="HUB_KUBECONFIG names /nowhere"):
        override({"provider": KUBERNETES}, root=ROOT, environ={"HUB_KUBECONFIG": "/nowhere"})


@pytest.mark.parametrize(
    ("address", "inside"),
    [("kubernetes_namespace_v1.hub", True), ("helm_release.hub", True), ("aws_eks_cluster.main", False), ("aws_iam_role.helm_x", False)],
)
def test_what_lives_in_the_cluster(address: str, inside: bool) -> None:
    assert is_in_cluster(address) is inside
