"""What users' servers get to reach Vault: its address, its CA, a token that says which pod they are, and a program that uses them."""

from __future__ import annotations

from typing import Any

from modules.common import vault as refs
from modules.common.servers import AUDIENCE
from modules.config.models import HubConfig

#: The ConfigMap beside the release, the volume, and where servers find it.
NAME, MOUNT = "vault-access", "/var/run/secrets/vault"
CA, PROGRAM, _TOKEN = "ca.crt", "aws-credentials", "token"
#: The kubelet makes a new token before this one ends; Vault looks at it when a server signs in.
_TOKEN_SECONDS = 3600


def environment(config: HubConfig) -> dict[str, str]:
    """Variables by which Vault's own tools find it too; none without Vault."""
    if config.vault is None:
        return {}
    return {"VAULT_ADDR": refs.url(config.vault.namespace), "VAULT_CACERT": f"{MOUNT}/{CA}"}


def volumes(config: HubConfig) -> list[dict[str, Any]]:
    """The one volume, as the chart takes it. The token is for Vault alone: neither AWS nor the Kubernetes API accepts it."""
    if config.vault is None:
        return []
    token = {"audience": AUDIENCE, "expirationSeconds": _TOKEN_SECONDS, "path": _TOKEN}
    return [{"name": NAME, "projected": {"sources": [{"serviceAccountToken": token}, {"configMap": {"name": NAME}}]}}]


def mounts(config: HubConfig) -> list[dict[str, Any]]:
    """Where the volume is mounted."""
    return [{"name": NAME, "mountPath": MOUNT, "readOnly": True}] if config.vault else []
