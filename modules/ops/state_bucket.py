"""The S3 bucket that holds the states: what it must look like, and making it so.

Each property is read on every run and written when it differs, so a run that was killed between two calls is repaired by the next one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT, deployment_tags
from modules.config.models import HubConfig
from modules.ops.aws_clients import GLOBAL_REGION, client
from modules.ops.failures.aws import Kind, code_of, doing, is_missing, kind_of

_BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
_TLS_SID = "HubsmithTlsOnly"
_RULE_PREFIX = "hubsmith-"
#: An upload that took longer than this was given up.
_ABORT_UPLOADS_DAYS = 7


@dataclass(frozen=True)
class Property:
    """One thing the bucket must have. `right` reads it, `repair` writes it."""

    name: str
    right: Callable[[], bool]
    repair: Callable[[], object]


class StateBucket:
    """The state bucket of one env, seen through its own calls."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self.name = config.state_bucket
        self.region = config.region
        self._config = config
        self._s3 = client(session, "s3", config.region)
        #: With this argument S3 refuses a bucket of another account, even one that is open to us.
        self._owner = {"ExpectedBucketOwner": config.aws.account} if config.aws.account else {}

    def ensure(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(created, repaired) as sentences; raises HubError when the name is taken or AWS refuses."""
        label = f"bucket {self.name}"
        with doing(f"prepare the state bucket {self.name}"):
            created = () if self.exists() else self._create()
            repaired = []
            for wanted in self._properties():
                if not wanted.right():
                    wanted.repair()
                    repaired.append(f"{label}: {wanted.name}")
        return created, () if created else tuple(repaired)

    def exists(self) -> bool:
        """Whether the bucket is there and ours. Raises HubError when it is somebody else's or in another region."""
        try:
            answer = self._s3.head_bucket(Bucket=self.name, **self._owner)
        except ClientError as error:
            if is_missing(error):
                return False
            if kind_of(error) is Kind.DENIED:
                raise self._taken() from error
            if code_of(error) in {"301", "PermanentRedirect"}:
                raise self._elsewhere("another region") from error
            raise
        region = answer.get("BucketRegion") or answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region") or self.region
        if region != self.region:
            raise self._elsewhere(region)
        return True

    def deployment(self) -> str:
        """The deployment id the bucket is tagged with, "" for none. Another id than ours means that two envs share it."""
        return self._tags().get(DEPLOYMENT, "")

    def _create(self) -> tuple[str, ...]:
        # us-east-1 is the one region that S3 refuses as a location constraint.
        place = {} if self.region == GLOBAL_REGION else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        try:
            self._s3.create_bucket(Bucket=self.name, ObjectOwnership="BucketOwnerEnforced", **place)
        except ClientError as error:
            if kind_of(error) is Kind.FOREIGN:
                raise self._taken() from error
            if kind_of(error) is not Kind.EXISTS:
                raise
        return (f"bucket {self.name}",)

    def _properties(self) -> tuple[Property, ...]:
        # Tags come first: they are how a bucket that is otherwise half made is known as ours.
        return (
            Property("tags", self._tags_right, self._put_tags),
            Property("object ownership", self._ownership_right, self._put_ownership),
            Property("public access block", self._access_right, self._put_access),
            Property("encryption", self._encryption_right, self._put_encryption),
            Property("versioning", self._versioning_right, self._put_versioning),
            Property("TLS-only policy", self._policy_right, self._put_policy),
            Property("lifecycle", self._lifecycle_right, self._put_lifecycle),
        )

    def _read(self, operation: str) -> dict[str, Any]:
        """One property's answer; {} when it was never set."""
        try:
            answer: dict[str, Any] = getattr(self._s3, operation)(Bucket=self.name, **self._owner)
        except ClientError as error:
            if is_missing(error) and code_of(error) != "NoSuchBucket":
                return {}
            raise
        return answer

    def _write(self, operation: str, **arguments: Any) -> None:
        getattr(self._s3, operation)(Bucket=self.name, **self._owner, **arguments)

    def _tags(self) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self._read("get_bucket_tagging").get("TagSet", ())}

    def _tags_right(self) -> bool:
        tags = self._tags()
        foreign = tags.get(DEPLOYMENT) not in (None, self._config.deployment)
        return foreign or deployment_tags(self._config.deployment, self._config.env).items() <= tags.items()

    def _put_tags(self) -> None:
        tags = self._tags() | deployment_tags(self._config.deployment, self._config.env)
        self._write("put_bucket_tagging", Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]})

    def _ownership_right(self) -> bool:
        rules = self._read("get_bucket_ownership_controls").get("OwnershipControls", {}).get("Rules", ())
        return [rule.get("ObjectOwnership") for rule in rules] == ["BucketOwnerEnforced"]

    def _put_ownership(self) -> None:
        self._write("put_bucket_ownership_controls", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})

    def _access_right(self) -> bool:
        return bool(self._read("get_public_access_block").get("PublicAccessBlockConfiguration", {}) == _BLOCKED)

    def _put_access(self) -> None:
        self._write("put_public_access_block", PublicAccessBlockConfiguration=_BLOCKED)

    def _encryption_right(self) -> bool:
        rules = self._read("get_bucket_encryption").get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
        # Encryption by a KMS key, set by the owner of the account, is stricter and stays.
        return any(
            rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") in {"AES256", "aws:kms", "aws:kms:dsse"}
            for rule in rules
        )

    def _put_encryption(self) -> None:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self._write("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": [rule]})

    def _versioning_right(self) -> bool:
        return bool(self._read("get_bucket_versioning").get("Status") == "Enabled")

    def _put_versioning(self) -> None:
        self._write("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})

    def _statement(self) -> dict[str, Any]:
        arn = f"arn:{self._config.partition}:s3:::{self.name}"
        return {
            "Sid": _TLS_SID,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }

    def _statements(self) -> list[dict[str, Any]]:
        text = self._read("get_bucket_policy").get("Policy")
        statements = json.loads(text)["Statement"] if text else []
        return statements if isinstance(statements, list) else [statements]

    def _policy_right(self) -> bool:
        return self._statement() in self._statements()

    def _put_policy(self) -> None:
        # Statements that the account's owner added stay.
        others = [statement for statement in self._statements() if statement.get("Sid") != _TLS_SID]
        self._write("put_bucket_policy", Policy=json.dumps({"Version": "2012-10-17", "Statement": [*others, self._statement()]}))

    def _rules(self) -> list[dict[str, Any]]:
        days = self._config.state.keep_versions_days
        whole = {"Filter": {"Prefix": ""}, "Status": "Enabled"}
        return [
            {"ID": f"{_RULE_PREFIX}old-versions", "NoncurrentVersionExpiration": {"NoncurrentDays": days}, **whole},
            # Every lock leaves a delete marker; S3 drops it once no version stands behind it.
            {"ID": f"{_RULE_PREFIX}delete-markers", "Expiration": {"ExpiredObjectDeleteMarker": True}, **whole},
            {"ID": f"{_RULE_PREFIX}uploads", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _ABORT_UPLOADS_DAYS}, **whole},
        ]

    def _found_rules(self) -> list[dict[str, Any]]:
        return list(self._read("get_bucket_lifecycle_configuration").get("Rules", ()))

    def _lifecycle_right(self) -> bool:
        found = {rule.get("ID"): rule for rule in self._found_rules()}
        return all(_same_rule(rule, found.get(rule["ID"])) for rule in self._rules())

    def _put_lifecycle(self) -> None:
        others = [rule for rule in self._found_rules() if not str(rule.get("ID", "")).startswith(_RULE_PREFIX)]
        self._write("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": [*others, *self._rules()]})

    def _taken(self) -> HubError:
        return HubError(
            f"the state bucket {self.name} belongs to another account, or these credentials may not see it",
            where="state.bucket",
            fix="name another bucket under state.bucket in hub.yaml, or sign in to the account that owns this one",
        )

    def _elsewhere(self, region: str) -> HubError:
        return HubError(
            f"the state bucket {self.name} lies in {region}, the env in {self.region}",
            where="state.bucket",
            fix="name another bucket under state.bucket in hub.yaml",
        )


def _same_rule(wanted: dict[str, Any], found: dict[str, Any] | None) -> bool:
    """Whether a lifecycle rule as S3 gives it back says the same; S3 may write the empty filter in two ways."""
    if found is None:
        return False
    plain = {key: value for key, value in found.items() if key not in {"Filter", "Prefix"}}
    prefix = found.get("Filter", {}).get("Prefix", found.get("Prefix", ""))
    return prefix == "" and plain == {key: value for key, value in wanted.items() if key != "Filter"}
