"""A Cognito domain belongs to one account, whoever asks how often."""

from __future__ import annotations

from typing import Any

from tests._support.emulator import ACCOUNT, Emulator


def test_the_same_account_each_time() -> None:
    with Emulator() as running:
        cognito: Any = running.session().client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="lab")["UserPool"]["Id"]
        cognito.create_user_pool_domain(UserPoolId=pool, Domain="lab-login")
        asked = [cognito.describe_user_pool_domain(Domain="lab-login")["DomainDescription"] for _ in range(2)]
    assert [each["AWSAccountId"] for each in asked] == [ACCOUNT, ACCOUNT]
    assert asked[0] == asked[1]
