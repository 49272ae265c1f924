"""Who signs the tokens of the cluster's pods: what Vault asks to know a notebook by its token."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.aws_clients import client
from modules.ops.failures.aws import doing
from modules.ops.vault.scene import Scene


def issuer_of(scene: Scene) -> str:
    """The issuer's address, with https://. Raises HubError when the cluster has none or cannot be looked at."""
    config = scene.config
    if config.cluster.existing:
        return f"https://{config.cluster.existing.oidc_issuer}"
    with doing(f"look for the cluster {config.cluster_name}"):
        found = client(scene.target.session, "eks", config.region).describe_cluster(name=config.cluster_name)["cluster"]
    issuer = (found.get("identity") or {}).get("oidc", {}).get("issuer")
    if not issuer:
        raise HubError(f"the cluster {config.cluster_name} names no issuer of tokens", fix="wait until it is ACTIVE")
    return str(issuer)
