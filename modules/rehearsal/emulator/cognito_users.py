"""Cognito's users where moto differs: names without case, invitations sent again, times of changes, signing out by any name."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused, now

_answers = Answers()


def install() -> None:
    """Complete moto's users."""
    from moto.cognitoidp.responses import CognitoIdpResponse

    _answers.install(CognitoIdpResponse)


@_answers("AdminCreateUser")
def _create(call: Call) -> Document:
    """moto makes a second person when an invitation is sent again."""
    resend = call.get("MessageAction") == "RESEND"
    if "@" not in call["Username"] and _pool(call).extended_config.get("UsernameAttributes"):
        raise Refused("InvalidParameterException", "Username should be an email.")
    found = _find(call, call["Username"])
    if not resend:
        if found is not None:
            raise Refused("UsernameExistsException", "An account with the given email already exists.")
        return {"User": _made(call).to_json(extended=True)}
    user = _user(call)
    if user.status != "FORCE_CHANGE_PASSWORD":
        raise Refused("UnsupportedUserStateException", "Resend not possible. Current status is not FORCE_CHANGE_PASSWORD")
    return {"User": _touched(user).to_json(extended=True)}


@_answers("AdminGetUser")
def _get(call: Call) -> Document:
    return dict(_user(call).to_json(extended=True, attributes_key="UserAttributes"))


@_answers("AdminDisableUser")
def _disable(call: Call) -> Document:
    _touched(_user(call)).enabled = False
    return {}


@_answers("AdminEnableUser")
def _enable(call: Call) -> Document:
    _touched(_user(call)).enabled = True
    return {}


@_answers("AdminUserGlobalSignOut")
def _sign_out(call: Call) -> Document:
    """moto ends only the logins made with the very name that is given here."""
    user = _user(call)
    for name in {user.username, user.attribute_lookup.get("email", "")}:
        _pool(call).sign_out(name)
    return {}


def _made(call: Call) -> Any:
    return _cognito(call).admin_create_user(
        call["UserPoolId"], call["Username"], call.get("MessageAction"), call.get("TemporaryPassword"), call.get("UserAttributes", [])
    )


def _touched(user: Any) -> Any:
    user.last_modified_date = now()
    return user


def _user(call: Call) -> Any:
    """By id or address. Raises Refused when there is none."""
    found = _find(call, call["Username"])
    if found is None:
        raise Refused("UserNotFoundException", "User does not exist.")
    return found


def _find(call: Call, name: str) -> Any | None:
    pool = _pool(call)
    sensitive = (pool.extended_config.get("UsernameConfiguration") or {}).get("CaseSensitive", True)
    for user in pool.users.values():
        names = {user.username, *(user.attribute_lookup.get(each, "") for each in pool.extended_config.get("UsernameAttributes") or ())}
        if name in names or (not sensitive and name.lower() in {each.lower() for each in names}):
            return user
    return None


def _pool(call: Call) -> Any:
    return _cognito(call).describe_user_pool(call["UserPoolId"])


def _cognito(call: Call) -> Any:
    from moto.cognitoidp.models import cognitoidp_backends

    return cognitoidp_backends[call.account][call.region]
