"""A gap never hides: it is recorded, and the caller is told in its own protocol at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from modules.rehearsal.emulator.faults import action_of, fault_in
from tests._support.emulator import Emulator

UNKNOWN: list[tuple[str, Callable[[boto3.Session], Any], str, str]] = [
    ("rest-json, unknown", lambda s: s.client("eks").list_fargate_profiles(clusterName="c"), "eks", "fargate-profiles"),
    ("rest-json, no URL", lambda s: s.client("backup").list_protected_resources(), "backup", "/resources"),
    ("query", lambda s: s.client("ec2").describe_fast_launch_images(), "ec2", "DescribeFastLaunchImages"),
    ("json", lambda s: s.client("ecr").describe_pull_through_cache_rules(), "ecr", "DescribePullThroughCacheRules"),
]


@pytest.mark.parametrize(("call", "service", "action"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_an_unknown_call_is_a_fault(emulator: Emulator, call: Callable[[boto3.Session], Any], service: str, action: str) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        call(emulator.session())
    faults = emulator.faults()
    assert [(fault["service"], action in fault["action"]) for fault in faults] == [(service, True)], "told once: the SDK does not retry"


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.client("s3").head_bucket(Bucket="nowhere"),
        lambda s: s.client("iam").get_role(RoleName="nobody"),
        lambda s: s.client("kms").describe_key(KeyId="alias/none"),
        lambda s: s.client("route53").get_hosted_zone(Id="Z0"),
        lambda s: s.client("efs").describe_file_systems(FileSystemId="fs-0"),
        lambda s: s.client("backup").describe_backup_vault(BackupVaultName="none"),
        lambda s: s.client("sqs").get_queue_url(QueueName="none"),
    ],
    ids=["s3", "iam", "kms", "route53", "efs", "backup", "sqs"],
)
def test_what_is_not_there_is_no_fault(emulator: Emulator, call: Callable[[boto3.Session], Any]) -> None:
    with pytest.raises(ClientError):
        call(emulator.session())
    assert emulator.faults() == []


def test_a_reset_forgets_faults(emulator: Emulator) -> None:
    with pytest.raises(ClientError):
        emulator.session().client("eks").list_fargate_profiles(clusterName="c")
    emulator.reset()
    assert emulator.faults() == []


SIGNED = "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/eks/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("status", "answer", "method", "fault"),
    [
        (200, b"", "GET", False),
        (404, b'{"message": "no such cluster"}', "GET", False),
        (404, b"", "HEAD", False),
        (404, b"", "GET", True),
        (404, b"<!doctype html><title>404 Not Found</title>", "GET", True),
        (400, b"<!DOCTYPE html>", "GET", True),
        (500, b"", "HEAD", True),
        (503, json.dumps({"message": "slow down"}).encode(), "GET", True),
    ],
)
def test_what_counts_as_a_fault(status: int, answer: bytes, method: str, fault: bool) -> None:
    environ = {"HTTP_AUTHORIZATION": SIGNED, "REQUEST_METHOD": method, "PATH_INFO": "/clusters"}
    found = fault_in(environ, b"", status, answer)
    assert (found is not None) == fault
    assert found is None or (found.service, found.action) == ("eks", f"{method} /clusters")


@pytest.mark.parametrize(
    ("environ", "body", "action"),
    [
        ({"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.PutItem"}, b"", "PutItem"),
        ({"CONTENT_TYPE": "application/x-www-form-urlencoded"}, b"Action=CreateVpc&Version=2016-11-15", "CreateVpc"),
        ({"REQUEST_METHOD": "PUT", "PATH_INFO": "/bucket"}, b"x", "PUT /bucket"),
    ],
)
def test_what_a_request_asks_for(environ: dict[str, str], body: bytes, action: str) -> None:
    assert action_of(environ, body) == action
