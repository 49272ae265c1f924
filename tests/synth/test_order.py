"""Laws of order on the synthesised graph: what is made first goes last, so that nothing in the cluster outlives what carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.config.load import list_envs, load_env
from tests._support.graph import Graph, upstream
from tests.synth.conftest import Documents

ROOT = Path(__file__).resolve().parents[2]
ENVS = list_envs(ROOT)
IN_CLUSTER = ("kubernetes_", "helm_release")
#: Stacks that hold what is in the cluster; not every env has all.
INSIDE = ("platform", "hub", "desktop", "ray", "vault", "launcher")
#: The one value that is read as data: a certificate, which Vault shows to everybody.
_CA = "data.aws_secretsmanager_secret_version.vault-ca.secret_string"
METADATA = {"169.254.169.254/32", "169.254.170.0/24"}


@pytest.fixture(params=ENVS)
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def values_of(graph: Graph, release: str) -> dict[str, Any]:
    """The values of one release, as Helm would read them; references of Terraform are text."""
    (text,) = graph.bodies[f"helm_release.release-{release}"].values["values"]
    found: dict[str, Any] = json.loads(text)
    return found


def test_what_is_in_the_cluster_outlives_nothing_it_needs(env: str, stacks: Documents, manifest: dict[str, Any]) -> None:
    cluster = f"{env}-cluster"
    needed = Graph(stacks[cluster])
    for address in ("aws_eks_node_group.core", "aws_eks_addon.addon-vpc-cni"):
        assert address in needed.bodies
    assert needed.of_type("aws_eks_access_entry", "aws_eks_access_policy_association")
    upon = [f"{env}-{stack}" for stack in INSIDE if f"{env}-{stack}" in stacks]
    assert len(upon) >= 2
    for name in upon:
        assert Graph(stacks[name]).of_type(*IN_CLUSTER)
        assert cluster in upstream(manifest, name), "destroyed before the access entry, the nodes and the network plugin"
    for name, document in stacks.items():
        if name not in {f"{each}-{stack}" for each in ENVS for stack in INSIDE}:
            assert not Graph(document).of_type(*IN_CLUSTER), name


def test_the_hub_goes_before_the_controllers_that_take_its_things_away(env: str, manifest: dict[str, Any]) -> None:
    assert f"{env}-platform" in upstream(manifest, f"{env}-hub")
    assert f"{env}-hub" not in upstream(manifest, f"{env}-platform")


def test_policies_come_before_every_pod_of_kube_system(env: str, stacks: Documents) -> None:
    graph = Graph(stacks[f"{env}-platform"])
    policies = {body.address for body in graph.of_type("kubernetes_network_policy_v1")}
    assert len(policies) >= 5
    pods = graph.of_type("aws_eks_addon", "helm_release")
    assert len(pods) >= 5
    for body in pods:
        assert policies <= graph.after(body.address), body.address


def test_definitions_before_controller_before_pools(env: str, stacks: Documents) -> None:
    graph = Graph(stacks[f"{env}-platform"])
    if load_env(ROOT, env).cluster.autoscaler != "karpenter":
        assert not {address for address in graph.bodies if "karpenter" in address or "nodepools" in address}
        return
    assert "helm_release.release-karpenter" in graph.after("helm_release.release-nodepools")
    assert "helm_release.release-karpenter-crd" in graph.after("helm_release.release-karpenter")


def test_never_two_autoscalers(env: str, stacks: Documents) -> None:
    graph = Graph(stacks[f"{env}-platform"])
    both = {"helm_release.release-karpenter", "helm_release.release-cluster-autoscaler"}
    assert len(both & set(graph.bodies)) == 1


def of_dask(graph: Graph, body: Any) -> bool:
    """Whether it is of the gateway's namespace, whose order test_dask.py looks at."""
    return "kubernetes_namespace_v1.dask-namespace" in graph.after(body.address)


def test_the_public_service_goes_first_and_the_namespace_last(env: str, stacks: Documents) -> None:
    graph = Graph(stacks[f"{env}-hub"])
    release = graph.after("helm_release.release-jupyterhub")
    assert "helm_release.release-jupyterhub" in graph.after("kubernetes_service_v1.public")
    for body in graph.of_type("kubernetes_network_policy_v1", "kubernetes_secret_v1", "kubernetes_config_map_v1"):
        assert body.address in release or of_dask(graph, body), "the hub's pods start with what they need"
    for body in graph.of_type("kubernetes_persistent_volume_claim_v1", "kubernetes_service_account_v1"):
        assert body.address in release or of_dask(graph, body), body.address
    for body in graph.of_type(*IN_CLUSTER):
        if body.type not in {"kubernetes_namespace_v1", "kubernetes_persistent_volume_v1"}:
            assert "kubernetes_namespace_v1.namespace" in graph.after(body.address) or of_dask(graph, body), body.address


def _blocks(value: Any) -> Iterator[dict[str, Any]]:
    """Every address range that some policy names, in Terraform's spelling or in a chart's."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"ip_block", "ipBlock"}:
                yield from inner if isinstance(inner, list) else [inner]
            yield from _blocks(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _blocks(inner)


def test_no_rule_reaches_the_metadata_service(env: str, stacks: Documents) -> None:
    everywhere = 0
    for stack in ("platform", "hub", "vault"):
        if f"{env}-{stack}" not in stacks:
            continue
        graph = Graph(stacks[f"{env}-{stack}"])
        found = [block for body in graph.of_type("kubernetes_network_policy_v1") for block in _blocks(body.values)]
        for body in graph.of_type("helm_release"):
            found += _blocks(json.loads(body.values["values"][0]))
        for block in found:
            if block["cidr"] == "0.0.0.0/0":
                everywhere += 1
                assert set(block["except"]) >= METADATA
            else:
                assert not block["cidr"].startswith("169.254")
    assert everywhere >= 3


def test_every_namespace_of_ours_denies_first(env: str, stacks: Documents) -> None:
    for stack in INSIDE:
        if f"{env}-{stack}" not in stacks:
            continue
        graph = Graph(stacks[f"{env}-{stack}"])
        shut = [
            body
            for body in graph.of_type("kubernetes_network_policy_v1")
            if not body.values["spec"].get("ingress") and not body.values["spec"].get("egress")
        ]
        namespaces = {body.values["metadata"]["namespace"] for body in graph.of_type("kubernetes_network_policy_v1")}
        assert {body.values["metadata"]["namespace"] for body in shut} == namespaces
        assert [set(body.values["spec"]["policy_types"]) for body in shut] == [{"Ingress", "Egress"}] * len(namespaces)


def test_the_single_user_role_trusts_the_very_account_servers_run_as(env: str, stacks: Documents) -> None:
    config = load_env(ROOT, env)
    graph = Graph(stacks[f"{env}-hub"])
    used = values_of(graph, "jupyterhub")["singleuser"]["serviceAccountName"]
    if config.hub.singleuser.service_account is not None:
        # One of the file's; test_app_roles.py looks at its role.
        assert graph.bodies[f"kubernetes_service_account_v1.app-{used}"].values["metadata"]["name"] == used
        assert not [address for address in graph.bodies if "single-user" in address]
        return
    account = graph.bodies["kubernetes_service_account_v1.single-user"]
    assert account.values["metadata"]["name"] == used
    assert account.values["automount_service_account_token"] is False
    role = graph.bodies.get("aws_iam_role.single-user-role")
    if role is None:
        assert "annotations" not in account.values["metadata"]
        return
    assert account.values["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "${aws_iam_role.single-user-role.arn}",
        "eks.amazonaws.com/sts-regional-endpoints": "true",
    }
    assert f"system:serviceaccount:{config.hub.namespace}:{used}" in role.values["assume_role_policy"]


def test_controllers_roles_trust_the_accounts_their_charts_make(env: str, stacks: Documents) -> None:
    graph = Graph(stacks[f"{env}-platform"])
    checked = 0
    for body in graph.of_type("helm_release"):
        values = json.loads(body.values["values"][0])
        account = values.get("serviceAccount") or values.get("rbac", {}).get("serviceAccount") or {}
        arn = account.get("annotations", {}).get("eks.amazonaws.com/role-arn", "")
        role = graph.bodies.get(arn.removeprefix("${").removesuffix(".arn}"))
        if role is None:
            continue
        checked += 1
        assert f"system:serviceaccount:{body.values['namespace']}:{account['name']}" in role.values["assume_role_policy"], body.address
    assert checked >= 2


def test_volumes_and_claims_are_paired_by_name(env: str, stacks: Documents) -> None:
    graph = Graph(stacks[f"{env}-hub"])
    claims = graph.of_type("kubernetes_persistent_volume_claim_v1")
    assert bool(claims) == load_env(ROOT, env).storage.efs.enabled
    for body in claims:
        name = body.address.split(".claim-")[1]
        (volume,) = graph.bodies[f"kubernetes_persistent_volume_v1.volume-{name}"].values["spec"]
        assert volume["claim_ref"]["name"] == body.values["metadata"]["name"]
        assert body.values["spec"]["volume_name"] == f"${{kubernetes_persistent_volume_v1.volume-{name}.metadata[0].name}}"
        assert body.values["spec"]["storage_class_name"] == volume["storage_class_name"] == ""
        assert volume["persistent_volume_reclaim_policy"] == "Retain"
        assert body.values["spec"]["access_modes"] == volume["access_modes"]


def test_one_default_storage_class(env: str, stacks: Documents) -> None:
    bodies = list(Graph(stacks[f"{env}-platform"]).of_type("kubernetes_storage_class_v1"))
    marked = {body.values["metadata"]["name"]: body.values["metadata"].get("annotations") for body in bodies}
    assert {name: marks for name, marks in marked.items() if marks} == {"gp3": {"storageclass.kubernetes.io/is-default-class": "true"}}
    for body in bodies:
        assert body.values["volume_binding_mode"] == "WaitForFirstConsumer"
        assert body.values["parameters"]["encrypted"] == "true"
        assert any("hubsmith:deployment=" in value for value in body.values["parameters"].values())


def test_no_value_of_a_secret_is_anywhere_but_in_ephemeral_blocks(env: str, stacks: Documents) -> None:
    document = stacks[f"{env}-hub"]
    secret = Graph(document).bodies["kubernetes_secret_v1.credentials"]
    assert "data" not in secret.values
    for value in secret.values["data_wo"].values():
        assert value.startswith("${ephemeral.")
    for each in (document, stacks.get(f"{env}-vault", {"resource": {}})):
        rest = {**each, "ephemeral": {}, "resource": {k: v for k, v in each["resource"].items() if k != "kubernetes_secret_v1"}}
        assert "secret_string" not in json.dumps(rest).replace(_CA, "")
