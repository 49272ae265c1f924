"""AWS credentials of this server's user, from Vault, printed as AWS tools want them of a credential_process.

The pod says who it is by a token that the cluster made for it; the user's role is in the policy that Vault answers with.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

#: As modules/common/servers.py and modules/common/vault.py have them; a test holds them together.
LOGIN, ENGINE, ROLE_PREFIX = "hub", "aws", "userrole-"
#: The pod's token, beside the CA that VAULT_CACERT names.
TOKEN = "token"
_SECONDS = 30


class Refused(Exception):
    """No credentials; the message is for the user."""


def main() -> int:
    """Print the credentials as JSON, or one sentence on standard error. Exit 0 or 1."""
    try:
        sys.stdout.write(json.dumps(credentials()) + "\n")
    except Refused as refused:
        sys.stderr.write(f"vault: {refused}\n")
        return 1
    return 0


def credentials() -> dict[str, Any]:
    """What https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html asks for. Raises Refused."""
    authority = Path(os.environ["VAULT_CACERT"])
    pod = os.environ.get("HOSTNAME") or socket.gethostname()
    jwt = (authority.parent / TOKEN).read_text(encoding="ascii").strip()
    found = _ask(authority, f"auth/{LOGIN}/login", {"role": pod, "jwt": jwt}, "")["auth"]
    role = next((each for each in found["token_policies"] if each.startswith(ROLE_PREFIX)), None)
    if role is None:
        raise Refused("this login carries no role. Ask the people who run this hub to link you again")
    answer = _ask(authority, f"{ENGINE}/sts/{role}", None, found["client_token"])
    # datetime.UTC is younger than the Python of many images.
    now = datetime.now(timezone.utc)  # noqa: UP017
    given, end = answer["data"], now + timedelta(seconds=int(answer["lease_duration"]))
    return {
        "Version": 1,
        "AccessKeyId": given["access_key"],
        "SecretAccessKey": given["secret_key"],
        # Older servers know the second name alone.
        "SessionToken": given.get("session_token") or given["security_token"],
        "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _ask(authority: Path, path: str, body: dict[str, str] | None, token: str) -> dict[str, Any]:
    """One call: POST with a body, GET without."""
    request = urllib.request.Request(
        f"{os.environ['VAULT_ADDR']}/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Vault-Request": "true", **({"X-Vault-Token": token} if token else {})},
    )
    context = ssl.create_default_context(cafile=str(authority))
    # Vault is in this cluster: a proxy of the environment would not find it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise Refused(_words(error)) from None
    except OSError as error:
        raise Refused(f"Vault does not answer ({error}). Try again in a minute") from None


def _words(error: urllib.error.HTTPError) -> str:
    try:
        said = "; ".join(json.load(error)["errors"])
    except (ValueError, KeyError):
        said = str(error.reason)
    if "could not be found" in said:
        return "you are not linked to a role. Ask the people who run this hub (./hub vault link-user)"
    if "AccessDenied" in said:
        return f"your role does not trust Vault yet, or no longer ({said})"
    return said


if __name__ == "__main__":
    sys.exit(main())
