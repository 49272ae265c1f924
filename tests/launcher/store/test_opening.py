"""The store that the settings name, and Secrets Manager as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.common.errors import HubError
from modules.launcher.errors import LauncherError
from modules.launcher.settings import parse
from modules.launcher.store import LocalStore, NoStore, SecretRefused, StoreUnavailable, open_store, sealing
from modules.launcher.store.secrets_manager import SecretsManagerStore, make_client


def settings(text: str) -> Any:
    return parse(f"runtime: {{runtime_type: eks, credentials: {{in_cluster: true}}}}\nsecret_store: {{{text}}}\n", "x").secret_store


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of an account that holds three secrets."""
    with mock_aws():
        monkeypatch.setenv("AWS_REGION", "us-west-2")
        client = boto3.client("secretsmanager", region_name="us-west-2")
        client.create_secret(Name="demo/launcher/creds", SecretString='{"AccessKeyId": "AKIA"}')
        client.create_secret(Name="demo/launcher/bytes", SecretBinary=b"x")
        client.create_secret(Name="demo/other", SecretString="not for processes")
        yield client


def test_none_is_opened() -> None:
    assert isinstance(open_store(settings("secret_store_type: none")), NoStore)


@pytest.mark.parametrize("source", ["settings", "environment", "person"])
def test_a_local_store_is_opened_with_a_password_from(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_ROUNDS", 10)
    LocalStore.create(tmp_path / "store", "pw").add("name", "value")
    (tmp_path / "password").write_text("pw\n")
    named = f"secret_store_type: local, store_location: {tmp_path}/store"
    store = {
        "settings": lambda: open_store(settings(f"{named}, password_file: {tmp_path}/password"), environ={}),
        "environment": lambda: open_store(settings(named), environ={"HYDROPLANE_STORE_PASSWORD": "pw"}),
        "person": lambda: open_store(settings(named), environ={}, ask=lambda question: "pw"),
    }[source]()
    assert store.get("name") == "value"


def test_secrets_below_the_prefix_are_read(manager: Any) -> None:
    store = open_store(settings("secret_store_type: aws, prefix: demo/launcher/"))
    assert isinstance(store, SecretsManagerStore)
    assert store.get("creds") == '{"AccessKeyId": "AKIA"}'
    assert store.get("creds", "AccessKeyId") == "AKIA"
    manager.put_secret_value(SecretId="demo/launcher/creds", SecretString='{"AccessKeyId": "ROTATED"}')
    assert store.get("creds", "AccessKeyId") == "ROTATED"


@pytest.mark.parametrize(
    ("prepare", "name", "key", "kind"),
    [
        (lambda client: None, "absent", None, KeyError),
        (lambda client: None, "../other", None, KeyError),
        (lambda client: client.delete_secret(SecretId="demo/launcher/creds"), "creds", None, KeyError),
        (lambda client: None, "bytes", None, SecretRefused),
        (lambda client: None, "creds", "none", ValueError),
    ],
    ids=["absent", "outside the prefix", "being deleted", "bytes", "no such key"],
)
def test_what_cannot_be_given_is_told_as_the_protocol_says(
    manager: Any, prepare: Callable[[Any], None], name: str, key: str | None, kind: type[Exception]
) -> None:
    prepare(manager)
    with pytest.raises(kind):
        SecretsManagerStore(make_client(None), "demo/launcher/").get(name, key)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", SecretRefused), ("ThrottlingException", StoreUnavailable), ("InternalServiceError", StoreUnavailable)],
)
def test_a_refusal_of_aws_is_told_from_an_absence(code: str, kind: type[Exception]) -> None:
    from botocore.exceptions import ClientError

    class Refuses:
        def get_secret_value(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "x"}}, "GetSecretValue")

    with pytest.raises(kind) as refused:
        SecretsManagerStore(Refuses(), "demo/").get("name")
    assert not isinstance(refused.value, KeyError)


def test_a_store_that_does_not_answer_is_503_to_a_caller_and_a_sentence_at_the_start() -> None:
    error = StoreUnavailable("Secrets Manager does not answer", fix="try again")
    assert isinstance(error, LauncherError)
    assert (error.status, error.details, error.retry_after) == (503, "Secrets Manager does not answer", None)
    assert isinstance(error, HubError)
    assert "what to do" in str(error)


def test_without_a_region_secrets_manager_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(HubError, match="region"):
        make_client(None)
