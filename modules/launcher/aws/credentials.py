"""Keys to sign with: out of the store, or found by AWS itself; as they are, or exchanged for those of a role."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.credentials import ReadOnlyCredentials
from botocore.session import Session

from modules.common.errors import HubError
from modules.launcher.aws.failures import asking
from modules.launcher.aws.sessions import make_client, make_session
from modules.launcher.protocols import Store
from modules.launcher.renewed import Clock, Renewed, now

#: A role's keys are renewed while a token that they sign still has some minutes: the shortest session is 15.
_EARLY = timedelta(minutes=5)


@dataclass(frozen=True)
class Keys:
    """What signs a request. ends: when AWS stops taking it; None for keys that do not end by themselves."""

    frozen: ReadOnlyCredentials
    ends: datetime | None = None


#: Gives the keys of this moment. Raises HubError when there are none.
Source = Callable[[], Keys]


def make_source(credentials: Any, region: str, store: Store, clock: Clock = now) -> Source:
    """Keys as `credentials` (settings.credentials.Credentials) asks for them.

    Stored keys are read anew each time they sign, which is every 13 minutes, so that rotated ones are picked up.
    """
    base = _stored(credentials.access_key, store) if credentials.access_key else _ambient(credentials.profile, region)
    return _assumed(credentials.assume_role, base, region, store, clock) if credentials.assume_role else base


def read_secret(store: Store, reference: Any) -> str:
    """The text that a SecretRef names. Raises HubError; a store's KeyError or ValueError is told as one."""
    try:
        return store.get(reference.secret_name, reference.key)
    except HubError:
        raise
    except (KeyError, ValueError) as error:
        named = f'"{reference.secret_name}"' + (f' with the key "{reference.key}"' if reference.key else "")
        raise HubError(f"the secret store gives no secret {named}", fix="add it to the store, or name another in the settings") from error


def _stored(access_key: Any, store: Store) -> Source:
    def read() -> Keys:
        id = read_secret(store, access_key.access_key_id).strip()
        return Keys(ReadOnlyCredentials(id, read_secret(store, access_key.secret_access_key).strip(), None))

    return read


def _ambient(profile: str | None, region: str) -> Source:
    found: list[Session] = []

    def read() -> Keys:
        with asking("find AWS credentials", region=region, permission="to take the role that it names"):
            if not found:
                found.append(make_session(region, profile))
            credentials = found[0].get_credentials()
            if credentials is None:
                raise HubError(
                    "there are no AWS credentials in the environment of the launcher",
                    where="runtime.credentials",
                    fix="give it a role (IRSA), sign in, or name a profile",
                )
            # The session renews what ends, ten minutes before it does; asking it each time is what makes it do so.
            frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
            return Keys(frozen, getattr(credentials, "_expiry_time", None))

    return read


def _assumed(role: Any, base: Source, region: str, store: Store, clock: Clock) -> Source:
    session = role.session_name or f"hydroplane-launch-{uuid.uuid4()}"

    def take() -> tuple[Keys, datetime]:
        extra = {"ExternalId": read_secret(store, role.external_id)} if role.external_id else {}
        with asking(f"take the role {role.role_arn}", region=region, permission="sts:AssumeRole, and in the role's trust policy"):
            given = make_client("sts", region, base().frozen).assume_role(
                RoleArn=role.role_arn, RoleSessionName=session, DurationSeconds=role.session_duration_seconds, **extra
            )["Credentials"]
        ends: datetime = given["Expiration"]
        return Keys(ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]), ends), ends

    held = Renewed(take, early=_EARLY, clock=clock)
    return lambda: held.get()[0]
