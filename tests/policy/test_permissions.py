"""The provisioning role is allowed what Terraform calls for every resource type, in every env, and fits AWS's quotas."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.iam.document import MANAGED_POLICY_MAX, size
from modules.iam.provisioning import SESSION_SECONDS, actions, provisioning_policies, provisioning_policy, provisioning_trust
from modules.iam.provisioning.types import ACTIONS, DATA_SOURCES, DESKTOP_OPS, EPHEMERAL, OPS
from tests._support.iam_reference import action
from tests._support.policies import ROOT, env_names

#: `aws.<module>.<Class>` in our constructs; the module's name is the Terraform type without `aws_`.
_USED = re.compile(r"\baws\.([a-z0-9_]+)\b")
#: `stack.ephemeral("<type>", …)`: the bindings have no class for these.
_EPHEMERAL = re.compile(r"\.ephemeral\(\s*\"([a-z0-9_]+)\"")
#: An attribute of the bindings that is no resource type.
_NO_TYPE = {"provider"}
#: Asked for only where the env names a DNS zone.
_DNS = {"aws_route53_record", "data.aws_route53_zone"}
#: Asked for only where the env has desktops.
_DESKTOP = {"aws_ssm_parameter", "ops.desktop"}


def used_types() -> set[str]:
    """Resource types and data sources that the source of our constructs names."""
    found: set[str] = set()
    for room in ("aws", "stacks"):
        for path in (ROOT / "modules" / room).rglob("*.py"):
            found.update(_USED.findall(re.sub(r"^(from|import) .*$", "", path.read_text(), flags=re.MULTILINE)))
    named = {f"data.{name.removeprefix('data_')}" if name.startswith("data_aws") else f"aws_{name}" for name in found - _NO_TYPE}
    known = {name for name in named if name.startswith("data.") or _is_binding(name)}
    assert "aws_vpc" in known
    return known


def _is_binding(name: str) -> bool:
    """Whether the bindings have a folder of that name: `aws.account` of the configuration looks the same."""
    # Found, not imported: the package's __init__ takes ten seconds.
    spec = importlib.util.find_spec("cdktf_cdktf_provider_aws")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / name.removeprefix("aws_")).is_dir()


@pytest.fixture(scope="module", params=env_names())
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_type_that_constructs_name_has_its_actions() -> None:
    assert sorted(used_types() - ACTIONS.keys() - DATA_SOURCES.keys()) == []


def test_every_ephemeral_block_that_constructs_name_has_its_actions() -> None:
    rooms = [ROOT / "modules" / room for room in ("aws", "k8s", "stacks")]
    used = {f"ephemeral.{name}" for room in rooms for path in room.rglob("*.py") for name in _EPHEMERAL.findall(path.read_text())}
    assert sorted(used - EPHEMERAL.keys()) == []


KINDS = {**ACTIONS, **DATA_SOURCES, **EPHEMERAL, "ops": OPS, "ops.desktop": DESKTOP_OPS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_actions_of_a_type_exist(kind: str) -> None:
    assert [name for name in KINDS[kind] if action(name) is None] == []


def test_the_role_is_allowed_the_actions_of_every_type(env: str) -> None:
    config = load_env(ROOT, env)
    allowed = set(actions(config))
    left_out = (set() if config.dns else _DNS) | (set() if config.desktop else _DESKTOP)
    kinds = {kind: needs for kind, needs in KINDS.items() if kind not in left_out}
    assert {kind: sorted(set(needs) - allowed) for kind, needs in kinds.items() if set(needs) - allowed} == {}


def test_each_policy_fits_and_the_role_can_hold_them_all(env: str) -> None:
    made = provisioning_policies(load_env(ROOT, env))
    assert {name: size(policy) for name, policy in made.items() if size(policy) > MANAGED_POLICY_MAX} == {}
    assert len(made) <= 10


@pytest.mark.parametrize("name", ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"])
def test_only_values_of_its_own_secrets_can_be_read_or_written(env: str, name: str) -> None:
    config = load_env(ROOT, env)
    found = [statement["Resource"] for statement in provisioning_policy(config)["Statement"] if name in statement["Action"]]
    assert [resource.rsplit(":", 1)[-1] for resource in found] == [f"{config.deployment}/*"]


def test_the_role_cannot_change_itself_or_its_like(env: str) -> None:
    """All writes of IAM stay below the deployment's path; the rest of IAM is read."""
    config = load_env(ROOT, env)
    path = f"/hubsmith/{config.deployment}/"
    outside = []
    for statement in provisioning_policy(config)["Statement"]:
        names = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for name in names:
            known = action(name)
            assert known is not None
            if name.startswith("iam:") and known.level not in {"List", "Read"} and not all(path in arn for arn in resources):
                outside.append(f"{statement['Sid']}: {name}")
    assert sorted({line.split(":")[0] for line in outside}) == ["ClusterIssuer", "RemoveProfiles", "ServiceRoles"]


def test_the_boundary_is_asked_of_every_role_when_the_account_has_one() -> None:
    config = load_env(ROOT, "dandi")
    arn = "arn:aws:iam::123456789012:policy/boundary"
    bounded = config.model_copy(update={"aws": config.aws.model_copy(update={"permissions_boundary": arn})})
    asked = [
        statement["Sid"]
        for statement in provisioning_policy(bounded)["Statement"]
        if statement.get("Condition", {}).get("StringEquals", {}).get("iam:PermissionsBoundary") == arn
    ]
    assert asked == ["CreateRoles", "WriteRolePolicies", "AttachKnownPolicies"]
    assert "PermissionsBoundary" not in json.dumps(provisioning_policies(config)["identity"]["Statement"][2])


def test_the_merged_view_holds_every_statement_once(env: str) -> None:
    config = load_env(ROOT, env)
    merged = [statement["Sid"] for statement in provisioning_policy(config)["Statement"]]
    assert merged == [statement["Sid"] for policy in provisioning_policies(config).values() for statement in policy["Statement"]]
    assert len(set(merged)) == len(merged)


def test_who_may_become_the_role() -> None:
    config = load_env(ROOT, "demo")
    named = provisioning_trust(config, ["arn:aws:iam::123456789012:role/ci"])
    assert named["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:role/ci"}
    with pytest.raises(HubError, match="names no account"):
        provisioning_trust(config)
    accounted = config.model_copy(update={"aws": config.aws.model_copy(update={"account": "123456789012"})})
    assert provisioning_trust(accounted)["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert SESSION_SECONDS == 14_400
