"""Vault's certificate: a real TLS handshake by its names, the same CA when it is signed anew, and nothing of it shown."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.secret_delivery import collect
from modules.ops.secret_store import SecretStore
from modules.ops.secrets import Need, needs
from modules.ops.synth import Stack
from modules.ops.vault_certificate import CA_DAYS, DAYS, RENEW_DAYS, current, due
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import make_config

NAMES = refs.certificate_names("vault")
NOW = datetime.now(UTC)
GROUPS = {"vault": {"instance_types": ["t3a.medium"], "min": 3, "max": 3, "purpose": "vault"}}


def bundle_of(kept: str | None = None, names: tuple[str, ...] = NAMES, days: float = 0) -> str:
    """The bundle as it is `days` from now."""
    return current(kept, names, deployment="lab-1", now=NOW + timedelta(days=days))


@pytest.fixture(scope="module")
def bundle() -> str:
    return bundle_of()


def serve(bundle: dict[str, str], folder: Path) -> tuple[int, threading.Thread]:
    """A listener on loopback with the certificate, for one handshake."""
    file = folder / "server.pem"
    file.write_text(bundle[refs.PRIVATE_KEY] + bundle[refs.CERTIFICATE_KEY])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listening = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        with listening, listening.accept()[0] as met:
            try:
                context.wrap_socket(met, server_side=True).close()
            except (ssl.SSLError, OSError):
                return

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    return listening.getsockname()[1], thread


def greets(bundle: dict[str, str], ca: str, name: str, folder: Path) -> bool:
    """Whether a client that trusts `ca` alone takes the server for `name`."""
    port, thread = serve(bundle, folder)
    trusting = ssl.create_default_context(cadata=ca)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as met, trusting.wrap_socket(met, server_hostname=name):
            return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        thread.join(60)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("vault.vault.svc", True),
        ("vault-active.vault.svc", True),
        ("vault-0.vault-internal.vault", True),
        ("vault-2.vault-internal.vault.svc", True),
        ("127.0.0.1", True),
        ("localhost", True),
        ("vault.other.svc", False),
        ("vault.vault-internal.other.svc", False),
        ("example.org", False),
    ],
)
def test_a_client_that_trusts_the_ca_meets_vault_by_its_names(
    bundle: str, tmp_path: Path, name: str, taken: bool, evidence: Evidence
) -> None:
    evidence.record("Vault's certificate, by every name clients use", "exercised", "real TLS handshakes on loopback; no real Vault")
    read = json.loads(bundle)
    assert greets(read, read[refs.CA_KEY], name, tmp_path) is taken


def test_another_env_s_ca_vouches_for_nothing_here(bundle: str, tmp_path: Path) -> None:
    assert not greets(json.loads(bundle), json.loads(bundle_of())[refs.CA_KEY], "vault.vault.svc", tmp_path)


@pytest.mark.parametrize(
    ("days", "names", "signed"),
    [
        (0, NAMES, False),
        (DAYS - RENEW_DAYS - 1, NAMES, False),
        (DAYS - RENEW_DAYS + 1, NAMES, True),
        (DAYS + 1, NAMES, True),
        (0, refs.certificate_names("secrets"), True),
    ],
)
def test_it_is_signed_anew_by_the_same_ca(bundle: str, tmp_path: Path, days: int, names: tuple[str, ...], signed: bool) -> None:
    then = bundle_of(bundle, names, days)
    assert (then != bundle) is signed
    old, new = json.loads(bundle), json.loads(then)
    assert new[refs.CA_KEY] == old[refs.CA_KEY], "agents in running pods know no other"
    assert (new[refs.PRIVATE_KEY] != old[refs.PRIVATE_KEY]) is signed
    if days == 0:
        assert greets(new, old[refs.CA_KEY], names[1], tmp_path)


def test_the_ca_outlives_many_certificates() -> None:
    assert CA_DAYS >= 5 * DAYS


@pytest.fixture
def config() -> HubConfig:
    return make_config(vault={"pool": "vault"}, node_groups=GROUPS)


@pytest.fixture
def stacks(tmp_path: Path, config: HubConfig) -> tuple[Stack, ...]:
    """As the engine writes them: room for the four in data, the certificate read by stack vault, its CA as data."""
    containers = {name: {"name": f"{config.deployment}/{name}"} for name in refs.SECRETS}
    kind = "aws_secretsmanager_secret_version"
    documents: dict[str, Any] = {
        "lab-data": {"resource": {"aws_secretsmanager_secret": containers}},
        "lab-vault": {
            "ephemeral": {kind: {"tls": {"secret_id": f"{config.deployment}/{refs.TLS_SECRET}"}}},
            "data": {kind: {"ca": {"secret_id": f"{config.deployment}/{refs.CA_SECRET}"}}},
        },
    }
    made = []
    for name, document in documents.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document))
        made.append(Stack(name, ("lab-data",) if name == "lab-vault" else (), path))
    return tuple(made)


@pytest.fixture
def store(session: boto3.Session, config: HubConfig) -> SecretStore:
    return SecretStore(session, config)


def nobody(question: str) -> None:
    pytest.fail(f"nobody is asked: {question}")


def test_an_install_makes_it_once_and_asks_nobody(config: HubConfig, stacks: tuple[Stack, ...], store: SecretStore) -> None:
    said: list[str] = []
    ids = {name: f"{config.deployment}/{name}" for name in refs.SECRETS}
    for _ in range(2):
        delivery = collect(store, config, stacks, nobody, said.append)
        delivery.before("lab-data")
        delivery.before("lab-vault")
    assert said == ["Vault: made a certificate"]
    kept = json.loads(store.value(ids[refs.TLS_SECRET]) or "")
    assert kept[refs.CA_KEY] == store.value(ids[refs.CA_SECRET])
    assert store.value(ids[refs.RECOVERY_KEYS_SECRET]) is None, "./hub vault init makes them"
    assert "PRIVATE" not in (store.value(ids[refs.CA_SECRET]) or "PRIVATE")


@pytest.mark.parametrize("lost", [refs.CA_SECRET, refs.TLS_SECRET])
def test_a_run_that_was_killed_between_the_two_is_made_good(
    config: HubConfig, stacks: tuple[Stack, ...], store: SecretStore, session: boto3.Session, lost: str
) -> None:
    collect(store, config, stacks, nobody, str).before("lab-vault")
    session.client("secretsmanager", region_name=config.region).delete_secret(
        SecretId=f"{config.deployment}/{lost}", ForceDeleteWithoutRecovery=True
    )
    collect(store, config, stacks, nobody, str).before("lab-vault")
    kept = json.loads(store.value(f"{config.deployment}/{refs.TLS_SECRET}") or "")
    assert kept[refs.CA_KEY] == store.value(f"{config.deployment}/{refs.CA_SECRET}")


def test_who_fills_them(stacks: tuple[Stack, ...], config: HubConfig) -> None:
    found = {need.name: need for need in needs(stacks)}
    assert set(found) == set(refs.SECRETS)
    assert {need.by for need in found.values()} == {"Hubsmith"}
    assert found[refs.CA_SECRET].readers == found[refs.TLS_SECRET].readers == ("lab-vault",)


@pytest.mark.parametrize("changed", [{}, {"vault": None, "node_groups": {}}])
def test_an_env_without_vault_reads_no_secret(config: HubConfig, store: SecretStore, changed: dict[str, Any]) -> None:
    """Neither does one whose synth broke off before stack vault was written."""
    assert due(store, config.model_copy(update=changed), [Need("lab/other")]) == {}


def test_a_refusal_shows_no_key(config: HubConfig, stacks: tuple[Stack, ...], store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = collect(store, config, stacks, nobody, str)

    def refuse(need: Need, value: str) -> None:
        raise HubError(f"set the secret {need.name}: denied")

    monkeypatch.setattr(store, "put", refuse)
    with pytest.raises(HubError) as caught:
        delivery.before("lab-vault")
    assert "BEGIN" not in str(caught.value)
