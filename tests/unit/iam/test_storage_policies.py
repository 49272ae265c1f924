"""Keys, buckets, file system, logs, autoscaler: what each document lets in, and what it keeps out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.iam import app, autoscaler, buckets, efs, flow_logs, kms, managed
from modules.iam.document import Document, Statement, allow, deny, document, merge, size
from tests._support.policies import ACCOUNT, BUCKET, FILES, HERE, KEY, ROLE, Grant, Role


def by_sid(made: Document | None) -> dict[str, Statement]:
    assert made is not None
    return {statement["Sid"]: statement for statement in made["Statement"]}


@pytest.mark.parametrize("key_policy", [kms.for_autoscaling("aws", ACCOUNT)[0], kms.for_autoscaling("aws", ACCOUNT)[1]])
def test_a_key_open_to_a_service_role_is_closed_to_other_accounts(key_policy: Statement) -> None:
    assert key_policy["Condition"]["StringEquals"] == {"kms:CallerAccount": ACCOUNT}
    assert key_policy["Condition"]["ArnEquals"]["aws:PrincipalArn"].endswith("/AWSServiceRoleForAutoScaling")


@pytest.mark.parametrize(
    ("groups", "arns"),
    [
        ("/aws/eks/hub/cluster", f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:/aws/eks/hub/cluster"),
        (("/a",), f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:/a"),
        (("/a", "/b"), [f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:/a", f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:/b"]),
    ],
)
def test_logs_use_a_key_for_named_groups(groups: Any, arns: Any) -> None:
    statement = kms.for_logs(**HERE, groups=groups)
    assert statement["Principal"] == {"Service": "logs.us-east-2.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": arns}}


@pytest.mark.parametrize(("via", "condition"), [(None, None), ("s3.x", {"StringEquals": {"kms:ViaService": "s3.x"}})])
def test_a_role_uses_a_key(via: str | None, condition: dict[str, Any] | None) -> None:
    statement = kms.for_role("Uses", ROLE, via=via)
    assert statement["Principal"] == {"AWS": ROLE}
    assert statement.get("Condition") == condition
    assert "kms:CreateGrant" not in statement["Action"]


@pytest.mark.parametrize("statement", [kms.for_role_grants("G", ROLE), kms.volumes("V", KEY, "ec2.x")[1]])
def test_grants_are_for_aws_services(statement: Statement) -> None:
    assert statement["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_a_bucket_refuses_everybody_without_modern_tls() -> None:
    made = buckets.tls_only(BUCKET)["Statement"]
    assert [statement["Effect"] for statement in made] == ["Deny", "Deny"]
    assert all(statement["Principal"] == "*" and statement["Resource"] == [BUCKET, f"{BUCKET}/*"] for statement in made)
    assert [statement["Condition"] for statement in made] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]


@pytest.mark.parametrize(
    ("options", "sids"),
    [
        ({"shared_arn": BUCKET}, ["SharedList", "SharedObjects"]),
        ({"scratch_arn": BUCKET}, ["ScratchList", "ScratchObjects"]),
        ({"read": ["open"]}, ["ReadList", "ReadObjects"]),
        ({"read": ["open"], "key_arn": KEY, "s3_endpoint": "s3.x"}, ["ReadList", "ReadObjects"]),
        ({"shared_arn": BUCKET, "key_arn": KEY, "s3_endpoint": "s3.x"}, ["SharedList", "SharedObjects", "ObjectKey"]),
    ],
)
def test_what_notebooks_may_do(options: dict[str, Any], sids: list[str]) -> None:
    made = by_sid(buckets.single_user(partition="aws", **options))
    assert list(made) == sids
    if "ReadObjects" in made:
        assert made["ReadObjects"]["Resource"] == "arn:aws:s3:::open/*"
        assert not [action for action in made["ReadObjects"]["Action"] if "Put" in action or "Delete" in action]


def test_notebooks_without_buckets_get_no_policy() -> None:
    assert buckets.single_user(partition="aws") is None


@pytest.mark.parametrize(
    ("grant", "objects", "writes"),
    [
        (Grant("data"), "arn:aws:s3:::data/*", False),
        (Grant("data", access="write"), "arn:aws:s3:::data/*", True),
        (Grant("data", prefix="team/x"), "arn:aws:s3:::data/team/x/*", False),
        (Grant("data", prefix="/team/x/", access="write"), "arn:aws:s3:::data/team/x/*", True),
    ],
)
def test_an_application_role_reaches_its_bucket(grant: Grant, objects: str, writes: bool) -> None:
    made = by_sid(app.role_policy(Role(buckets=(grant,)), partition="aws"))
    assert made["Bucket1Objects"]["Resource"] == objects
    assert ("s3:PutObject" in made["Bucket1Objects"]["Action"]) is writes
    if grant.prefix:
        assert made["Bucket1List"]["Condition"] == {"StringLike": {"s3:prefix": "team/x/*"}}


def test_raw_statements_come_after_and_unchanged() -> None:
    raw = {"Sid": "Own", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:x"}
    made = app.role_policy(Role(buckets=(Grant(),), statements=(raw,)), partition="aws")
    assert made is not None
    assert made["Statement"][-1] == raw


def test_an_application_role_with_nothing_has_no_policy() -> None:
    assert app.role_policy(Role(), partition="aws") is None


def test_files_are_reached_by_access_point_over_tls_and_never_as_root() -> None:
    made = by_sid(efs.file_system_policy(FILES, through=["arn:point"]))
    mount = made["MountByAccessPoint"]
    assert mount["Condition"] == {
        "Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"},
        "ArnLike": {"elasticfilesystem:AccessPointArn": ["arn:point"]},
    }
    assert "elasticfilesystem:ClientRootAccess" not in mount["Action"]
    assert made["TlsOnly"]["Effect"] == "Deny"
    assert "RepairAsRoot" not in made


def test_root_of_the_files_is_named() -> None:
    made = by_sid(efs.file_system_policy(FILES, through=efs.access_points(**HERE), root=[ROLE]))
    assert made["RepairAsRoot"]["Principal"] == {"AWS": [ROLE]}
    assert made["MountByAccessPoint"]["Condition"]["ArnLike"]["elasticfilesystem:AccessPointArn"].endswith(":access-point/*")


def test_flow_logs_write_one_group() -> None:
    made = by_sid(flow_logs.delivery("arn:group"))
    assert made["WriteFlowLogs"]["Resource"] == "arn:group:*"
    assert "logs:CreateLogGroup" not in json.dumps(made)


def test_the_autoscaler_changes_groups_of_its_cluster() -> None:
    made = by_sid(autoscaler.controller_policy(**HERE, cluster_name="hub"))
    assert made["ScaleOwnGroups"]["Condition"] == {"StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/hub": "owned"}}
    assert made["ReadNodeGroups"]["Resource"].endswith("nodegroup/hub/*/*")


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
def test_managed_policies_by_partition(partition: str) -> None:
    assert managed.arn(partition, managed.EBS_CSI) == f"arn:{partition}:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    assert set(managed.NODE) < set(managed.ALL)


def test_the_shape_of_a_statement() -> None:
    assert allow("A", ["s3:GetObject"], ["arn:x"]) == {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:x"}
    assert deny("D", ("a:b", "c:d"), "*", principal="*", conditions={"Bool": {"k": "v"}, "StringEquals": {}}) == {
        "Sid": "D",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["a:b", "c:d"],
        "Resource": "*",
        "Condition": {"Bool": {"k": "v"}},
    }


def test_documents_merge_in_order_and_are_measured_without_space() -> None:
    first, second = document(allow("A", "a:b", "*")), document(allow("B", "a:b", "*"))
    assert [statement["Sid"] for statement in merge([first, second])["Statement"]] == ["A", "B"]
    assert size(document()) == len('{"Version":"2012-10-17","Statement":[]}')
