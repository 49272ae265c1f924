"""What AWS refuses, as one sentence with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ProfileNotFound
from botocore.parsers import ResponseParserError

from modules.common.errors import HubError

_UNKNOWN_KEY = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"}
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


@contextmanager
def asking(what: str, *, region: str, permission: str) -> Iterator[None]:
    """Turn AWS's errors into HubError. what: `describe the cluster a`; permission: the action that it needs."""
    try:
        yield
    except ClientError as error:
        raise _refused(what, permission, error) from error
    except ProfileNotFound as error:
        raise HubError(
            "there is no such AWS profile", where="runtime.credentials.profile", fix="name a profile of ~/.aws/config"
        ) from error
    except EndpointConnectionError as error:
        raise HubError(
            f"AWS cannot be reached in {region}: {error}",
            where="runtime.region",
            fix="see to the network, and that the region is the cluster's",
        ) from error
    except ResponseParserError as error:
        raise HubError(
            f"cannot {what}: what answers in {region} is not AWS",
            where="runtime.region",
            fix="see to proxies on the way (HTTPS_PROXY, NO_PROXY)",
        ) from error
    except BotoCoreError as error:
        raise HubError(f"cannot {what}: {error}", fix="see to the network and to the AWS credentials, then start again") from error


def _refused(what: str, permission: str, error: ClientError) -> HubError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in _UNKNOWN_KEY:
        return HubError(
            f"cannot {what}: AWS does not know this access key, or its secret does not fit",
            where="runtime.credentials",
            fix="store the right key: local-secret-store add --overwrite -f creds.json NAME",
        )
    if code in _EXPIRED:
        return HubError(
            f"cannot {what}: the credentials have expired", where="runtime.credentials", fix="sign in again, and look at the clock"
        )
    if code in _DENIED:
        return HubError(f"cannot {what}: access denied", where="runtime.credentials", fix=f"allow these credentials {permission}")
    return HubError(f"cannot {what}: AWS answered {code}", where="runtime.credentials", fix="try again; then look at the AWS status page")
