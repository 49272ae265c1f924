"""Where the cluster's API is, and whose certificate it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from modules.common.errors import HubError
from modules.launcher.aws.credentials import Keys
from modules.launcher.aws.failures import asking
from modules.launcher.aws.sessions import make_client

_SHOWN = 5


@dataclass(frozen=True)
class Cluster:
    """endpoint: an https URL. certificate: the base64 text of a PEM bundle, as EKS gives it."""

    endpoint: str
    certificate: str


def find_cluster(name: str, region: str, keys: Keys) -> Cluster:
    """The cluster as EKS describes it. Raises HubError: no such cluster there, not ready, access denied, unreachable."""
    client = make_client("eks", region, keys.frozen)
    with asking(f"describe the cluster {name}", region=region, permission="eks:DescribeCluster"):
        try:
            found = client.describe_cluster(name=name)["cluster"]
        except client.exceptions.ResourceNotFoundException:
            raise HubError(
                f'there is no cluster "{name}" in {region}{_others(client)}',
                where="runtime.cluster_name",
                fix="correct cluster_name or region",
            ) from None
    if not found.get("endpoint") or not found.get("certificateAuthority", {}).get("data"):
        raise HubError(
            f'the cluster "{name}" is {str(found.get("status", "not ready")).lower()} and has no endpoint yet',
            where="runtime.cluster_name",
            fix="wait until it is active",
        )
    return Cluster(found["endpoint"], found["certificateAuthority"]["data"])


def _others(client: Any) -> str:
    """What there is instead, where these credentials may see it."""
    try:
        names = client.list_clusters(maxResults=_SHOWN)["clusters"]
    except (ClientError, BotoCoreError, ResponseParserError):
        return ""
    return f" (there is: {', '.join(names)})" if names else " (there is none)"
