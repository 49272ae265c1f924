"""Names that something else holds, or that something on its way out still holds; and those that are this env's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT
from modules.ops.preflight.check import Answer, Context
from modules.ops.preflight.names import check_names
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_preflight.conftest import make_context
from tests.unit.ops_preflight.support import refuse, with_stacks

OURS = make_config().deployment
REGION = "us-east-2"
#: What the env would make, one of each kind.
RESOURCES: dict[str, Any] = {
    "aws_kms_alias": {"a": {"name": "alias/hub"}},
    "aws_secretsmanager_secret": {"s": {"name": "lab/cookie"}},
    "aws_cloudwatch_log_group": {"l": {"name": "/aws/eks/lab/cluster"}, "later": {"name": "${aws_eks_cluster.main.name}"}},
    "aws_eks_cluster": {"main": {"name": "lab"}},
    "aws_s3_bucket": {"b": {"bucket": "lab-shared"}},
    "aws_iam_role": {"r": {"name": "lab-node"}},
    "aws_iam_policy": {"p": {"name": "lab-policy"}},
    "aws_cognito_user_pool_domain": {"d": {"domain": "lab-login"}},
}
Prepare = Callable[[boto3.Session, str], object]


def of(session: boto3.Session, service: str) -> Any:
    return session.client(service, region_name=REGION)


def tags(owner: str, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: DEPLOYMENT, value: owner}] if owner else []


def alias(session: boto3.Session, owner: str) -> str:
    kms = of(session, "kms")
    id: str = kms.create_key(Tags=tags(owner, "TagKey", "TagValue"))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/hub", TargetKeyId=id)
    return id


def dying_alias(session: boto3.Session, owner: str) -> None:
    of(session, "kms").schedule_key_deletion(KeyId=alias(session, owner), PendingWindowInDays=7)


def secret(session: boto3.Session, owner: str) -> None:
    of(session, "secretsmanager").create_secret(Name="lab/cookie", SecretString="x", Tags=tags(owner))


def dying_secret(session: boto3.Session, owner: str) -> None:
    secret(session, owner)
    of(session, "secretsmanager").delete_secret(SecretId="lab/cookie", RecoveryWindowInDays=7)


def log_group(session: boto3.Session, owner: str) -> None:
    of(session, "logs").create_log_group(logGroupName="/aws/eks/lab/cluster", tags={DEPLOYMENT: owner} if owner else {})


def cluster(session: boto3.Session, owner: str) -> None:
    vpc: dict[str, Any] = {"subnetIds": []}
    of(session, "eks").create_cluster(
        name="lab", roleArn="arn:aws:iam::123456789012:role/x", resourcesVpcConfig=vpc, tags={DEPLOYMENT: owner} if owner else {}
    )


def bucket(session: boto3.Session, owner: str) -> None:
    s3 = of(session, "s3")
    s3.create_bucket(Bucket="lab-shared", CreateBucketConfiguration={"LocationConstraint": REGION})
    if owner:
        s3.put_bucket_tagging(Bucket="lab-shared", Tagging={"TagSet": tags(owner)})


def role(session: boto3.Session, owner: str) -> None:
    path = f"/hubsmith/{owner}/" if owner else "/"
    of(session, "iam").create_role(RoleName="lab-node", Path=path, AssumeRolePolicyDocument="{}")


def policy(session: boto3.Session, owner: str) -> None:
    document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}}'
    path = f"/hubsmith/{owner}/" if owner else "/"
    of(session, "iam").create_policy(PolicyName="lab-policy", Path=path, PolicyDocument=document)


def login(session: boto3.Session, owner: str) -> None:
    cognito = of(session, "cognito-idp")
    pool = cognito.create_user_pool(PoolName="x", UserPoolTags={DEPLOYMENT: owner} if owner else {})["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="lab-login", UserPoolId=pool)


def hidden_bucket(session: boto3.Session, owner: str) -> None:
    refuse(session, "s3.HeadBucket", "403")


def moved_bucket(session: boto3.Session, owner: str) -> None:
    refuse(session, "s3.HeadBucket", "301")


def judged(session: boto3.Session, folder: Path, **more: Any) -> Answer:
    return check_names(with_stacks(session, folder, RESOURCES, **more))


@pytest.mark.parametrize(
    ("prepare", "owner", "severity", "where", "what", "fix"),
    [
        pytest.param(alias, "", "error", "alias/hub", "the alias of that name exists", "delete-alias", id="alias-untagged"),
        pytest.param(alias, "other", "error", "alias/hub", "not this env's", "delete-alias", id="alias-foreign"),
        pytest.param(dying_alias, OURS, "error", "alias/hub", "which is deleted on 20", "cancel-key-deletion --key-id", id="alias-dying"),
        pytest.param(secret, "other", "error", "lab/cookie", "a secret of that name exists", "tag it", id="secret-foreign"),
        pytest.param(dying_secret, OURS, "error", "lab/cookie", "was deleted and is kept until 20", "restore-secret", id="secret-dying"),
        pytest.param(log_group, "", "note", "/aws/eks/lab/cluster", "the install takes it over", "", id="log-group-untagged"),
        pytest.param(log_group, "other", "error", "/aws/eks/lab/cluster", "not this env's", "its tag says other", id="log-group-foreign"),
        pytest.param(cluster, "other", "error", "name", "cluster lab of the deployment other", "cluster.existing", id="cluster-foreign"),
        pytest.param(cluster, "", "error", "name", "that Hubsmith did not make", "another name", id="cluster-untagged"),
        pytest.param(bucket, "other", "error", "lab-shared", "belongs to the deployment other", "another name", id="bucket-foreign"),
        pytest.param(hidden_bucket, "", "error", "state.bucket", "belongs to another account", "state.bucket", id="bucket-elsewhere"),
        pytest.param(moved_bucket, "", "error", "lab-shared", "exists in another region", "another name", id="bucket-other-region"),
        pytest.param(role, "", "error", "name", "the IAM role lab-node exists under /,", "aws iam get-role", id="role-foreign"),
        pytest.param(
            policy, "other", "error", "name", "policy lab-policy exists under /hubsmith/other/", "get-policy", id="policy-foreign"
        ),
        pytest.param(
            login, "other", "error", "auth.domain_prefix", "taken by the user pool us-east-2_", "choose another", id="login-foreign"
        ),
    ],
)
def test_a_name_that_is_not_free(
    session: boto3.Session, tmp_path: Path, prepare: Prepare, owner: str, severity: str, where: str, what: str, fix: str
) -> None:
    prepare(session, owner)
    finding = next(each for each in judged(session, tmp_path).findings if each.where == where)
    assert finding.severity == severity
    assert what in finding.what
    assert fix in finding.fix


def test_names_that_are_free(session: boto3.Session, tmp_path: Path) -> None:
    answer = judged(session, tmp_path)
    assert answer.findings == []
    assert answer.said == "9 names", "the state bucket is one, what Terraform works out is none"


def test_names_that_are_ours(session: boto3.Session, tmp_path: Path) -> None:
    for make in (alias, secret, log_group, cluster, bucket, role, policy, login):
        make(session, OURS)
    assert judged(session, tmp_path).findings == []


def test_a_bucket_that_has_no_tag_yet_is_taken_over(session: boto3.Session, tmp_path: Path) -> None:
    bucket(session, "")
    assert judged(session, tmp_path).findings == []


def test_envs_may_share_a_state_bucket(session: boto3.Session, tmp_path: Path) -> None:
    s3, name = of(session, "s3"), make_config().state_bucket
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags("other")})
    assert judged(session, tmp_path).findings == []


def test_a_deleted_secret_that_a_person_fills_is_restored_by_the_install(session: boto3.Session, tmp_path: Path) -> None:
    dying_secret(session, OURS)
    read = {"aws_secretsmanager_secret_version": {"v": {"secret_id": "lab/cookie"}}}
    assert judged(session, tmp_path, ephemeral=read).findings == []


def test_one_refusal_hides_no_other_name(session: boto3.Session, tmp_path: Path) -> None:
    role(session, "")
    refuse(session, "kms.ListAliases")
    answer = judged(session, tmp_path)
    assert [each.where for each in answer.findings] == ["name"]
    assert "could not list the aliases of keys" in answer.unchecked


@pytest.mark.parametrize(
    ("call", "make"), [("kms.DescribeKey", alias), ("kms.ListResourceTags", alias), ("cognito-idp.DescribeUserPool", login)]
)
def test_what_we_may_not_look_at_is_not_ours(session: boto3.Session, tmp_path: Path, call: str, make: Prepare) -> None:
    make(session, "other")
    refuse(session, call)
    assert [each.severity for each in judged(session, tmp_path).findings] == ["error"]


def test_without_stacks_nothing_is_known(session: boto3.Session) -> None:
    context: Context = make_context(session)
    with pytest.raises(HubError, match="the stacks of this env are not known"):
        check_names(context)
