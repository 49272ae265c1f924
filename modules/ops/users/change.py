"""./hub users disable, enable, reset: one person's way in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.failures.aws import doing
from modules.ops.say import out
from modules.ops.users.invitation import send_again
from modules.ops.users.people import INVITED, RESET, User, invited_until, is_admin, standing
from modules.ops.users.pool import Pool, open_pool
from modules.ops.users.words import day, finish, stamp

#: States in which Cognito sends a code for a new password.
_CAN_RESET = ("CONFIRMED", RESET)


def disable(root: Path, config: HubConfig, name: str, *, as_json: bool) -> int:
    """Let a person log in no more, and end their logins everywhere. Exit 0, also for who was disabled before.

    Raises HubError for somebody unknown.
    """
    pool = open_pool(root, config)
    user = pool.user(name)
    with doing(f"disable {user.hub_name}"):
        pool.client.admin_disable_user(UserPoolId=pool.id, Username=user.id)
    # Afterwards: the other way round a login could slip in between.
    with doing(f"sign out {user.hub_name}, who is disabled now"):
        pool.client.admin_user_global_sign_out(UserPoolId=pool.id, Username=user.id)
    if as_json:
        return finish(config, "disable", {"user": user.hub_name, "id": user.id, "changed": user.enabled, "signed_out": True})
    out(f"{user.hub_name}: {'disabled' if user.enabled else 'was disabled already'}, and signed out everywhere. Home and groups stay")
    # The hub keeps a login until the access token it holds has ended: 60 minutes (modules/aws/cognito.py).
    out("  the hub asks them to log in again within the hour")
    for line in [_server(config), *_still_admin(pool, user)]:
        out(f"  {line}")
    return 0


def enable(root: Path, config: HubConfig, name: str, *, as_json: bool) -> int:
    """Let a person log in again, with the password they had. Exit 0, also for who was never disabled.

    Raises HubError for somebody unknown.
    """
    pool = open_pool(root, config)
    user = pool.user(name)
    if not user.enabled:
        with doing(f"enable {user.hub_name}"):
            pool.client.admin_enable_user(UserPoolId=pool.id, Username=user.id)
    if as_json:
        return finish(config, "enable", {"user": user.hub_name, "id": user.id, "changed": not user.enabled})
    if user.enabled:
        out(f"{user.hub_name}: not disabled; nothing was changed")
        return 0
    out(f"{user.hub_name}: enabled")
    if user.state == INVITED:
        out(f"  they never logged in: ./hub users reset {config.env} {user.hub_name} sends a new invitation")
    return 0


def reset(root: Path, config: HubConfig, name: str, *, as_json: bool) -> int:
    """Send a code for a new password, or a new invitation to who never accepted the first. Exit 0.

    Raises HubError for somebody unknown, disabled, or in a state in which Cognito sends neither.
    """
    pool = open_pool(root, config)
    user = pool.user(name)
    _check_can_reset(pool, user)
    if user.state == INVITED:
        until = invited_until(send_again(pool, user), pool.temporary_days)
        sent, said = "invitation", f"a new invitation went out, good until {day(until) if until else 'it is used'}; the old one is void"
    else:
        with doing(f"reset the password of {user.hub_name}"):
            pool.client.admin_reset_user_password(UserPoolId=pool.id, Username=user.id)
        until, sent = None, "code"
        said = f"a code went out by mail; {config.hub_url} asks for it and for a new password. The old password is void"
    if as_json:
        return finish(config, "reset", {"user": user.hub_name, "id": user.id, "sent": sent, "invited_until": stamp(until)})
    out(f"{user.hub_name}: {said}")
    return 0


def _check_can_reset(pool: Pool, user: User) -> None:
    env, name = pool.config.env, user.hub_name
    if not user.enabled:
        raise HubError(f"{name} is disabled. Nothing was sent", fix=f"./hub users enable {env} {name}, then reset")
    if user.state == INVITED:
        return
    if user.state not in _CAN_RESET:
        state = standing(user, pool.temporary_days, datetime.now(UTC))
        raise HubError(f"{name}: {state}; in this state Cognito sends no code", fix="ask them to finish signing up at the hub's login")
    if not user.verified:
        raise HubError(
            f"the e-mail address of {name} is not verified, so Cognito sends no code there",
            fix="let them verify it at login, or correct it in the Cognito console",
        )


def _server(config: HubConfig) -> str:
    """A running server is a pod and knows nothing of logins."""
    culling = config.hub.culling
    idle = f"until it was idle for {culling.timeout_seconds // 60} minutes" if culling.enabled else "until somebody stops it"
    return f"a server they have running goes on {idle}; stop it at {config.hub_url}/hub/admin"


def _still_admin(pool: Pool, user: User) -> list[str]:
    if not is_admin(pool.login, user):
        return []
    return [f"still an admin in envs/{pool.config.env}/hub.yaml: take {user.hub_name} off auth.admins and run ./install.sh"]
