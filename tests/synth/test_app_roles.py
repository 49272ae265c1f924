"""Application roles as stacks: made beside the cluster, their accounts where the namespace is, with the very ARN."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.cdk import App
from modules.config.load import list_envs, load_env
from modules.config.models import HubConfig
from modules.config.roles import accounts, accounts_in, role_name
from modules.stacks.app import build
from tests._support.config_cases import BASES
from tests._support.graph import Graph
from tests.synth.conftest import Documents, read_stacks

ROOT = Path(__file__).resolve().parents[2]
ENVS = list_envs(ROOT)
BUCKET = [{"name": "open-data"}]
OWN = "arn:aws:iam::123456789012:policy/team/own"
VARIABLE = "arn:aws:s3:::open-data/home/${aws:PrincipalTag/team}/*"
ROLES: dict[str, Any] = {
    "data": {
        "service_accounts": ["jupyterhub:notebooks", "default:vault-role-sa"],
        "statements": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": VARIABLE}],
    },
    "every-ray": {"allow_patterns": True, "service_accounts": ["ray:*-daft"], "managed_policies": [OWN]},
}


def synth(folder: Path, fields: dict[str, Any]) -> tuple[HubConfig, Documents]:
    config = HubConfig.model_validate({**fields, "env": "lab"})
    app = App(str(folder))
    build(app, config)
    app.synth()
    return config, read_stacks(folder)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> tuple[HubConfig, Documents]:
    """An env whose roles are for accounts of several stacks."""
    hub = {**BASES["full"]["hub"], "singleuser": {"service_account": "notebooks", "namespace_role": False}}
    return synth(tmp_path_factory.mktemp("lab"), {**BASES["full"], "roles": ROLES, "hub": hub})


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[HubConfig, Documents]:
    """The same for an account of the hub, on somebody else's cluster."""
    role = {"reader": {"service_accounts": ["jupyterhub:reader"], "buckets": BUCKET}}
    return synth(tmp_path_factory.mktemp("theirs"), {**BASES["existing"], "roles": role})


def annotations(documents: Documents, stack: str, name: str) -> dict[str, str]:
    body = Graph(documents[stack]).bodies[f"kubernetes_service_account_v1.app-{name}"]
    found: dict[str, str] = body.values["metadata"]["annotations"]
    return found


def test_roles_are_in_stack_cluster_so_that_every_stack_above_goes_alone(stacks: Documents) -> None:
    roles = [name for name, document in stacks.items() for body in Graph(document).of_type("aws_iam_role") if ".app-" in body.address]
    assert len(roles) >= 4
    assert {name.rpartition("-")[2] for name in roles} == {"cluster"}


@pytest.mark.parametrize("env", ENVS)
def test_every_account_of_the_hub_is_made_with_its_role(env: str, stacks: Documents) -> None:
    config = load_env(ROOT, env)
    graph = Graph(stacks[f"{env}-cluster"])
    for name in accounts_in(config, config.hub.namespace):
        key = accounts(config)[f"{config.hub.namespace}:{name}"]
        found = annotations(stacks, f"{env}-hub", name)
        assert found["eks.amazonaws.com/role-arn"].endswith(f"aws_iam_roleapp-{key}arn}}")
        assert found["eks.amazonaws.com/sts-regional-endpoints"] == "true"
        role = graph.bodies[f"aws_iam_role.app-{key}"].values
        assert role["name"] == role_name(config, key)
        assert f"system:serviceaccount:{config.hub.namespace}:{name}" in role["assume_role_policy"]
    made = Graph(stacks[f"{env}-hub"]).of_type("kubernetes_service_account_v1")
    assert sum("app-" in body.address for body in made) == len(accounts_in(config, config.hub.namespace))


def test_an_account_of_default_is_the_platforms(lab: tuple[HubConfig, Documents]) -> None:
    _, stacks = lab
    assert annotations(stacks, "lab-platform", "vault-role-sa") == annotations(stacks, "lab-hub", "notebooks")
    assert "app-vault-role-sa" not in json.dumps(stacks["lab-hub"])


def test_accounts_have_no_token_for_the_kubernetes_api(lab: tuple[HubConfig, Documents]) -> None:
    _, stacks = lab
    for stack, name in (("lab-platform", "vault-role-sa"), ("lab-hub", "notebooks")):
        body = Graph(stacks[stack]).bodies[f"kubernetes_service_account_v1.app-{name}"]
        assert body.values["automount_service_account_token"] is False


def test_servers_run_as_the_account_and_ours_is_not_made(lab: tuple[HubConfig, Documents]) -> None:
    _, stacks = lab
    graph = Graph(stacks["lab-hub"])
    (text,) = graph.bodies["helm_release.release-jupyterhub"].values["values"]
    assert json.loads(text)["singleuser"]["serviceAccountName"] == "notebooks"
    assert "kubernetes_service_account_v1.app-notebooks" in graph.after("helm_release.release-jupyterhub")
    assert not [address for address in graph.bodies if "single-user" in address]


def test_a_pattern_is_in_the_trust_and_a_managed_policy_attached(lab: tuple[HubConfig, Documents]) -> None:
    _, stacks = lab
    graph = Graph(stacks["lab-cluster"])
    (statement,) = json.loads(graph.bodies["aws_iam_role.app-every-ray"].values["assume_role_policy"])["Statement"]
    assert list(statement["Condition"]["StringLike"].values()) == ["system:serviceaccount:ray:*-daft"]
    (attached,) = [body for body in graph.of_type("aws_iam_role_policy_attachment") if ".app-every-ray-managed-" in body.address]
    assert attached.values["policy_arn"] == OWN
    assert "aws_iam_role_policy.app-every-ray-access" not in graph.bodies


def test_iams_own_variables_are_not_read_by_terraform(lab: tuple[HubConfig, Documents]) -> None:
    _, stacks = lab
    policy = Graph(stacks["lab-cluster"]).bodies["aws_iam_role_policy.app-data-access"].values["policy"]
    assert json.loads(policy)["Statement"][0]["Resource"] == VARIABLE.replace("${", "$${")


def test_on_somebody_elses_cluster_their_provider_is_trusted(theirs: tuple[HubConfig, Documents]) -> None:
    config, stacks = theirs
    existing = config.cluster.existing
    assert existing is not None
    role = Graph(stacks["lab-cluster"]).bodies["aws_iam_role.app-reader"].values
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Federated": existing.oidc_provider_arn}
    assert statement["Condition"]["StringEquals"][f"{existing.oidc_issuer}:sub"] == "system:serviceaccount:jupyterhub:reader"
    assert role["name"] == "theirs_reader"
    assert annotations(stacks, "lab-hub", "reader")["eks.amazonaws.com/role-arn"]
