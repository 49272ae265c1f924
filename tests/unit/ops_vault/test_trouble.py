"""Vault that cannot or will not: one sentence each, with what to do, and never a secret."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.ops.vault.client import Vault
from tests.unit.ops_vault.conftest import ADA, ROLE, Lab, vault_config
from tests.vault.double import FakeVault

VERBS = [("configure",), ("users",), ("link-user", ADA, ROLE), ("unlink-user", ADA)]


@pytest.mark.parametrize("words", VERBS)
@pytest.mark.parametrize(
    ("vault", "says", "fix"),
    [
        (FakeVault(initialised=True, kms="denied"), "Vault is sealed. It opens by KMS alone", "./hub vault status lab"),
        (FakeVault(), "Vault is not initialised", "./hub vault init lab"),
        (FakeVault(initialised=True, sealed=False, standby=True), "this member is a standby", "choose a leader within seconds"),
    ],
)
def test_states(make_lab: Callable[..., Lab], vault: FakeVault, words: tuple[str, ...], says: str, fix: str) -> None:
    lab = make_lab(vault=vault)
    code, out, err = lab.run(words[0], *words[1:])
    assert (code, out) == (1, "")
    assert says in err
    assert fix in err


def test_nothing_answers(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, _, err = lab.run("users", address=f"https://127.0.0.1:{port}")
    assert code == 1
    assert "nothing answers there" in err
    assert "./hub vault status lab" in err


def test_a_certificate_of_somebody_else(lab: Lab, bundle: dict[str, str]) -> None:
    code, _, err = lab.run("users", address=lab.url.replace("127.0.0.1", "127.0.0.2"))
    assert code == 1
    assert "could not" in err
    client = lab.session.client("secretsmanager", region_name=lab.config.region)
    client.put_secret_value(SecretId=f"{lab.config.deployment}/vault-ca", SecretString=bundle["certificate"])
    code, _, err = lab.run("users")
    assert code == 1
    assert "the certificate shown is not one of this env's Vault" in err
    assert lab.vault.calls == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:8200", "127.0.0.1:8200"])
def test_plain_http_is_refused(lab: Lab, address: str) -> None:
    code, _, err = lab.run("users", address=address)
    assert code == 1
    assert "by https alone" in err


def test_a_revoked_token(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.ready()
    monkeypatch.setenv("VAULT_TOKEN", "hvs.thistokenwasrevokedlongago")
    code, _, err = lab.run("users")
    assert code == 1
    assert "Vault forbids it (permission denied; invalid token)" in err
    assert "unset VAULT_TOKEN" in err
    assert "longago" not in err


def test_root_revoked_by_hand_before_configure(lab: Lab) -> None:
    lab.run("init")
    lab.vault.tokens.clear()
    code, _, err = lab.run("configure")
    assert code == 1
    assert "Vault forbids it" in err


def test_who_is_no_admin_is_told_who_is(lab: Lab) -> None:
    lab.ready()
    lab.vault.callers["testing"] = "arn:aws:iam::123456789012:role/Visitor"
    code, _, err = lab.run("users")
    assert code == 1
    assert "Admins of Vault are: arn:aws:iam::123456789012:role/Admins" in err


def test_a_login_caught_for_another_vault_is_of_no_use(lab: Lab) -> None:
    lab.ready()
    lab.vault.store["auth/aws/config/client"]["iam_server_id_header_value"] = "vault.elsewhere"
    code, _, err = lab.run("users")
    assert code == 1
    assert "X-Vault-AWS-IAM-Server-ID" in err


def test_not_in_hub_yaml_and_not_installed(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(vault_config(top={"vault": None}))
    assert "has no section `vault`" in lab.run("status")[2]
    lab.config = vault_config(top={"env": "lab", "region": "us-west-2"})
    lab.session.client("s3", region_name="us-west-2").create_bucket(
        Bucket=lab.config.state_bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    assert "Vault of lab is not installed" in lab.run("status")[2]


def test_no_secret_shows_anywhere(lab: Lab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A canary in every output, log and file: recovery keys, tokens and credentials of a whole life with its troubles."""
    caplog.set_level(logging.DEBUG)
    # boto's own debug log repeats every body, those of Secrets Manager too; nothing of ours ever turns it on.
    caplog.set_level(logging.INFO, logger="botocore")
    lab.ready()
    lab.run("init")
    lab.allow()
    for words in (("link-user", ADA, ROLE), ("users",), ("configure",), ("status",)):
        lab.run(words[0], *words[1:])
        lab.run(words[0], *words[1:], "--json")
    root = lab.vault.issue("root")
    monkeypatch.setenv("VAULT_TOKEN", root)
    lab.vault.tokens.clear()
    lab.run("link-user", ADA, ROLE)
    lab.vault.sealed, lab.vault.kms = True, f"AccessDenied {root}"
    lab.run("configure")
    assert len(lab.vault.secrets_given) > 15
    files = "".join(each.read_text("utf-8", "replace") for each in lab.root.rglob("*") if each.is_file())
    everything = "".join(lab.said) + caplog.text + files
    assert not [each for each in lab.vault.secrets_given if each in everything]


def test_an_error_keeps_no_request(lab: Lab, bundle: dict[str, str], tmp_path: Path) -> None:
    """The cause of an error would carry the token in the headers of its request."""
    path = tmp_path / "ca.crt"
    path.write_text(bundle["ca"])
    lab.ready()
    vault = Vault("lab", lab.url, str(path))
    vault.use("hvs.somethingthatmustnotshow")
    with pytest.raises(Exception, match="forbids") as caught:
        vault.read("aws/config/root", "read it")
    assert caught.value.__suppress_context__
    assert "mustnotshow" not in repr(vault) + str(caught.value)
