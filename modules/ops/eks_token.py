"""./hub eks-token <env>: the credential with which Terraform's providers and kubectl speak to the cluster.

A token is a signed request to STS that the API server sends on to learn who is asking; nothing is called here. Only
botocore's signer is loaded, because providers start this once for every connection.
Source: https://github.com/kubernetes-sigs/aws-iam-authenticator, "API Authorization from Outside a Cluster".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from modules.common.arn import dns_suffix
from modules.common.errors import HubError
from modules.config.models import HubConfig

_API = "client.authentication.k8s.io/v1"
_PREFIX = "k8s-aws-v1."
_CLUSTER_HEADER = "x-k8s-aws-id"
#: How long the signature says it is good. The API server takes it for 15 minutes whatever is said here.
_SIGNED_SECONDS = 60
#: One minute less than those 15, so that nobody uses a token that ends on its way.
_GOOD_FOR = timedelta(minutes=14)


def credential(config: HubConfig, environ: Mapping[str, str], now: datetime | None = None) -> str:
    """An ExecCredential as JSON for the cluster of `config`, signed by the caller that `environ` and the AWS files name.

    Raises HubError when there are no credentials.
    """
    ends = (now or datetime.now(UTC)) + _GOOD_FOR
    status = {"token": token(config, environ), "expirationTimestamp": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return json.dumps({"apiVersion": _API, "kind": "ExecCredential", "spec": {}, "status": status})


def token(config: HubConfig, environ: Mapping[str, str]) -> str:
    """The bearer token alone."""
    keyed = bool(environ.get("AWS_ACCESS_KEY_ID") or environ.get("AWS_PROFILE"))
    try:
        session = Session(profile=None if keyed else config.aws.profile)
        found = session.get_credentials()
        frozen = found.get_frozen_credentials() if found else None
    except BotoCoreError as error:
        raise HubError(f"the AWS credentials cannot be used: {error}", fix="sign in again (aws sso login) or set AWS_PROFILE") from error
    if frozen is None:
        raise HubError("there are no AWS credentials", fix="sign in (aws sso login) or set AWS_PROFILE")
    request = AWSRequest("GET", _endpoint(config.region, environ), params={"Action": "GetCallerIdentity", "Version": "2011-06-15"})
    request.headers[_CLUSTER_HEADER] = config.cluster_name
    SigV4QueryAuth(frozen, "sts", config.region, expires=_SIGNED_SECONDS).add_auth(request)
    return _PREFIX + base64.urlsafe_b64encode(str(request.url).encode()).decode().rstrip("=")


def _endpoint(region: str, environ: Mapping[str, str]) -> str:
    """STS of the region; what the environment names instead is the emulator of a rehearsal."""
    named = environ.get("AWS_ENDPOINT_URL_STS") or environ.get("AWS_ENDPOINT_URL")
    return (named or f"https://sts.{region}.{dns_suffix(region)}").rstrip("/") + "/"
