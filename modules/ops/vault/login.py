"""Who speaks to Vault: the token somebody gives, the root token of init, or the person's own AWS credentials."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.failures.aws import doing
from modules.ops.vault import policies, wanted
from modules.ops.vault.client import Vault
from modules.ops.vault.refusals import Answered
from modules.ops.vault.scene import Scene

#: Where Vault's own command line finds a token too.
TOKEN = "VAULT_TOKEN"
_BODY = "Action=GetCallerIdentity&Version=2011-06-15"


@dataclass(frozen=True)
class Caller:
    """is_root: whether the token of init is in use, which ends with configure."""

    is_root: bool = False


@contextmanager
def signed_in(scene: Scene, vault: Vault, *, root_first: bool = False) -> Iterator[Caller]:
    """Vault with a token, for the length of the block. A token made for it is revoked at its end.

    root_first: take the token of init where one is left (configure). Raises HubError that says who may sign in.
    """
    vault.check_open("sign in to Vault")
    given = os.environ.get(TOKEN, "")
    root = scene.keeper.root_token() if root_first and not given else ""
    if given or root:
        vault.use(given or root)
        yield Caller(is_root=bool(root))
        return
    vault.use(_by_aws(scene, vault))
    try:
        yield Caller()
    finally:
        vault.write("auth/token/revoke-self", "end the session with Vault", {})
        vault.use("")


def _by_aws(scene: Scene, vault: Vault) -> str:
    """A token for the role of admins, by a call to STS that these credentials sign and Vault makes in their place."""
    try:
        answer = vault.write(
            "auth/aws/login", "sign in to Vault", {"role": policies.ADMIN_ROLE, **_signed(scene.config, scene.target.session)}
        )
    except Answered as error:
        raise _turned_away(scene, error) from None
    return str(answer["auth"]["client_token"])


def _signed(config: HubConfig, session: Any) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    url = f"https://{wanted.sts_host(config)}/"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", wanted.SERVER_ID_HEADER: wanted.server_id(config)}
    request = AWSRequest("POST", url, data=_BODY, headers={**headers, "Host": wanted.sts_host(config)})
    with doing("find the AWS credentials"):
        credentials = session.get_credentials()
        if credentials is None:
            raise HubError("there are no AWS credentials to sign in to Vault with", fix="sign in (aws sso login) or set AWS_PROFILE")
        SigV4Auth(credentials.get_frozen_credentials(), "sts", config.region).add_auth(request)
    return {
        "iam_http_request_method": "POST",
        "iam_request_url": _encoded(url),
        "iam_request_body": _encoded(_BODY),
        "iam_request_headers": _encoded(json.dumps({name: [value] for name, value in request.headers.items()})),
    }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _turned_away(scene: Scene, error: HubError) -> HubError:
    env = scene.config.env
    known = wanted.admins(scene.config)
    if not known:
        fix = f"name who may in cluster.admins of envs/{env}/hub.yaml, then run ./hub vault configure {env} with a token in {TOKEN}"
        return HubError(f"{error.what}. hub.yaml names no admins", fix=fix)
    who = ", ".join(known)
    return HubError(
        f"{error.what}. Admins of Vault are: {who}",
        fix=f"sign in to AWS as one of them, or set {TOKEN}; if nobody ever did, ./hub vault configure {env}",
    )
