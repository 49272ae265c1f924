"""Names that are unique beyond a region: buckets in all of AWS, roles and policies in the account, login domains among all accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from modules.common.tags import DEPLOYMENT
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import Kind, code_of, doing, kind_of, missing_is_fine
from modules.ops.inventory import plain_tags
from modules.ops.preflight.check import Context, Finding

#: IAM lists as many at once, https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
_PAGE = {"PageSize": 1000}


def buckets(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """A bucket that is not visible belongs to another account; one of ours without a tag is taken over."""
    s3 = context.client("s3")
    for name in names:
        where = "state.bucket" if name == context.config.state_bucket else name
        fix = (
            "name another in hub.yaml: state.bucket" if where == "state.bucket" else "give the env another name: bucket names come from it"
        )
        with doing(f"look at the bucket {name}"):
            try:
                s3.head_bucket(Bucket=name)
            except ClientError as error:
                if kind_of(error) is Kind.MISSING:
                    continue
                # HeadBucket has no body, so the status is the code: 403 another account's, 301 another region's.
                if code_of(error) == "301":
                    yield Finding("error", where, f"the bucket {name} exists in another region", fix)
                elif kind_of(error) is Kind.DENIED:
                    yield Finding("error", where, f"the bucket {name} belongs to another account, or these credentials may not see it", fix)
                else:
                    raise
                continue
            tags: dict[str, str] = {}
            with missing_is_fine():
                tags = plain_tags(s3.get_bucket_tagging(Bucket=name)["TagSet"])
        # Envs may share a state bucket: its tag says only who made it, and a cleanup asks that, not an install.
        if name != context.config.state_bucket and tags.get(DEPLOYMENT, context.config.deployment) != context.config.deployment:
            yield Finding("error", where, f"the bucket {name} belongs to the deployment {tags[DEPLOYMENT]}", fix)


def roles(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """A role's name is unique in the account, whatever its path."""
    yield from _by_path(context, names, "role", "list_roles", "Roles", "RoleName")


def policies(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """A policy's name is unique among the account's own, whatever its path."""
    yield from _by_path(context, names, "policy", "list_policies", "Policies", "PolicyName", Scope="Local")


def pool_domains(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """A login domain is unique in its region among all accounts."""
    cognito = context.client("cognito-idp")
    fix = "choose another: auth.domain_prefix"
    for name in names:
        tags: Mapping[str, str] = {}
        with doing(f"look at the login domain {name}"):
            found: Mapping[str, Any] = {}
            with missing_is_fine():
                found = cognito.describe_user_pool_domain(Domain=name).get("DomainDescription") or {}
            pool = found.get("UserPoolId")
            if not found.get("Domain"):
                continue
            if pool:
                tags = _pool_tags(cognito, pool)
        if found.get("Status") == "DELETING":
            yield Finding("error", "auth.domain_prefix", f"the login domain {name} is being deleted", "wait some minutes until it is gone")
        elif tags.get(DEPLOYMENT) != context.config.deployment:
            whose = f"the user pool {pool}, which is not this env's" if pool else "somebody else"
            yield Finding("error", "auth.domain_prefix", f"the login domain {name} is taken by {whose}", fix)


def _by_path(context: Context, names: Sequence[str], noun: str, listing: str, result: str, key: str, **more: Any) -> Iterator[Finding]:
    own, wanted = f"/hubsmith/{context.config.deployment}/", set(names)
    with doing(f"list the account's IAM {result.lower()}"):
        found = {each[key]: each for each in pages(context.client("iam"), listing, result, PaginationConfig=_PAGE, **more)}
    for name in sorted(wanted & found.keys()):
        path = found[name]["Path"]
        if path != own:
            fix = f"aws iam get-{noun if noun == 'role' else 'policy'} shows whose it is; delete it, or give this env another name"
            yield Finding("error", "name", f"the IAM {noun} {name} exists under {path}, which is not this env's path {own}", fix)


def _pool_tags(cognito: Any, pool: str) -> Mapping[str, str]:
    """None of them for a pool that these credentials may not look at, which is not ours then."""
    try:
        found: Mapping[str, str] = cognito.describe_user_pool(UserPoolId=pool)["UserPool"].get("UserPoolTags") or {}
        return found
    except ClientError as error:
        if kind_of(error) in {Kind.MISSING, Kind.DENIED}:
            return {}
        raise
