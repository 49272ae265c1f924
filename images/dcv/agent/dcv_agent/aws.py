"""AWS clients of boto3's own credential chain, whose failures are sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from dcv_agent.errors import Trouble

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


class Aws:
    """One service's client.

    Credentials come from boto3's default chain: under IRSA it reads the web identity token from its file each time it asks STS,
    so a rotated token needs nothing from us. A session that AWS calls expired before its time is dropped and made anew.
    """

    def __init__(self, service: str, region: str) -> None:
        self._service, self._region = service, region
        self._client: Any = None

    @contextmanager
    def calls(self, what: str) -> Iterator[Any]:
        """The client, for calls about `what` (a name, never a value); Trouble names the call, the error code and `what`."""
        try:
            self._client = self._client or self._made()
            yield self._client
        except ClientError as problem:
            code = str(problem.response.get("Error", {}).get("Code", "unknown"))
            if code in _EXPIRED:
                self._client = None
            raise Trouble(f"AWS: {_answered(problem.operation_name, what, code)}", code=code) from None
        except BotoCoreError as problem:
            kind = type(problem).__name__
            raise Trouble(f"AWS: {self._service} for {what} got no answer ({kind})", code=kind) from None
        except RuntimeError:
            # botocore's answer to credentials that are past their time when they arrive.
            raise Trouble("AWS: fresh credentials are expired already: is the node's clock right?", code="clock") from None
        except OSError as problem:
            raise Trouble(f"AWS: the pod's web identity token cannot be read: {problem.strerror}", code="token") from None

    def _made(self) -> Any:
        # Few retries inside a call: the agent's loop waits, says so, and tries again.
        config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
        session: Any = boto3.session.Session(region_name=self._region)
        return session.client(self._service, config=config)


def _answered(operation: str, what: str, code: str) -> str:
    if operation == "AssumeRoleWithWebIdentity":
        return f"AssumeRoleWithWebIdentity answered {code}: the token of the pod or the trust policy of its role is refused"
    advice = ": the pod's role must allow it" if code in _DENIED else ""
    return f"{operation} of {what} answered {code}{advice}"
