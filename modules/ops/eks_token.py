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
from typing import Any

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError
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
#: The least that STS gives, https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_ROLE_SECONDS = 900


def credential(config: HubConfig, environ: Mapping[str, str], now: datetime | None = None) -> str:
    """An ExecCredential as JSON for the cluster of `config`, signed by the caller that `environ` and the AWS files name.

    Raises HubError as `token` does.
    """
    ends = (now or datetime.now(UTC)) + _GOOD_FOR
    status = {"token": token(config, environ), "expirationTimestamp": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return json.dumps({"apiVersion": _API, "kind": "ExecCredential", "spec": {}, "status": status})


def token(config: HubConfig, environ: Mapping[str, str]) -> str:
    """The bearer token alone, signed by the role that administers an existing cluster where hub.yaml names one.

    Raises HubError when there are no credentials, or when they may not take that role.
    """
    keyed = bool(environ.get("AWS_ACCESS_KEY_ID") or environ.get("AWS_PROFILE"))
    try:
        session = Session(profile=None if keyed else config.aws.profile)
        found = session.get_credentials()
        frozen: ReadOnlyCredentials | None = found.get_frozen_credentials() if found else None
    except BotoCoreError as error:
        raise HubError(f"the AWS credentials cannot be used: {error}", fix="sign in again (aws sso login) or set AWS_PROFILE") from error
    if frozen is None:
        raise HubError("there are no AWS credentials", fix="sign in (aws sso login) or set AWS_PROFILE")
    role = config.cluster.existing.admin_role_arn if config.cluster.existing else None
    if role:
        frozen = _assumed(session, config, role, environ)
    request = AWSRequest("GET", _endpoint(config.region, environ), params={"Action": "GetCallerIdentity", "Version": "2011-06-15"})
    request.headers[_CLUSTER_HEADER] = config.cluster_name
    SigV4QueryAuth(frozen, "sts", config.region, expires=_SIGNED_SECONDS).add_auth(request)
    return _PREFIX + base64.urlsafe_b64encode(str(request.url).encode()).decode().rstrip("=")


def _assumed(session: Session, config: HubConfig, role: str, environ: Mapping[str, str]) -> ReadOnlyCredentials:
    """The credentials of `role`, for a quarter of an hour: as long as the token they sign is good."""
    sts: Any = session.create_client("sts", region_name=config.region, endpoint_url=_endpoint(config.region, environ))
    try:
        given = sts.assume_role(RoleArn=role, RoleSessionName=f"hubsmith-{config.env}", DurationSeconds=_ROLE_SECONDS)["Credentials"]
    except (ClientError, BotoCoreError) as error:
        raise HubError(
            f"the role that administers the cluster {config.cluster_name} cannot be taken: {error}",
            where="cluster.existing.admin_role_arn",
            fix=f"let these credentials take it (sts:AssumeRole here, and in the trust policy of {role}), or leave it out of hub.yaml",
        ) from error
    return ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _endpoint(region: str, environ: Mapping[str, str]) -> str:
    """STS of the region; what the environment names instead is the emulator of a rehearsal."""
    named = environ.get("AWS_ENDPOINT_URL_STS") or environ.get("AWS_ENDPOINT_URL")
    return (named or f"https://sts.{region}.{dns_suffix(region)}").rstrip("/") + "/"
