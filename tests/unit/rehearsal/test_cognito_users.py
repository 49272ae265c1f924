"""Users of a pool, call by call, where moto alone answers otherwise than Cognito."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests._support.emulator import Emulator

PASSWORD = "Never-shown-1234"


@pytest.fixture
def cognito(emulator: Emulator) -> Any:
    """A client."""
    return emulator.session().client("cognito-idp")


@pytest.fixture
def pool(cognito: Any) -> str:
    """A pool whose names are addresses without case, with one who was invited."""
    made = cognito.create_user_pool(PoolName="lab", UsernameAttributes=["email"], UsernameConfiguration={"CaseSensitive": False})
    cognito.admin_create_user(UserPoolId=made["UserPool"]["Id"], Username="Ada@lab.test")
    return str(made["UserPool"]["Id"])


def _count(cognito: Any, pool: str) -> int:
    return len(cognito.list_users(UserPoolId=pool)["Users"])


def test_an_invitation_sent_again_makes_nobody(cognito: Any, pool: str) -> None:
    before = cognito.admin_get_user(UserPoolId=pool, Username="Ada@lab.test")
    again = cognito.admin_create_user(UserPoolId=pool, Username="ada@lab.test", MessageAction="RESEND")["User"]
    assert (again["Username"], again["UserStatus"]) == (before["Username"], "FORCE_CHANGE_PASSWORD")
    assert again["UserLastModifiedDate"] > before["UserLastModifiedDate"]
    assert _count(cognito, pool) == 1


@pytest.mark.parametrize("name", ["ada@lab.test", "ADA@LAB.TEST"])
def test_names_have_no_case(cognito: Any, pool: str, name: str) -> None:
    found = cognito.admin_get_user(UserPoolId=pool, Username=name)
    assert {each["Name"]: each["Value"] for each in found["UserAttributes"]}["email"] == "Ada@lab.test"
    with pytest.raises(ClientError, match="UsernameExistsException"):
        cognito.admin_create_user(UserPoolId=pool, Username=name)


def test_names_have_case_where_the_pool_says_so(cognito: Any) -> None:
    pool = cognito.create_user_pool(PoolName="old", UsernameAttributes=["email"])["UserPool"]["Id"]
    for name in ("Ada@lab.test", "ada@lab.test"):
        cognito.admin_create_user(UserPoolId=pool, Username=name)
    assert _count(cognito, pool) == 2


@pytest.mark.parametrize("by_id", [True, False], ids=["by id", "by address"])
def test_disabled_changed_and_signed_out_by_any_name(cognito: Any, pool: str, by_id: bool) -> None:
    before = cognito.admin_get_user(UserPoolId=pool, Username="ada@lab.test")
    cognito.admin_set_user_password(UserPoolId=pool, Username="Ada@lab.test", Password=PASSWORD, Permanent=True)
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="c")["UserPoolClient"]["ClientId"]
    login = {"USERNAME": "Ada@lab.test", "PASSWORD": PASSWORD}
    made = cognito.admin_initiate_auth(UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_NO_SRP_AUTH", AuthParameters=login)
    name = before["Username"] if by_id else "ada@lab.test"
    cognito.admin_user_global_sign_out(UserPoolId=pool, Username=name)
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        cognito.get_user(AccessToken=made["AuthenticationResult"]["AccessToken"])
    for call, enabled in ((cognito.admin_disable_user, False), (cognito.admin_enable_user, True)):
        call(UserPoolId=pool, Username=name)
        after = cognito.admin_get_user(UserPoolId=pool, Username=name)
        assert after["Enabled"] is enabled
        assert after["UserLastModifiedDate"] > before["UserLastModifiedDate"]


@pytest.mark.parametrize(
    ("operation", "words", "code"),
    [
        ("admin_create_user", {"Username": "nobody"}, "InvalidParameterException"),
        ("admin_create_user", {"Username": "no@lab.test", "MessageAction": "RESEND"}, "UserNotFoundException"),
        ("admin_create_user", {"Username": "cy@lab.test", "MessageAction": "RESEND"}, "UnsupportedUserStateException"),
        ("admin_get_user", {"Username": "no@lab.test"}, "UserNotFoundException"),
        ("admin_disable_user", {"Username": "no@lab.test"}, "UserNotFoundException"),
        ("admin_enable_user", {"Username": "no@lab.test"}, "UserNotFoundException"),
        ("admin_user_global_sign_out", {"Username": "no@lab.test"}, "UserNotFoundException"),
        ("admin_get_user", {"UserPoolId": "eu-west-1_none", "Username": "ada@lab.test"}, "ResourceNotFoundException"),
    ],
)
def test_refusals(cognito: Any, pool: str, operation: str, words: dict[str, str], code: str) -> None:
    cognito.admin_create_user(UserPoolId=pool, Username="cy@lab.test")
    cognito.admin_set_user_password(UserPoolId=pool, Username="cy@lab.test", Password=PASSWORD, Permanent=True)
    with pytest.raises(ClientError) as caught:
        getattr(cognito, operation)(**{"UserPoolId": pool, **words})
    assert caught.value.response["Error"]["Code"] == code
