"""Who asks: what AWS says of the credentials, and the user or role whose policies decide about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modules.ops.failures.aws import doing
from modules.ops.preflight.check import Context

Kind = Literal["user", "role", "root", "federated"]

#: First part of the resource in an ARN → what it is,
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
_KINDS: dict[str, Kind] = {"user": "user", "assumed-role": "role", "root": "root"}


@dataclass(frozen=True)
class Caller:
    """arn: as STS gives it. name: of the user or role, without its path."""

    arn: str
    account: str
    kind: Kind
    name: str

    @property
    def shown(self) -> str:
        """`role/deployer (session ci)`, `user/ada`, `the account's root user`."""
        resource = self.arn.split(":", 5)[-1]
        if self.kind == "root":
            return "the account's root user"
        return f"role/{self.name} (session {resource.rpartition('/')[2]})" if self.kind == "role" else resource


def caller(context: Context) -> Caller:
    """The caller, asked for once for all checks. Raises HubError when the credentials do not work."""
    return context.once("caller", lambda: _ask(context))


def principal_arn(context: Context, who: Caller) -> str | None:
    """The ARN under which IAM keeps the caller's policies; None for root, and for federated users, who have none of their own.

    A session's ARN leaves out the path of its role (an SSO role has one), so IAM is asked. Raises HubError when it does not say.
    """
    if who.kind == "user":
        return who.arn
    if who.kind != "role":
        return None
    with doing(f"look up role {who.name}"):
        return str(context.client("iam").get_role(RoleName=who.name)["Role"]["Arn"])


def read_caller(arn: str, account: str) -> Caller:
    """What the ARN of GetCallerIdentity says. What is neither user, role nor root has policies that belong to its session alone."""
    kind, _, rest = arn.split(":", 5)[-1].partition("/")
    found = _KINDS.get(kind, "federated")
    return Caller(arn, account, found, rest.partition("/")[0] if found == "role" else rest.rpartition("/")[2])


def _ask(context: Context) -> Caller:
    with doing("ask AWS who we are"):
        said = context.client("sts").get_caller_identity()
    return read_caller(str(said["Arn"]), str(said["Account"]))
