"""A person of a user pool, as Cognito tells of one, and what that means in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from modules.config.auth import CognitoAuth

INVITED, CONFIRMED, RESET, UNCONFIRMED = "FORCE_CHANGE_PASSWORD", "CONFIRMED", "RESET_REQUIRED", "UNCONFIRMED"
#: Cognito's states besides an invitation,
#: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
_WORDS = {
    CONFIRMED: "active",
    RESET: "must change password",
    UNCONFIRMED: "never confirmed the e-mail",
    "EXTERNAL_PROVIDER": "active, by another provider",
    "COMPROMISED": "blocked by Cognito",
    "ARCHIVED": "archived",
}
_FACTORS = {"SOFTWARE_TOKEN_MFA": "app", "SMS_MFA": "sms", "EMAIL_OTP": "mail"}


@dataclass(frozen=True)
class User:
    """id: Cognito's own name for the person, a random id in our pools. state: Cognito's word. changed: also by a new invitation."""

    id: str
    email: str
    verified: bool
    name: str
    state: str
    enabled: bool
    created: datetime
    changed: datetime

    @property
    def hub_name(self) -> str:
        """The name in the hub: the e-mail address (modules/hub/cognito.py), which JupyterHub writes in small letters."""
        return self.email.lower()


def user_of(answer: Mapping[str, Any]) -> User:
    """From one entry of ListUsers or AdminCreateUser, or the answer of AdminGetUser."""
    facts = {each["Name"]: each.get("Value", "") for each in answer.get("Attributes") or answer.get("UserAttributes") or ()}
    return User(
        id=answer["Username"],
        email=facts.get("email", ""),
        verified=facts.get("email_verified", "").lower() == "true",
        name=facts.get("name", ""),
        state=str(answer.get("UserStatus", "UNKNOWN")),
        enabled=bool(answer.get("Enabled", True)),
        created=answer["UserCreateDate"].astimezone(UTC),
        changed=answer["UserLastModifiedDate"].astimezone(UTC),
    )


def invited_until(user: User, days: int) -> datetime | None:
    """When the temporary password of an invitation ends; None for who needs none. days: as the pool has it.

    Counted from the last change, which sending an invitation again is; another change by hand makes it look longer than it is.
    """
    return user.changed + timedelta(days=days) if user.state == INVITED else None


def standing(user: User, days: int, now: datetime) -> str:
    """`active`, `invited until 2026-11-28`, `disabled`, ... days: how long a temporary password is good."""
    if not user.enabled:
        return "disabled"
    until = invited_until(user, days)
    if until is None:
        word = _WORDS.get(user.state, user.state.lower().replace("_", " "))
        return word if user.verified or user.state == UNCONFIRMED else f"{word}, e-mail not verified"
    return f"invited until {until:%Y-%m-%d}" if until > now else f"invitation ended {until:%Y-%m-%d}"


def factors(listed: list[str]) -> str:
    """The second factors a person set up: `app`, `sms`, `mail`, `none`."""
    return ", ".join(_FACTORS.get(each, each.lower()) for each in listed) or "none"


def is_admin(login: CognitoAuth, user: User) -> bool:
    """Whether hub.yaml makes the person an admin of the hub."""
    return user.hub_name in _names(login.admins)


def enters(login: CognitoAuth, email: str) -> bool:
    """Whether the hub lets this address in: by a list, or because being in a pool without self sign-up is being on one."""
    return not (login.self_sign_up or login.allowed) or email.lower() in _names((*login.admins, *login.allowed))


def _names(listed: tuple[str, ...]) -> set[str]:
    return {each.lower() for each in listed}
