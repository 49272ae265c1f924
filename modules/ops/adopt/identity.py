"""Adopting identities and secrets: Cognito, Secrets Manager."""

from __future__ import annotations

from modules.ops.adopt.model import Body, Family, Finder, Tagged, World, whole_arn
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import plain_tags


def _client(world: World, body: Body) -> str | None:
    pool, name = body.text("user_pool_id"), body.text("name")
    with missing_is_fine():
        for client in pages(world.clients.get("cognito-idp"), "list_user_pool_clients", "UserPoolClients", UserPoolId=pool):
            if client["ClientName"] == name:
                return f"{pool}/{client['ClientId']}"
    return None


def _domain(world: World, body: Body) -> str | None:
    """The pool's own domain prefix; one that belongs to another pool is not adopted."""
    name, pool = body.text("domain"), body.text("user_pool_id")
    answer = world.clients.get("cognito-idp").describe_user_pool_domain(Domain=name)["DomainDescription"]
    return name if answer.get("UserPoolId") == pool and answer.get("Status") != "DELETING" else None


def _group(world: World, body: Body) -> str | None:
    pool, name = body.text("user_pool_id"), body.text("name")
    with missing_is_fine():
        world.clients.get("cognito-idp").get_group(UserPoolId=pool, GroupName=name)
        return f"{pool}/{name}"
    return None


def _secret(world: World, body: Body) -> str | None:
    with missing_is_fine():
        found = world.clients.get("secretsmanager").describe_secret(SecretId=body.text("name"))
        if not found.get("DeletedDate") and world.is_ours(plain_tags(found.get("Tags", []))):
            return str(found["ARN"])
    return None


_BY_PARENT: dict[str, Finder] = {
    "aws_cognito_user_pool_client": _client,
    "aws_cognito_user_pool_domain": _domain,
    "aws_cognito_user_group": _group,
}

FAMILY = Family(
    tagged={
        "aws_cognito_user_pool": Tagged("cognito-idp:userpool"),
        "aws_secretsmanager_secret": Tagged("secretsmanager:secret", whole_arn),
    },
    by_name={"aws_secretsmanager_secret": _secret},
    by_parent=_BY_PARENT,
)
