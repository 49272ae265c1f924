"""The user pool of an env: finding it, or saying who manages the env's users instead, and what it answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.auth import CognitoAuth
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing, is_missing
from modules.ops.state import stack_state
from modules.ops.target import resolve_target, running_rehearsal
from modules.ops.users.people import User, user_of
from modules.ops.users.strangers import elsewhere

_STACK, _OUTPUT = "data", "user_pool_id"
#: What Cognito uses where a pool says nothing, in days.
_TEMPORARY_DAYS = 7
#: AdminGetUser is the only call that tells of second factors; AWS allows 120 a second,
#: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
_AT_ONCE = 4


@dataclass(frozen=True)
class Pool:
    """One user pool. client: boto3's, of cognito-idp."""

    config: HubConfig
    login: CognitoAuth
    id: str
    client: Any = field(repr=False)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The pool as AWS has it. Raises HubError when it is gone."""
        with doing(f"look at the user pool of {self.config.env}"):
            found: dict[str, Any] = self.client.describe_user_pool(UserPoolId=self.id)["UserPool"]
        return found

    @property
    def temporary_days(self) -> int:
        """How many days the password of an invitation is good."""
        policy = self.settings.get("Policies", {}).get("PasswordPolicy", {})
        return int(policy.get("TemporaryPasswordValidityDays") or _TEMPORARY_DAYS)

    @property
    def has_mfa(self) -> bool:
        """Whether anybody can have a second factor."""
        return bool(self.settings.get("MfaConfiguration", "OFF") != "OFF")

    def users(self) -> tuple[User, ...]:
        """Everybody, sorted by name in the hub."""
        with doing(f"list the users of {self.config.env}"):
            found = [user_of(each) for each in pages(self.client, "list_users", "Users", UserPoolId=self.id)]
        return tuple(sorted(found, key=lambda each: (each.hub_name, each.id)))

    def user(self, name: str) -> User:
        """By e-mail address or Cognito's own id. Raises HubError that names who is spelled alike."""
        with doing(f"look at the user {name}"):
            try:
                # A pool without case in its names still finds an address it keeps in capitals.
                return user_of(self.client.admin_get_user(UserPoolId=self.id, Username=name))
            except ClientError as error:
                if not is_missing(error):
                    raise
        raise self._nobody(name)

    def second_factors(self, users: tuple[User, ...]) -> dict[str, list[str]]:
        """What each has set up, by id; empty where the pool has no second factor."""
        if not self.has_mfa:
            return {}
        with doing(f"look at the second factors of {self.config.env}"), ThreadPoolExecutor(_AT_ONCE) as workers:
            return dict(zip([each.id for each in users], workers.map(self._factors, users), strict=True))

    def groups(self) -> tuple[str, ...]:
        """The groups that exist in the pool."""
        with doing(f"list the groups of {self.config.env}"):
            return tuple(sorted(each["GroupName"] for each in pages(self.client, "list_groups", "Groups", UserPoolId=self.id)))

    def members(self, group: str) -> frozenset[str]:
        """The ids of who is in a group."""
        with doing(f"list the group {group} of {self.config.env}"):
            listed = pages(self.client, "list_users_in_group", "Users", UserPoolId=self.id, GroupName=group)
            return frozenset(each["Username"] for each in listed)

    def _factors(self, user: User) -> list[str]:
        try:
            return list(self.client.admin_get_user(UserPoolId=self.id, Username=user.id).get("UserMFASettingList") or [])
        except ClientError as error:
            # Somebody removed the person between the two calls.
            if is_missing(error):
                return []
            raise

    def _nobody(self, name: str) -> HubError:
        listed = f"./hub users list {self.config.env}"
        close = _alike(name.lower(), [each.hub_name for each in self.users()])
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        return HubError(f'{self.config.env} has no user "{name}"{hint}', fix=f"{listed} shows who there is; ./hub users add invites")


def login_of(config: HubConfig) -> CognitoAuth:
    """The env's Cognito settings. Raises HubError that says who manages the users of an env with another login."""
    if config.cognito is None:
        raise elsewhere(config)
    return config.cognito


def open_pool(root: Path, config: HubConfig) -> Pool:
    """The pool of `config`. Raises HubError when it has another login or is not installed; looking starts no rehearsal."""
    login = login_of(config)
    install = f"./install.sh {config.env}"
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run, so it has no users", fix=install)
    target = resolve_target(root, config)
    state = stack_state(target.session, config, f"{config.env}-{_STACK}")
    id = state.outputs.get(_OUTPUT) if state else None
    if not id:
        raise HubError(f"{config.env} has no user pool yet: its stack {_STACK} is not installed", fix=install)
    return Pool(config, login, str(id), client(target.session, "cognito-idp", config.region))


def _alike(name: str, known: list[str]) -> list[str]:
    """Addresses whose part before the @ is spelled like that of `name`; one domain is everybody's and says nothing."""
    people: dict[str, list[str]] = {}
    for each in known:
        people.setdefault(each.partition("@")[0], []).append(each)
    return [each for part in get_close_matches(name.partition("@")[0], people, n=3, cutoff=0.6) for each in people[part]]
