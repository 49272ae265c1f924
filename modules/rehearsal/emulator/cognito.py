"""Cognito: tags of user pools, whose domain it is, and deleting a resource server."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused

_answers = Answers()


def install() -> None:
    """Complete moto's Cognito."""
    from moto.cognitoidp.responses import CognitoIdpResponse

    _answers.install(CognitoIdpResponse)
    _domains_stay_in_their_account()


def _domains_stay_in_their_account() -> None:
    """moto makes up another account id each time it is asked for a domain, and Terraform takes that for drift."""
    from moto.cognitoidp.models import CognitoIdpUserPoolDomain
    from moto.core import DEFAULT_ACCOUNT_ID

    to_json = CognitoIdpUserPoolDomain.to_json

    def in_one_account(self: Any, extended: bool = True) -> Document:
        found: Document = to_json(self, extended)
        return {**found, "AWSAccountId": DEFAULT_ACCOUNT_ID} if "AWSAccountId" in found else found

    CognitoIdpUserPoolDomain.to_json = in_one_account


def tags_of(pool: Any) -> dict[str, str]:
    """The tags of one of moto's user pools."""
    return dict(pool.extended_config.get("UserPoolTags") or {})


@_answers("ListTagsForResource")
def _list_tags(call: Call) -> Document:
    return {"Tags": tags_of(_pool(call))}


@_answers("TagResource")
def _tag(call: Call) -> Document:
    pool = _pool(call)
    pool.extended_config["UserPoolTags"] = {**tags_of(pool), **call["Tags"]}
    return {}


@_answers("UntagResource")
def _untag(call: Call) -> Document:
    pool = _pool(call)
    pool.extended_config["UserPoolTags"] = {key: value for key, value in tags_of(pool).items() if key not in call["TagKeys"]}
    return {}


@_answers("DeleteResourceServer")
def _delete_resource_server(call: Call) -> Document:
    pool = _cognito(call).describe_user_pool(call["UserPoolId"])
    if pool.resource_servers.pop(call["Identifier"], None) is None:
        raise Refused("ResourceNotFoundException", f"Resource server {call['Identifier']} does not exist.")
    return {}


def _cognito(call: Call) -> Any:
    from moto.cognitoidp.models import cognitoidp_backends

    return cognitoidp_backends[call.account][call.region]


def _pool(call: Call) -> Any:
    for pool in _cognito(call).user_pools.values():
        if pool.arn == call["ResourceArn"]:
            return pool
    raise Refused("ResourceNotFoundException", f"User pool {call['ResourceArn']} does not exist.")
