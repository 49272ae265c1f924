"""botocore as the launcher uses it: explicit keys or AWS's own search, short waits, the region's own endpoints."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.loaders import Loader, create_loader
from botocore.session import Session

#: A call that AWS does not answer in this time fails; its caller has a thread of the server.
_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def make_session(region: str, profile: str | None = None) -> Session:
    """A session of its own; STS is asked in `region`, not in Virginia, also by what a session does by itself (IRSA, profiles)."""
    session = Session(profile=profile)
    session.register_component("data_loader", _loader())
    session.set_config_variable("region", region)
    session.set_config_variable("sts_regional_endpoints", "regional")
    return session


@lru_cache(maxsize=1)
def _loader() -> Loader:
    """AWS's descriptions of its services, parsed once rather than for each session."""
    return create_loader()


def make_client(service: str, region: str, keys: ReadOnlyCredentials) -> Any:
    """A client that signs with `keys`. Its endpoint is the region's, or what AWS_ENDPOINT_URL names."""
    return make_session(region).create_client(
        service,
        region_name=region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=_CONFIG,
    )


def sts_endpoint(region: str) -> str:
    """The URL of STS with a slash at its end, as the region, the partition and the environment have it."""
    nobody = ReadOnlyCredentials("nobody", "nobody", None)
    return str(make_client("sts", region, nobody).meta.endpoint_url).rstrip("/") + "/"
