"""The account is checked before anything is touched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.config import HubConfig
from modules.config.load import load_env
from modules.ops import target as module
from modules.ops.target import resolve_target
from tests.unit.ops_aws.support import refusal


@pytest.fixture
def dandi(root: Path) -> HubConfig:
    """A real env: it names an account, a region and a profile."""
    return load_env(root, "dandi")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, dandi: HubConfig) -> dict[str, str]:
    """What STS answers; the environment is put back afterwards."""
    saved = dict(os.environ)
    answers = {"account": dandi.aws.account or ""}
    monkeypatch.setattr(module, "_caller", lambda session, config: answers["account"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield answers  # type: ignore[misc]
    os.environ.clear()
    os.environ.update(saved)


@pytest.mark.parametrize(("given", "used"), [(None, "400"), ("100", "100")])
def test_go_collects_less_unless_the_caller_says_so(
    root: Path, dandi: HubConfig, account: dict[str, str], monkeypatch: pytest.MonkeyPatch, given: str | None, used: str
) -> None:
    monkeypatch.delenv("GOGC", raising=False)
    if given:
        monkeypatch.setenv("GOGC", given)
    assert resolve_target(root, dandi).environment["GOGC"] == used


def test_the_right_account(root: Path, dandi: HubConfig, account: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TF_CLI_ARGS", "TF_WORKSPACE", "TF_VAR_token", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, "stray")
    found = resolve_target(root, dandi)
    assert (found.account, found.is_rehearsal, found.override) == (dandi.aws.account, False, {})
    assert found.environment["AWS_REGION"] == dandi.region
    assert not [name for name in found.environment if name.startswith("TF_")]
    assert os.environ["AWS_REGION"] == dandi.region, "boto3 reads it there"
    assert found.environment.get("AWS_PROFILE") is None, "keys of the environment come first, for both programs alike"


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"account": "999999999999"}, "aws.account", "belong to account 999999999999"),
        ({"region": "eu-central-1"}, "region", "AWS_REGION says eu-central-1"),
    ],
)
def test_the_wrong_account_or_region_stops_everything(
    root: Path, dandi: HubConfig, account: dict[str, str], monkeypatch: pytest.MonkeyPatch, change: dict[str, str], where: str, words: str
) -> None:
    account |= {key: value for key, value in change.items() if key == "account"}
    if "region" in change:
        monkeypatch.setenv("AWS_REGION", change["region"])
    with pytest.raises(HubError, match=words) as caught:
        resolve_target(root, dandi)
    assert caught.value.where == where
    assert caught.value.fix


def test_a_profile_that_does_not_exist_is_a_sentence(root: Path, dandi: HubConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "AWS_PROFILE": "nowhere"})
    with pytest.raises(HubError, match="credentials"):
        resolve_target(root, dandi)


@pytest.mark.parametrize(
    ("error", "what", "fix"),
    [
        (
            refusal("InvalidClientTokenId", "GetCallerIdentity", 403),
            "InvalidClientTokenId",
            "aws account enable-region --region-name us-east-2",
        ),
        (refusal("ExpiredToken", "GetCallerIdentity", 403), "ExpiredToken", "sign in again"),
        (RuntimeError("the refreshed credentials are still expired"), "still expired", "sign in again"),
    ],
)
def test_credentials_that_do_not_work_are_a_sentence(
    dandi: HubConfig, monkeypatch: pytest.MonkeyPatch, error: Exception, what: str, fix: str
) -> None:
    class Client:
        def get_caller_identity(self) -> None:
            raise error

    monkeypatch.setattr(module, "client", lambda *_: Client())
    with pytest.raises(HubError, match="could not sign in to AWS in us-east-2") as caught:
        module._caller(None, dandi)  # type: ignore[arg-type]
    assert what in caught.value.what
    assert fix in caught.value.fix


def test_a_rehearsal_forgets_the_caller_s_account(root: Path, account: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from modules.rehearsal import session

    running: Any = session.Running("demo", 1, 2, 1, "http://127.0.0.1:1", 0.0)
    monkeypatch.setattr(session, "start", lambda root, config: running)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "the caller's")
    found = resolve_target(root, load_env(root, "demo"))
    assert found.is_rehearsal
    assert found.environment["AWS_ENDPOINT_URL"] == os.environ["AWS_ENDPOINT_URL"] == running.url
    assert "the caller's" not in found.environment.values()
    assert "AWS_PROFILE" not in os.environ
    assert found.label == "rehearsal on 127.0.0.1:1"
