"""What a hub expects to find in an account: the hosted zone of its domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.config.models import HubConfig


def plant(config: HubConfig, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Create what is missing, by the endpoint that `environment` names; gives the names of what was created."""
    if config.dns is None:
        return ()
    route53 = _client("route53", environment)
    zone = config.dns.zone.rstrip(".") + "."
    found = route53.list_hosted_zones_by_name(DNSName=zone, MaxItems="1")["HostedZones"]
    if any(held["Name"] == zone for held in found):
        return ()
    route53.create_hosted_zone(Name=zone, CallerReference=f"rehearsal-{config.env}")
    return (zone,)


def _client(service: str, environment: Mapping[str, str]) -> Any:
    # Only a start needs boto3; status, stop and the environment must answer without it.
    import boto3
    from botocore.config import Config
    from botocore.session import Session as Core

    # A profile of the caller's would be looked up, and may not exist; a proxy of theirs cannot reach the loopback interface.
    session: Any = boto3.Session(botocore_session=Core({"profile": (None, None, None, None)}))
    return session.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(proxies={}),
    )
