"""Secrets with a value, without one, and who could be asked. No value is ever read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.ops.preflight.check import Answer
from modules.ops.preflight.secrets import check_secrets
from tests.unit.ops_preflight.support import with_stacks

NAME = "lab/oauth-client-secret"
CONTAINER = {"aws_secretsmanager_secret": {"s": {"name": NAME}, "made": {"name": "lab/cookie"}}}
MADE = {"aws_secretsmanager_secret_version": {"made": {"secret_id": "lab/cookie"}}}
READ = {"aws_secretsmanager_secret_version": {"s": {"secret_id": NAME}, "made": {"secret_id": "lab/cookie"}}}


def judged(session: boto3.Session, folder: Path, **more: Any) -> Answer:
    return check_secrets(with_stacks(session, folder, {**CONTAINER, **MADE}, ephemeral=READ, **more))


@pytest.mark.parametrize(
    ("more", "variable", "severities", "words"),
    [
        ({}, "", ["error"], "nobody can be asked"),
        ({"may_ask": True}, "", ["note"], "an install asks for it"),
        ({}, "from-the-shell", [], ""),
        ({"rehearsal": True, "aws": {}}, "", [], ""),
    ],
)
def test_a_secret_without_a_value(
    session: boto3.Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, Any],
    variable: str,
    severities: list[str],
    words: str,
) -> None:
    monkeypatch.setenv("TF_VAR_oauth_client_secret", variable)
    answer = judged(session, tmp_path, **more)
    assert [each.severity for each in answer.findings] == severities
    assert all(words in each.what and "./hub secrets set lab oauth-client-secret" in each.fix for each in answer.findings)
    assert answer.said.startswith("1 secret"), "what Terraform makes is nobody's to give"
    assert "from-the-shell" not in str(answer)


def test_a_secret_that_has_one(session: boto3.Session, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    session.client("secretsmanager", region_name="us-east-2").create_secret(Name=NAME, SecretString="hidden")
    session.events.register("before-call", lambda model, **_: seen.update([model.name]))
    assert judged(session, tmp_path).findings == []
    assert set(seen) == {"DescribeSecret"}
