"""Initialising: once, keys before anything else, and nothing lost when AWS refuses."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest

from modules.common import vault as refs
from modules.ops.failures.aws import explain
from modules.ops.vault.keeping import Keeper
from tests.unit.ops_aws.support import refusal
from tests.unit.ops_vault.conftest import Lab
from tests.vault.double import FakeVault


def test_init_keeps_keys_and_root_in_secrets_manager(lab: Lab) -> None:
    code, out, err = lab.run("init")
    assert (code, err) == (0, "")
    kept = lab.secret(refs.RECOVERY_KEYS_SECRET)
    assert kept["keys"] == lab.vault.secrets_given[1:6]
    assert kept["threshold"] == 3
    assert lab.secret(refs.ROOT_TOKEN_SECRET)["token"] in lab.vault.tokens
    assert "5, of which 3 are needed" in out
    assert "./hub vault configure lab" in out


def test_a_second_init_changes_nothing(lab: Lab) -> None:
    lab.run("init")
    before, tokens = lab.secret(refs.RECOVERY_KEYS_SECRET), dict(lab.vault.tokens)
    lab.vault.calls.clear()
    code, out, _ = lab.run("init")
    assert code == 0
    assert "initialised already; nothing was changed" in out
    assert lab.secret(refs.RECOVERY_KEYS_SECRET) == before
    assert lab.vault.tokens == tokens
    assert lab.vault.writes == []


def test_init_waits_until_vault_has_opened_itself(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.ops.vault.init._EVERY", 0.001)
    lab.vault.opens_after = 3
    assert lab.json("init") == {
        "env": "lab",
        "command": "vault",
        "action": "init",
        "exit": 0,
        "initialised": True,
        "already": False,
        "rescued": False,
        "recovery_keys_kept": True,
    }
    assert not lab.vault.sealed


def test_somebody_elses_init_is_said(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(vault=FakeVault(initialised=True, sealed=False))
    code, _, err = lab.run("init")
    assert code == 0
    assert "not in the secret vault-recovery-keys" in err


@pytest.mark.parametrize(
    ("vault", "says"),
    [
        (FakeVault(kms="AccessDeniedException: not authorized to perform: kms:Encrypt"), "KMS denies Vault its key"),
        (FakeVault(kind="shamir"), "unsealed by shamir, not by KMS"),
    ],
)
def test_init_refused(make_lab: Callable[..., Lab], vault: FakeVault, says: str) -> None:
    lab = make_lab(vault=vault)
    code, out, err = lab.run("init")
    assert (code, out) == (1, "")
    assert says in err
    assert "what to do" in err
    assert not vault.initialised
    assert not lab.vault.tokens


def test_nothing_is_initialised_when_the_secrets_cannot_be_written(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Keeper, *_: object) -> None:
        raise explain(refusal("AccessDeniedException", "PutSecretValue"), "set the secret")

    monkeypatch.setattr(Keeper, "_put", refused)
    code, _, err = lab.run("init")
    assert code == 1
    assert "these credentials may not do that" in err
    assert not lab.vault.initialised


def test_keys_that_cannot_be_kept_go_to_a_file_of_the_owner_and_back(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one file that ever holds them; the next init empties it."""

    def refused(self: Keeper, *_: object) -> None:
        raise explain(refusal("InternalServiceError", "PutSecretValue"), "set the secret")

    with monkeypatch.context() as broken:
        broken.setattr(Keeper, "keep_recovery", refused)
        code, _, err = lab.run("init")
    file = lab.root / ".hubsmith" / "lab" / "vault-init.json"
    assert code == 1
    assert "KEYS ARE NOT IN SECRETS MANAGER" in err
    assert str(file) in err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(each in err for each in lab.vault.secrets_given)
    code, out, _ = lab.run("init")
    assert code == 0
    assert "are in Secrets Manager now" in out
    assert not file.exists()
    assert lab.secret(refs.RECOVERY_KEYS_SECRET)["keys"] == lab.vault.secrets_given[1:6]
    assert lab.secret(refs.ROOT_TOKEN_SECRET)["token"] == lab.vault.secrets_given[0]
