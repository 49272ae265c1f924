"""What no resource of ours may be without. Each rule reads one resource and says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from modules.aspects.document import Body, bodies
from modules.common import tags

Rule = Callable[[Body], Iterator[str]]


def imds_v2(body: Body) -> Iterator[str]:
    """Instances and launch templates ask for IMDSv2; hop limit 2 is the most, and only config asks for it."""
    if body.type not in {"aws_launch_template", "aws_instance"}:
        return
    options = _single(body.values.get("metadata_options"))
    if options.get("http_tokens") != "required":
        yield 'metadata_options.http_tokens must be "required" (IMDSv2)'
    if not 1 <= int(options.get("http_put_response_hop_limit", 0)) <= 2:
        yield "metadata_options.http_put_response_hop_limit must be 1 (2 on the desktop pool)"


#: type → the argument that must be true or set for its data to be encrypted at rest.
_ENCRYPTION: dict[str, str] = {
    "aws_efs_file_system": "encrypted",
    "aws_ebs_volume": "encrypted",
    "aws_backup_vault": "kms_key_arn",
    "aws_secretsmanager_secret": "kms_key_id",
    "aws_eks_cluster": "encryption_config",
}


def encrypted(body: Body) -> Iterator[str]:
    """Everything that keeps data encrypts it."""
    argument = _ENCRYPTION.get(body.type)
    if argument and not body.values.get(argument):
        yield f"{argument} must be set: data at rest is encrypted"
    if body.type == "aws_sqs_queue" and not (body.values.get("sqs_managed_sse_enabled") or body.values.get("kms_master_key_id")):
        yield "sqs_managed_sse_enabled must be true: data at rest is encrypted"
    if body.type == "aws_kms_key" and body.values.get("enable_key_rotation") is not True:
        yield "enable_key_rotation must be true"
    if body.type == "aws_launch_template":
        for mapping in body.values.get("block_device_mappings", []):
            if str(_single(mapping.get("ebs")).get("encrypted")).lower() != "true":
                yield f"block_device_mappings {mapping.get('device_name')} must be encrypted"
    if body.type == "aws_instance" and _single(body.values.get("root_block_device")).get("encrypted") is not True:
        yield "root_block_device.encrypted must be true"


def no_wildcard_admin(body: Body) -> Iterator[str]:
    """No policy of ours allows every action, and no role trusts everybody."""
    for argument in ("policy", "assume_role_policy"):
        for statement in _statements(body.values.get(argument)):
            if statement.get("Effect") != "Allow":
                continue
            actions = _many(statement.get("Action"))
            # A key policy's `kms:*` for the account's own root is how KMS hands control to IAM; it names the root.
            if "*" in actions or ("iam:*" in actions):
                yield f"{argument}: {statement.get('Sid', 'a statement')} allows every action"
            if argument == "assume_role_policy" and statement.get("Principal") in ("*", {"AWS": "*"}):
                yield f"{argument}: {statement.get('Sid', 'a statement')} trusts everybody"


def deletion_guarded(body: Body) -> Iterator[str]:
    """Nothing that holds users' data is destroyed by a plan somebody did not read (config storage.protect)."""
    if body.type in DATA_TYPES and _single(body.values.get("lifecycle")).get("prevent_destroy") is not True:
        yield "lifecycle.prevent_destroy must be true while storage.protect is"


#: Types whose loss loses data of users.
DATA_TYPES = frozenset({"aws_efs_file_system", "aws_s3_bucket", "aws_cognito_user_pool", "aws_backup_vault", "aws_kms_key"})


def tagged(body: Body) -> Iterator[str]:
    """A resource with any tag has all of the deployment's."""
    present = body.values.get("tags")
    if isinstance(present, dict):
        for key in (tags.DEPLOYMENT, tags.ENV, tags.ADDRESS):
            if key not in present:
                yield f"tag {key} is missing"


def _statements(policy: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(policy, str) or not policy.startswith("{"):
        return
    try:
        document = json.loads(policy)
    except ValueError:
        # A policy that embeds a Terraform function call is no JSON until Terraform has run.
        return
    yield from (item for item in _many(document.get("Statement")) if isinstance(item, dict))


def _single(block: Any) -> dict[str, Any]:
    """A nested block, which the engine writes as an object or as a list of one."""
    if isinstance(block, list):
        block = block[0] if block else {}
    return block if isinstance(block, dict) else {}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


ALWAYS: tuple[Rule, ...] = (imds_v2, encrypted, no_wildcard_admin, tagged)


def violations(document: dict[str, Any], *, protect: bool) -> list[str]:
    """`path: sentence` for every rule broken in one stack. protect: whether the data stack must refuse destruction."""
    found = []
    for body in bodies(document):
        rules = (*ALWAYS, deletion_guarded) if protect else ALWAYS
        found += [f"{body.path}: {sentence}" for rule in rules for sentence in rule(body)]
    return found
