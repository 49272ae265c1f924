"""The state backend: every property made, repaired, and reached from every point at which a run can be killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.bootstrap import ensure_state_backend, purge_state_backend
from tests.unit.ops_aws.support import Killed, Killer, make_config, new_session, refusal


def picture(config: HubConfig) -> dict[str, Any]:
    """Everything that matters about the backend, as AWS tells it."""
    session = new_session()
    s3: Any = session.client("s3", region_name=config.region)
    dynamodb: Any = session.client("dynamodb", region_name=config.region)
    bucket = {"Bucket": config.state_bucket}
    table = dynamodb.describe_table(TableName=config.lock_table)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=config.lock_table)["ContinuousBackupsDescription"]
    return {
        "location": s3.get_bucket_location(**bucket)["LocationConstraint"],
        "versioning": s3.get_bucket_versioning(**bucket)["Status"],
        "encryption": s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"],
        "access": s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"],
        "ownership": s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"],
        "policy": json.loads(s3.get_bucket_policy(**bucket)["Policy"]),
        "lifecycle": s3.get_bucket_lifecycle_configuration(**bucket)["Rules"],
        "tags": sorted((tag["Key"], tag["Value"]) for tag in s3.get_bucket_tagging(**bucket)["TagSet"]),
        "key": table["KeySchema"],
        "billing": table["BillingModeSummary"]["BillingMode"],
        "table encryption": table["SSEDescription"]["Status"],
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "table tags": sorted((tag["Key"], tag["Value"]) for tag in dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]),
    }


def calls_of_a_first_run() -> list[str]:
    with mock_aws():
        session = new_session()
        killer = Killer(session, at=0, moment="before")
        ensure_state_backend(session, make_config())
    return killer.calls


FIRST_RUN = calls_of_a_first_run()


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    with mock_aws():
        ensure_state_backend(new_session(), make_config())
        return picture(make_config())


def test_a_new_backend_has_every_property(whole: dict[str, Any]) -> None:
    assert whole["versioning"] == "Enabled"
    assert set(whole["access"].values()) == {True}
    assert len(whole["access"]) == 4
    assert whole["encryption"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert whole["ownership"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (statement,) = whole["policy"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert {rule["ID"] for rule in whole["lifecycle"]} == {"hubsmith-old-versions", "hubsmith-delete-markers", "hubsmith-uploads"}
    assert whole["billing"] == "PAY_PER_REQUEST"
    assert whole["table encryption"] == "ENABLED"
    assert whole["recovery"] == "ENABLED"
    assert (DEPLOYMENT, make_config().deployment) in whole["tags"]
    assert (DEPLOYMENT, make_config().deployment) in whole["table tags"]


def test_the_second_run_finds_nothing_to_do(session: boto3.Session, config: HubConfig) -> None:
    first = ensure_state_backend(session, config)
    assert first.created == (f"bucket {config.state_bucket}", f"table {config.lock_table}")
    assert not first.repaired
    assert ensure_state_backend(session, config) == type(first)(created=(), repaired=())


def test_a_first_run_makes_enough_calls_to_be_worth_killing() -> None:
    assert len(FIRST_RUN) > 20
    assert {"CreateBucket", "PutBucketPolicy", "CreateTable", "UpdateContinuousBackups"} <= set(FIRST_RUN)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(1, len(FIRST_RUN) + 1), ids=lambda at: f"{at:02d}-{FIRST_RUN[at - 1]}")
def test_killed_at_any_call_the_next_run_ends_in_the_same_state(at: int, moment: str, whole: dict[str, Any]) -> None:
    config = make_config()
    with mock_aws():
        session = new_session()
        Killer(session, at=at, moment=moment)
        with pytest.raises(Killed):
            ensure_state_backend(session, config)
        ensure_state_backend(new_session(), config)
        assert picture(config) == whole


def no_access_block(s3: Any, bucket: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)


def half_an_access_block(s3: Any, bucket: str) -> None:
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": False})


def no_versioning(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def no_policy(s3: Any, bucket: str) -> None:
    s3.delete_bucket_policy(Bucket=bucket)


def no_lifecycle(s3: Any, bucket: str) -> None:
    s3.delete_bucket_lifecycle(Bucket=bucket)


def shorter_memory(s3: Any, bucket: str) -> None:
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    rules[0]["NoncurrentVersionExpiration"]["NoncurrentDays"] = 1
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def no_tags(s3: Any, bucket: str) -> None:
    s3.delete_bucket_tagging(Bucket=bucket)


def other_ownership(s3: Any, bucket: str) -> None:
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})


@pytest.mark.parametrize(
    ("damage", "repaired"),
    [
        (no_access_block, "public access block"),
        (half_an_access_block, "public access block"),
        (no_versioning, "versioning"),
        (no_policy, "TLS-only policy"),
        (no_lifecycle, "lifecycle"),
        (shorter_memory, "lifecycle"),
        (no_tags, "tags"),
        (other_ownership, "object ownership"),
    ],
)
def test_each_property_is_repaired_alone(
    damage: Callable[[Any, str], None], repaired: str, session: boto3.Session, s3: Any, config: HubConfig, whole: dict[str, Any]
) -> None:
    ensure_state_backend(session, config)
    damage(s3, config.state_bucket)
    assert ensure_state_backend(session, config).repaired == (f"bucket {config.state_bucket}: {repaired}",)
    assert picture(config) == whole


def test_a_table_made_by_hand_is_brought_into_shape(session: boto3.Session, config: HubConfig, whole: dict[str, Any]) -> None:
    dynamodb: Any = session.client("dynamodb", region_name=config.region)
    dynamodb.create_table(
        TableName=config.lock_table,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        SSESpecification={"Enabled": True},
    )
    names = ("tags", "billing mode", "point-in-time recovery")
    assert ensure_state_backend(session, config).repaired == tuple(f"table {config.lock_table}: {name}" for name in names)
    assert picture(config) == whole


def test_an_unencrypted_table_is_told_to_encrypt(session: boto3.Session, config: HubConfig) -> None:
    dynamodb: Any = session.client("dynamodb", region_name=config.region)
    dynamodb.create_table(
        TableName=config.lock_table,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    updates: list[Any] = []
    session.events.register("provide-client-params.dynamodb.UpdateTable", lambda params, **_: updates.append(params))
    assert f"table {config.lock_table}: encryption" in ensure_state_backend(session, config).repaired
    # moto forgets this setting, so the request itself is what can be looked at.
    assert updates == [{"TableName": config.lock_table, "SSESpecification": {"Enabled": True}}]


def test_what_the_owner_added_to_policy_and_lifecycle_stays(session: boto3.Session, s3: Any, config: HubConfig) -> None:
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    theirs = {"Sid": "Audit", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "s3:ListBucket"}
    policy = {"Version": "2012-10-17", "Statement": theirs | {"Resource": f"arn:aws:s3:::{config.state_bucket}"}}
    s3.put_bucket_policy(Bucket=config.state_bucket, Policy=json.dumps(policy))
    rule = {"ID": "theirs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=config.state_bucket, LifecycleConfiguration={"Rules": [rule]})
    ensure_state_backend(session, config)
    after = picture(config)
    assert [statement["Sid"] for statement in after["policy"]["Statement"]] == ["Audit", "HubsmithTlsOnly"]
    assert "theirs" in {rule["ID"] for rule in after["lifecycle"]}
    assert len(after["lifecycle"]) == 4


def test_us_east_1_has_no_location_constraint(session: boto3.Session) -> None:
    config = make_config(region="us-east-1")
    ensure_state_backend(session, config)
    assert picture(config)["location"] is None


@pytest.mark.parametrize(
    ("operation", "code", "status", "expected"),
    [
        ("HeadBucket", "403", 403, "belongs to another account"),
        ("HeadBucket", "301", 301, "lies in another region"),
        ("CreateBucket", "BucketAlreadyExists", 409, "belongs to another account"),
        ("CreateBucket", "AccessDenied", 403, "these credentials may not do that"),
        ("CreateTable", "LimitExceededException", 400, "quota"),
    ],
)
def test_a_refusal_is_a_sentence(operation: str, code: str, status: int, expected: str, session: boto3.Session, config: HubConfig) -> None:
    def refuse(model: Any, **_: Any) -> None:
        if model.name == operation:
            raise refusal(code, operation, status)

    session.events.register("before-call", refuse)
    with pytest.raises(HubError, match=expected):
        ensure_state_backend(session, config)


def test_a_bucket_in_another_region_is_refused(session: boto3.Session, config: HubConfig) -> None:
    other: Any = session.client("s3", region_name="eu-west-1")
    other.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(HubError, match="lies in eu-west-1"):
        ensure_state_backend(session, config)


def test_a_table_with_another_key_is_refused(session: boto3.Session, config: HubConfig) -> None:
    dynamodb: Any = session.client("dynamodb", region_name=config.region)
    dynamodb.create_table(
        TableName=config.lock_table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(HubError, match="is no lock table"):
        ensure_state_backend(session, config)


def test_purge_removes_all_versions_and_both_homes(session: boto3.Session, s3: Any, config: HubConfig) -> None:
    ensure_state_backend(session, config)
    s3.delete_bucket_policy(Bucket=config.state_bucket)  # moto applies the TLS-only policy to its own plain calls
    for body in (b"one", b"two"):
        s3.put_object(Bucket=config.state_bucket, Key="lab/lab-data.tfstate", Body=body)
    s3.delete_object(Bucket=config.state_bucket, Key="lab/lab-data.tfstate")
    assert purge_state_backend(session, config) == (f"bucket {config.state_bucket} with 3 versions", f"table {config.lock_table}")
    assert purge_state_backend(session, config) == ()
    assert s3.list_buckets()["Buckets"] == []


def test_purge_leaves_what_another_env_shares(session: boto3.Session, s3: Any) -> None:
    state = {"bucket": "everybodys-states", "lock_table": "everybodys-locks"}
    mine, theirs = make_config(state=state), make_config(env="other", state=state)
    ensure_state_backend(session, theirs)
    assert ensure_state_backend(session, mine) == ensure_state_backend(session, theirs)
    s3.delete_bucket_policy(Bucket=mine.state_bucket)
    dynamodb: Any = session.client("dynamodb", region_name=mine.region)
    for env in ("lab", "other"):
        s3.put_object(Bucket=mine.state_bucket, Key=f"{env}/{env}-data.tfstate", Body=b"{}")
        dynamodb.put_item(TableName=mine.lock_table, Item={"LockID": {"S": f"{mine.state_bucket}/{env}/{env}-data.tfstate-md5"}})
    assert len(purge_state_backend(session, mine)) == 2
    assert [item["Key"] for item in s3.list_object_versions(Bucket=mine.state_bucket)["Versions"]] == ["other/other-data.tfstate"]
    (item,) = dynamodb.scan(TableName=mine.lock_table)["Items"]
    assert "/other/" in item["LockID"]["S"]
