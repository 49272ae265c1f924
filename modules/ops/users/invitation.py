"""The calls that make a person and send the invitation. The temporary password is Cognito's and passes through nobody's hands."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.ops.failures.aws import Kind, doing, kind_of
from modules.ops.users.people import User, user_of
from modules.ops.users.pool import Pool

#: Cognito would send an SMS otherwise, and wants to hear that the address is verified before it sends a mail.
_BY_MAIL = ["EMAIL"]


def make(pool: Pool, email: str, *, name: str, mail: bool) -> User | None:
    """Make one person; None when somebody else just did. Raises HubError when AWS refuses, a used up mail quota by its name.

    The address counts as verified: the password goes there alone, so whoever logs in has read the mail.
    """
    facts = {"email": email, "email_verified": "true", **({"name": name} if name else {})}
    how = {} if mail else {"MessageAction": "SUPPRESS"}
    with doing(f"invite {email}"):
        try:
            answer = pool.client.admin_create_user(
                UserPoolId=pool.id,
                Username=email,
                UserAttributes=[{"Name": key, "Value": value} for key, value in facts.items()],
                DesiredDeliveryMediums=_BY_MAIL,
                **how,
            )
        except ClientError as error:
            if kind_of(error) is Kind.EXISTS:
                return None
            raise _mail_quota(error, email) or error from None
    return user_of(answer["User"])


def send_again(pool: Pool, user: User) -> User:
    """A new invitation with a new temporary password; the old one is void. Raises HubError when AWS refuses."""
    with doing(f"invite {user.email} again"):
        try:
            # By address: Cognito refuses its own id here in a pool whose names are addresses.
            answer = pool.client.admin_create_user(
                UserPoolId=pool.id, Username=user.email, MessageAction="RESEND", DesiredDeliveryMediums=_BY_MAIL
            )
        except ClientError as error:
            raise _mail_quota(error, user.email) or error from None
    return user_of(answer["User"])


def put_into(pool: Pool, user: User, groups: Sequence[str]) -> None:
    """Into each group; being in one already is fine. Raises HubError when AWS refuses."""
    for group in groups:
        with doing(f"put {user.hub_name}, who is in the pool now, into {group}"):
            pool.client.admin_add_user_to_group(UserPoolId=pool.id, Username=user.id, GroupName=group)


def _mail_quota(error: ClientError, email: str) -> HubError | None:
    if kind_of(error) is not Kind.QUOTA:
        return None
    return HubError(
        f"could not invite {email}: Cognito has sent all the mails it may send today (50 with its own sender)",
        fix="run the same command again tomorrow; who was invited is left alone",
    )
