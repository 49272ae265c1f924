"""What users' servers are given to reach Vault, and that those of an env without Vault are given nothing."""

from __future__ import annotations

from modules.common.servers import AUDIENCE
from modules.k8s.jupyterhub import vault
from modules.ops.vault.wanted import hub_role
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_vault.conftest import vault_config


def test_a_server_has_address_ca_and_a_token_for_vault_alone() -> None:
    config = vault_config(namespace="safe")
    assert vault.environment(config) == {"VAULT_ADDR": "https://vault.safe.svc:8200", "VAULT_CACERT": "/var/run/secrets/vault/ca.crt"}
    sources = vault.volumes(config)[0]["projected"]["sources"]
    assert sources[0] == {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 3600, "path": "token"}}
    assert sources[1] == {"configMap": {"name": "vault-access"}}
    assert vault.mounts(config) == [{"name": "vault-access", "mountPath": "/var/run/secrets/vault", "readOnly": True}]


def test_the_login_asks_for_what_the_token_is_made_for() -> None:
    assert hub_role(vault_config(), "jupyter-ada", "userrole-ada")["bound_audiences"] == [AUDIENCE]


def test_nothing_without_vault() -> None:
    config = make_config()
    assert (vault.environment(config), vault.volumes(config), vault.mounts(config)) == ({}, [], [])
