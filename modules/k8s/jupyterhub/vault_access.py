"""The ConfigMap by which users' servers know Vault's certificate and ask it for credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modules.cdk import Stack, aws, kubernetes, literal
from modules.common import vault as refs
from modules.config.models import HubConfig
from modules.k8s.jupyterhub.vault import CA, NAME, PROGRAM

_SOURCE = Path(__file__).resolve().parents[2] / "hub" / "server" / "vault_credentials.py"


class VaultAccess:
    """The ConfigMap with Vault's CA and the program; no secret is in it."""

    def __init__(self, stack: Stack, config: HubConfig, *, namespace: str) -> None:
        ca = aws.data_aws_secretsmanager_secret_version.DataAwsSecretsmanagerSecretVersion(
            stack, refs.CA_SECRET, secret_id=f"{config.deployment}/{refs.CA_SECRET}"
        )
        ns = kubernetes.config_map_v1
        self.resource: Any = ns.ConfigMapV1(
            stack,
            NAME,
            metadata=ns.ConfigMapV1Metadata(name=NAME, namespace=namespace),
            # The provider calls every value of a secret sensitive; a certificate is none.
            data={CA: f"${{nonsensitive({ca.fqn}.secret_string)}}", PROGRAM: literal(_SOURCE.read_text(encoding="utf-8"))},
        )
