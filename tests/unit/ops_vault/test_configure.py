"""Configuring: only what differs, on record first, and without root from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modules.common import vault as refs
from tests.unit.ops_vault.conftest import ACCOUNT, ADMIN_SEEN, Lab, vault_config
from tests.vault.acl import allows
from tests.vault.double import Token


def test_configure_writes_audit_first_and_revokes_root(lab: Lab) -> None:
    lab.run("init")
    root = lab.secret(refs.ROOT_TOKEN_SECRET)["token"]
    lab.vault.calls.clear()
    code, out, err = lab.run("configure")
    assert (code, err) == (0, "")
    assert "root token: revoked" in out
    assert lab.vault.writes[0] == ("POST", "sys/audit/file")
    assert root not in lab.vault.tokens
    assert lab.secret(refs.ROOT_TOKEN_SECRET)["state"] == "revoked"
    assert lab.vault.unknown == []


def test_configured_as_hub_yaml_says(lab: Lab) -> None:
    lab.ready()
    store, switched = lab.vault.store, lab.vault.switched
    assert switched["sys/audit/file"]["options"] == {"file_path": "/vault/audit/audit.log"}
    assert switched["sys/mounts/aws"]["config"] == {"default_lease_ttl": 3600, "max_lease_ttl": 3600}
    client = store["auth/aws/config/client"]
    assert client["iam_server_id_header_value"] == f"vault.{lab.config.deployment}"
    assert client["sts_endpoint"] == "https://sts.us-east-2.amazonaws.com"
    assert store["aws/config/root"]["access_key"] == ""
    admin = store["auth/aws/role/hubsmith-admin"]
    assert admin["bound_iam_principal_arn"] == [ADMIN_SEEN, f"arn:aws:iam::{ACCOUNT}:role/Deployer"]
    service = store["auth/aws/role/daft-service-role"]
    assert service["bound_iam_principal_arn"] == [f"arn:aws:iam::{ACCOUNT}:role/lab_daft"]
    assert service["token_policies"] == []
    assert store["auth/hub/config"]["bound_issuer"].startswith("https://oidc.eks.us-east-2.")
    assert "sys/policies/acl/read-all-user-roles" not in store


def test_twice_is_no_change_and_needs_no_root(lab: Lab) -> None:
    lab.ready()
    lab.vault.calls.clear()
    assert lab.json("configure") == {
        "env": "lab",
        "command": "vault",
        "action": "configure",
        "exit": 0,
        "dry_run": False,
        "changes": [],
        "root_revoked": False,
        "root_kept": False,
    }
    assert lab.vault.writes == []
    # The session of the admin's AWS role ended with the command.
    assert not lab.vault.tokens


@pytest.mark.parametrize(
    ("path", "spoilt", "says"),
    [
        ("auth/aws/config/client", {"iam_server_id_header_value": "vault.lab-x"}, None),
        ("aws/config/root", {"access_key": "AKIAXXXXXXXXXXXXXXXX"}, "region of the AWS engine: brought up to date"),
        ("auth/aws/role/daft-service-role", {"bound_iam_principal_arn": ["*"]}, "login of role daft: brought up to date"),
        ("sys/policies/acl/hubsmith-admin", {"policy": 'path "*" {\n  capabilities = ["read"]\n}'}, None),
    ],
)
def test_what_somebody_changed_is_put_back(lab: Lab, path: str, spoilt: dict[str, Any], says: str | None) -> None:
    lab.ready()
    right = dict(lab.vault.store[path])
    if says is None:
        # What admins sign in with is gone: somebody with a token of his own puts it right.
        lab.vault.tokens["hvs.rescue"] = Token(("root",))
    lab.vault.store[path].update(spoilt)
    with pytest.MonkeyPatch.context() as environ:
        if says is None:
            environ.setenv("VAULT_TOKEN", "hvs.rescue")
        code, out, err = lab.run("configure")
    assert code == 0, err
    assert "1 change" in out
    assert (says or "brought up to date") in out
    assert {key: lab.vault.store[path][key] for key in right} == right


def test_a_dry_run_tells_and_changes_nothing(lab: Lab) -> None:
    lab.run("init")
    lab.vault.calls.clear()
    code, out, _ = lab.run("configure", "--dry-run")
    assert code == 2
    assert "Vault would have" in out
    assert lab.vault.writes == []
    assert "token" in lab.secret(refs.ROOT_TOKEN_SECRET)


def test_the_shared_policy_comes_and_goes_with_hub_yaml(lab: Lab) -> None:
    lab.ready()
    lab.config = vault_config(shared_user_policy=True)
    assert lab.run("configure")[0] == 0
    assert lab.vault.store["auth/aws/role/daft-service-role"]["token_policies"] == ["read-all-user-roles"]
    text = lab.vault.store["sys/policies/acl/read-all-user-roles"]["policy"]
    assert allows([text], "aws/sts/userrole-ada@example.org", "read")
    assert not allows([text], "aws/roles/userrole-ada@example.org", "read")
    lab.config = vault_config()
    code, out, _ = lab.run("configure")
    assert code == 0
    assert "read-all-user-roles: removed" in out
    assert lab.vault.store["auth/aws/role/daft-service-role"]["token_policies"] == []
    assert "sys/policies/acl/read-all-user-roles" not in lab.vault.store


def test_the_login_of_a_role_that_left_hub_yaml_goes(lab: Lab) -> None:
    lab.ready()
    lab.vault.store["auth/aws/role/theirs"] = {"bound_iam_principal_arn": ["x"]}
    lab.config = vault_config(top={"roles": {}})
    code, out, _ = lab.run("configure")
    assert code == 0
    assert "daft-service-role: removed" in out
    assert "auth/aws/role/daft-service-role" not in lab.vault.store
    assert "auth/aws/role/theirs" in lab.vault.store


def test_root_is_kept_while_nobody_else_could_sign_in(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(vault_config(top={"cluster": {}, "aws": {"account": ACCOUNT}}))
    lab.run("init")
    code, out, _ = lab.run("configure")
    assert code == 0
    assert "root token: kept" in out
    assert "cluster.admins" in out
    assert lab.secret(refs.ROOT_TOKEN_SECRET)["token"] in lab.vault.tokens


def test_somebody_elses_engine_is_left_alone(lab: Lab) -> None:
    lab.ready()
    lab.vault.switched["sys/mounts/aws"]["type"] = "kv"
    code, _, err = lab.run("configure")
    assert code == 1
    assert "mounts/aws in Vault is of type kv, not aws" in err


def test_an_audit_device_that_writes_elsewhere_is_said(lab: Lab) -> None:
    lab.ready()
    lab.vault.switched["sys/audit/file"]["options"] = {"file_path": "/tmp/a"}
    code, _, err = lab.run("configure")
    assert code == 1
    assert "does not have file_path=/vault/audit/audit.log" in err


def test_the_admin_policy_is_enough_and_not_root(lab: Lab) -> None:
    lab.ready()
    text = lab.vault.store["sys/policies/acl/hubsmith-admin"]["policy"]
    for path, capability in (("sys/seal", "update"), ("sys/rotate", "update"), ("secret/data/x", "read"), ("sys/mounts/kv", "update")):
        assert not allows([text], path, capability)
    assert lab.vault.unknown == []
