"""An env with a Cognito login whose pool (moto, completed as in a rehearsal) and state are inside this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from joserfc.jwk import RSAKey
from moto import mock_aws
from moto.cognitoidp.responses import CognitoIdpResponse

from modules.config.models import HubConfig
from modules.ops.target import Target
from modules.rehearsal.emulator import cognito_users
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session

#: What modules/aws/cognito.py asks of a pool, as far as these verbs can tell.
POOL = {
    "PoolName": "lab",
    "UsernameAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "MfaConfiguration": "OPTIONAL",
    "Policies": {"PasswordPolicy": {"MinimumLength": 14, "TemporaryPasswordValidityDays": 3}},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
}
PASSWORD = "Never-shown-1234"


def cognito_config(**auth: Any) -> HubConfig:
    """An env with a Cognito login; keyword arguments replace fields of auth."""
    login = {"kind": "cognito", "admins": ["Boss@lab.test"], "groups": ["gpu", "staff"], "password": {"temporary_days": 3}}
    return make_config(auth=login | auth)


@pytest.fixture(scope="session")
def signing_key() -> Callable[[Any], RSAKey]:
    """moto reads the one key it has anew for every pool, at a tenth of a second each time."""
    read, kept = RSAKey.import_key, []

    def once(content: Any) -> RSAKey:
        if not kept:
            kept.append(read(content))
        return kept[0]

    return once


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, signing_key: Callable[[Any], RSAKey]) -> Iterator[boto3.Session]:
    """A session whose calls end in moto, its users completed."""
    monkeypatch.setattr("moto.cognitoidp.models.jwk.RSAKey.import_key", signing_key)
    before = dict(vars(CognitoIdpResponse))
    with mock_aws():
        cognito_users.install()
        yield new_session()
    for name, value in before.items():
        if vars(CognitoIdpResponse).get(name) is not value:
            setattr(CognitoIdpResponse, name, value)


@pytest.fixture
def config(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> HubConfig:
    """The env, found by every verb."""
    found = Target({}, {}, session, ACCOUNT, False, "account in moto")
    monkeypatch.setattr("modules.ops.users.pool.resolve_target", lambda root, config: found)
    return cognito_config()


class People:
    """The pool, looked at and changed behind the program's back."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self.client: Any = session.client("cognito-idp", region_name=config.region)
        self.pool = self.client.create_user_pool(**POOL)["UserPool"]["Id"]
        for group in ("gpu", "staff"):
            self.client.create_group(UserPoolId=self.pool, GroupName=group)

    def add(self, email: str, *, active: bool = True, **facts: str) -> str:
        """Somebody who is in the pool already; the id. active: who has chosen a password."""
        attributes = {"email": email, "email_verified": "true", **facts}
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        made = self.client.admin_create_user(UserPoolId=self.pool, Username=email, UserAttributes=listed, MessageAction="SUPPRESS")
        if active:
            self.client.admin_set_user_password(UserPoolId=self.pool, Username=email, Password=PASSWORD, Permanent=True)
        return str(made["User"]["Username"])

    def get(self, email: str) -> dict[str, Any]:
        """AdminGetUser."""
        found: dict[str, Any] = self.client.admin_get_user(UserPoolId=self.pool, Username=email)
        return found

    def facts(self, email: str) -> dict[str, str]:
        """The attributes."""
        return {each["Name"]: each["Value"] for each in self.get(email)["UserAttributes"]}

    def all(self) -> list[str]:
        """Every address, sorted."""
        users = self.client.list_users(UserPoolId=self.pool)["Users"]
        return sorted(each["Value"] for user in users for each in user["Attributes"] if each["Name"] == "email")

    def groups(self, email: str) -> list[str]:
        """The groups of one."""
        found = self.client.admin_list_groups_for_user(UserPoolId=self.pool, Username=email)["Groups"]
        return sorted(each["GroupName"] for each in found)


@pytest.fixture
def write_state(session: boto3.Session) -> Callable[..., None]:
    """Writes the state of stack data, as an install leaves it."""

    def write(config: HubConfig, **outputs: str) -> None:
        s3 = session.client("s3", region_name=config.region)
        s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
        body = {"version": 4, "serial": 1, "resources": [], "outputs": {name: {"value": value} for name, value in outputs.items()}}
        s3.put_object(Bucket=config.state_bucket, Key=f"{config.env}/{config.env}-data.tfstate", Body=json.dumps(body))

    return write


@pytest.fixture
def people(session: boto3.Session, config: HubConfig, write_state: Callable[..., None]) -> People:
    """The env's pool, installed."""
    made = People(session, config)
    write_state(config, user_pool_id=made.pool)
    return made


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, Any]]:
    """The one JSON object."""

    def read() -> dict[str, Any]:
        (line,) = capsys.readouterr().out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    return read
