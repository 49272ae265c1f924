"""./hub roles against moto: roles as the file says, missing, changed by hand; what is shown and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.config.roles import role_name
from modules.iam import app, trust
from modules.ops.aws_clients import Clients
from modules.ops.roles import listing
from modules.ops.roles.deployed import deployed_roles, same
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session

ROOT = Path("/nowhere")
READ_ONLY = f"arn:aws:iam::{ACCOUNT}:policy/read-only"
ROLES: dict[str, Any] = {
    "data": {
        "name": "lab_DataRole",
        "service_accounts": ["jupyterhub:daft", "ray:default-daft"],
        "buckets": [{"name": "open-data", "prefix": "team", "access": "write"}, {"name": "other"}],
        "statements": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-2:123456789012:q"}],
    },
    "wide": {"allow_patterns": True, "service_accounts": ["ray:*-daft"], "managed_policies": [READ_ONLY]},
}


@pytest.fixture
def config() -> HubConfig:
    return make_config(roles=ROLES)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """An account with a cluster, which is where the commands look."""
    with mock_aws():
        session = new_session()
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
        session.client("iam").create_policy(PolicyName="read-only", PolicyDocument=json.dumps(document))
        monkeypatch.setattr(listing, "resolve_target", lambda *_: Target({}, {}, session, ACCOUNT, False, "here"))
        yield Clients(session, "us-east-2")


def cluster(config: HubConfig, clients: Clients) -> tuple[str, str]:
    """A cluster; the ARN of its provider and the name of its issuer."""
    role = "arn:aws:iam::123456789012:role/any"
    made = clients.get("eks").create_cluster(name=config.cluster_name, roleArn=role, resourcesVpcConfig={"subnetIds": []})
    issuer = made["cluster"]["identity"]["oidc"]["issuer"].removeprefix("https://")
    return f"arn:aws:iam::{clients.account}:oidc-provider/{issuer}", issuer


def install(config: HubConfig, clients: Clients) -> None:
    """The roles as an install makes them."""
    provider, issuer = cluster(config, clients)
    iam = clients.get("iam")
    for key, role in config.roles.items():
        name = role_name(config, key)
        document = json.dumps(app.role_trust(role, provider_arn=provider, issuer=issuer))
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Path=f"/hubsmith/{config.deployment}/")
        policy = app.role_policy(role, partition="aws")
        if policy:
            iam.put_role_policy(RoleName=name, PolicyName=app.POLICY, PolicyDocument=json.dumps(policy))
        for arn in role.managed_policies:
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def test_what_an_install_made_is_as_the_file_says(config: HubConfig, clients: Clients) -> None:
    install(config, clients)
    found = deployed_roles(config, clients)
    assert {key: each.differs for key, each in found.items()} == {"data": (), "wide": ()}
    assert found["data"].arn == f"arn:aws:iam::{ACCOUNT}:role/hubsmith/{config.deployment}/lab_DataRole"
    assert listing.roles(ROOT, config, check=True, as_json=True) == 0


def put_trust(iam: Any, document: Any) -> None:
    iam.update_assume_role_policy(RoleName="lab_DataRole", PolicyDocument=json.dumps(document))


def other_account(iam: Any, provider: str, issuer: str) -> None:
    put_trust(iam, trust.irsa_many(provider, issuer, ["jupyterhub:daft", "ray:default-daft", "default:evil"]))


def other_issuer(iam: Any, provider: str, issuer: str) -> None:
    put_trust(iam, trust.irsa_many(f"{provider}2", f"{issuer}2", ["jupyterhub:daft", "ray:default-daft"]))


def a_pattern(iam: Any, provider: str, issuer: str) -> None:
    put_trust(iam, trust.irsa_pattern(provider, issuer, ["jupyterhub:daft", "ray:default-daft"]))


def other_policy(iam: Any, *_: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="lab_DataRole", PolicyName=app.POLICY, PolicyDocument=json.dumps(document))


def no_policy(iam: Any, *_: str) -> None:
    iam.delete_role_policy(RoleName="lab_DataRole", PolicyName=app.POLICY)


def further_policy(iam: Any, *_: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="lab_DataRole", PolicyName="by-hand", PolicyDocument=json.dumps(document))


def attached(iam: Any, *_: str) -> None:
    iam.attach_role_policy(RoleName="lab_DataRole", PolicyArn=READ_ONLY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_account, "trusts others than the file says"),
        (other_issuer, "trusts others than the file says"),
        (a_pattern, "trusts others than the file says"),
        (other_policy, "may do other things than the file says"),
        (no_policy, "may do other things than the file says"),
        (further_policy, "has further policies: by-hand"),
        (attached, f"has {READ_ONLY} besides"),
    ],
)
def test_what_was_changed_by_hand_is_said(
    config: HubConfig, clients: Clients, change: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(config, clients)
    issuer = clients.get("eks").describe_cluster(name=config.cluster_name)["cluster"]["identity"]["oidc"]["issuer"].removeprefix("https://")
    change(clients.get("iam"), f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}", issuer)
    assert deployed_roles(config, clients)["data"].differs == (said,)
    assert listing.roles(ROOT, config, check=False, as_json=False) == 0
    assert listing.roles(ROOT, config, check=True, as_json=False) == 1
    assert said in capsys.readouterr().out


def test_a_managed_policy_that_was_taken_away_is_said(config: HubConfig, clients: Clients) -> None:
    install(config, clients)
    clients.get("iam").detach_role_policy(RoleName=role_name(config, "wide"), PolicyArn=READ_ONLY)
    assert deployed_roles(config, clients)["wide"].differs == (f"lacks {READ_ONLY}",)


def test_roles_that_outlived_their_cluster_say_so(config: HubConfig, clients: Clients) -> None:
    install(config, clients)
    clients.get("eks").delete_cluster(name=config.cluster_name)
    assert deployed_roles(config, clients)["data"].differs == ("trusts the service accounts of a cluster that is gone",)


def test_before_an_install_they_are_not_there(config: HubConfig, clients: Clients, capsys: pytest.CaptureFixture[str]) -> None:
    assert listing.roles(ROOT, config, check=True, as_json=False) == 1
    assert capsys.readouterr().out.count("not there yet") == 2


def test_what_a_person_reads(config: HubConfig, clients: Clients, capsys: pytest.CaptureFixture[str]) -> None:
    install(config, clients)
    assert listing.roles(ROOT, config, check=False, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "lab: 2 roles",
        "  lab_DataRole  (roles.data)",
        "    for    jupyterhub:daft",
        "           ray:default-daft",
        "    may    write s3://open-data/team/",
        "           read  s3://other/",
        "           1 statement of the file",
        f"    in AWS arn:aws:iam::{ACCOUNT}:role/hubsmith/{config.deployment}/lab_DataRole",
        f"  {role_name(config, 'wide')}  (roles.wide)",
        "    for    ray:*-daft  a pattern: every account that matches",
        f"    may    {READ_ONLY}",
        f"    in AWS arn:aws:iam::{ACCOUNT}:role/hubsmith/{config.deployment}/{role_name(config, 'wide')}",
    ]


def test_the_same_for_machines(config: HubConfig, clients: Clients, capsys: pytest.CaptureFixture[str]) -> None:
    install(config, clients)
    assert listing.roles(ROOT, config, check=False, as_json=True) == 0
    (data, wide) = json.loads(capsys.readouterr().out)["roles"]
    assert (data["exists"], data["differs"], data["statements"]) == (True, [], 1)
    assert [each["pattern"] for each in wide["service_accounts"]] == [True]


def test_an_account_that_cannot_be_asked_is_a_note_and_with_check_an_error(
    config: HubConfig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> Target:
        raise HubError("no credentials")

    monkeypatch.setattr(listing, "resolve_target", refuse)
    assert listing.roles(ROOT, config, check=False, as_json=False) == 0
    assert "the account was not looked at: no credentials" in capsys.readouterr().out
    with pytest.raises(HubError, match="no credentials"):
        listing.roles(ROOT, config, check=True, as_json=False)


def test_an_env_without_roles_asks_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(listing, "resolve_target", lambda *_: pytest.fail("asked"))
    assert listing.roles(ROOT, make_config(), check=True, as_json=False) == 0
    assert "lab: no roles" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"Action": ["a", "b"]}, {"Action": ["b", "a"]}, True),
        ({"Action": ["a"]}, {"Action": "a"}, True),
        ({"Action": ["a", "b"]}, {"Action": ["a"]}, False),
        ({"Statement": [{"Sid": "A"}, {"Sid": "B"}]}, {"Statement": [{"Sid": "B"}, {"Sid": "A"}]}, True),
        ({"Condition": {"StringEquals": {}}}, {"Condition": {"StringLike": {}}}, False),
        (None, None, True),
        (None, {}, False),
    ],
)
def test_documents_are_compared_by_what_they_say(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
