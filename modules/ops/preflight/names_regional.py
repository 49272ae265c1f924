"""Names that are unique in one region of an account: key aliases, secrets, log groups, the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from modules.common.tags import DEPLOYMENT
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import Kind, doing, kind_of, missing_is_fine
from modules.ops.inventory import plain_tags
from modules.ops.preflight.check import Context, Finding
from modules.ops.secrets import needs


def aliases(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """An alias stays with its key until the key is gone, so that of a key scheduled for deletion is taken."""
    kms, region = context.client("kms"), context.config.region
    with doing("list the aliases of keys"):
        taken = {each["AliasName"]: each.get("TargetKeyId", "") for each in pages(kms, "list_aliases", "Aliases")}
    for name in names:
        if not taken.get(name):
            continue
        key = _key(kms, taken[name])
        if key is None:
            yield _foreign(name, "the alias", f"aws kms delete-alias --alias-name {name} --region {region} frees it, if nobody needs it")
        elif key["KeyState"] == "PendingDeletion":
            ways = (
                f"aws kms cancel-key-deletion --key-id {key['KeyId']} --region {region}, then enable-key, keeps what it encrypted; "
                f"aws kms delete-alias --alias-name {name} --region {region} frees the name"
            )
            yield Finding(
                "error", name, f"the alias belongs to the key {key['KeyId']}, which is deleted on {_day(key, 'DeletionDate')}", ways
            )
        elif not _is_ours(context, _key_tags(kms, key["KeyId"])):
            yield _foreign(name, "the alias", f"aws kms delete-alias --alias-name {name} --region {region} frees it, if nobody needs it")


def secrets(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """Secrets Manager keeps a deleted secret's name for 7 to 30 days. What people fill, an install restores by itself."""
    client, region = context.client("secretsmanager"), context.config.region
    filled = {need.id for need in needs(context.stacks()) if need.readers and not need.made}
    for name in names:
        found: Mapping[str, Any] = {}
        with doing(f"look at the secret {name}"), missing_is_fine():
            found = client.describe_secret(SecretId=name)
        if not found:
            continue
        ours = _is_ours(context, plain_tags(found.get("Tags", [])))
        if found.get("DeletedDate") and not (ours and name in filled):
            what = f"a secret of that name was deleted and is kept until {_day(found, 'DeletedDate')} or later"
            restore = f"aws secretsmanager restore-secret --secret-id {name} --region {region} brings it back"
            yield Finding("error", name, what, f"{restore}; delete-secret --force-delete-without-recovery ends it")
        elif not ours:
            yield _foreign(
                name, "a secret", f"tag it {DEPLOYMENT}={context.config.deployment} if it is this env's, else delete or rename it"
            )


def log_groups(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """One without our tag was made by the service that writes to it, and an install takes it over."""
    logs = context.client("logs")
    for name in names:
        with doing(f"look at the log group {name}"):
            found = [
                each for each in pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name) if each["logGroupName"] == name
            ]
            if not found:
                continue
            tags = logs.list_tags_for_resource(resourceArn=found[0]["arn"].removesuffix(":*")).get("tags", {})
        if DEPLOYMENT not in tags:
            yield Finding("note", name, "a log group of that name exists without a tag; the install takes it over, with what it holds")
        elif not _is_ours(context, tags):
            yield _foreign(name, "a log group", f"its tag says {tags[DEPLOYMENT]}: name this env's cluster otherwise, or remove that group")


def clusters(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    """A cluster without our tag is never taken over; one on its way out has to be gone first."""
    eks = context.client("eks")
    for name in names:
        found: Mapping[str, Any] = {}
        with doing(f"look at the cluster {name}"):
            try:
                found = eks.describe_cluster(name=name)["cluster"]
            except ClientError as error:
                # Another deployment's is not ours to look at.
                if kind_of(error) not in {Kind.MISSING, Kind.DENIED}:
                    raise
                if kind_of(error) is Kind.DENIED:
                    continue
        if not found:
            continue
        if not _is_ours(context, found.get("tags", {})):
            owner = found.get("tags", {}).get(DEPLOYMENT)
            whose = f"of the deployment {owner}" if owner else "that Hubsmith did not make"
            fix = "choose another name, or use that one: cluster.existing"
            yield Finding("error", "name", f"there is a cluster {name} {whose} in {context.config.region}", fix)
        elif found.get("status") == "DELETING":
            yield Finding("error", "name", f"the cluster {name} is being deleted", "wait some minutes until it is gone")


def _key(kms: Any, id: str) -> Mapping[str, Any] | None:
    """None for a key that these credentials may not look at, which is not ours then."""
    with doing(f"look at the key {id}"):
        try:
            found: Mapping[str, Any] = kms.describe_key(KeyId=id)["KeyMetadata"]
            return found
        except ClientError as error:
            if kind_of(error) in {Kind.MISSING, Kind.DENIED}:
                return None
            raise


def _key_tags(kms: Any, id: str) -> dict[str, str]:
    with doing(f"read the tags of the key {id}"):
        try:
            return {each["TagKey"]: each["TagValue"] for each in pages(kms, "list_resource_tags", "Tags", KeyId=id)}
        except ClientError as error:
            if kind_of(error) is Kind.DENIED:
                return {}
            raise


def _is_ours(context: Context, tags: Mapping[str, str]) -> bool:
    return tags.get(DEPLOYMENT) == context.config.deployment


def _foreign(name: str, thing: str, fix: str) -> Finding:
    return Finding("error", name, f"{thing} of that name exists and is not this env's", fix)


def _day(found: Mapping[str, Any], field: str) -> str:
    moment = found.get(field)
    return moment.astimezone(UTC).date().isoformat() if isinstance(moment, datetime) else "a day that AWS does not say"
