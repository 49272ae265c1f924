"""The program in users' servers, run as AWS tools run it, against the stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modules.common import servers
from modules.common import vault as refs
from modules.hub.server import vault_credentials
from tests.unit.ops_vault.conftest import ADA, BOB, ROLE, Lab
from tests.unit.ops_vault.test_isolation import token_of
from tests.unit.ops_vault.test_link import BOBS

PROGRAM = Path(vault_credentials.__file__)


@pytest.fixture
def linked(lab: Lab) -> Lab:
    """Ada and Bob, each with a role that trusts Vault."""
    lab.ready()
    for email, role in ((ADA, ROLE), (BOB, BOBS)):
        lab.allow(email, role)
        lab.run("link-user", email, role)
    return lab


def run(lab: Lab, bundle: dict[str, str], pod: str, *, claims: str = "", address: str = "") -> subprocess.CompletedProcess[str]:
    """As the AWS CLI runs it in the pod `pod`, whose token says `claims`."""
    folder = lab.root / "vault"
    folder.mkdir(exist_ok=True)
    (folder / "ca.crt").write_text(bundle["ca"])
    (folder / "token").write_text(token_of(lab, claims or pod))
    environment = {
        "VAULT_ADDR": address or lab.url,
        "VAULT_CACERT": str(folder / "ca.crt"),
        "HOSTNAME": pod,
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }
    return subprocess.run([sys.executable, "-I", str(PROGRAM)], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_server_gets_its_own_users_credentials(linked: Lab, bundle: dict[str, str]) -> None:
    found = json.loads(run(linked, bundle, servers.pod_name(ADA)).stdout)
    assert set(found) == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert found["Version"] == 1
    assert found["SecretAccessKey"] in linked.vault.secrets_given
    assert ("GET", f"aws/sts/userrole-{ADA}") == linked.vault.calls[-1]


@pytest.mark.parametrize(
    ("pod", "claims", "says"),
    [
        (servers.pod_name("carol"), "", "you are not linked to a role"),
        (servers.pod_name(BOB), servers.pod_name(ADA), "does not match any associated bound claim"),
    ],
)
def test_others_get_a_sentence(linked: Lab, bundle: dict[str, str], pod: str, claims: str, says: str) -> None:
    done = run(linked, bundle, pod, claims=claims)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_trust_taken_back_is_said(linked: Lab, bundle: dict[str, str]) -> None:
    linked.vault.trusting.clear()
    done = run(linked, bundle, servers.pod_name(ADA))
    assert done.returncode == 1
    assert "your role does not trust Vault yet, or no longer" in done.stderr


def test_a_vault_of_somebody_else_gets_no_token(linked: Lab, bundle: dict[str, str]) -> None:
    linked.vault.calls.clear()
    done = run(linked, {"ca": bundle["certificate"]}, servers.pod_name(ADA))
    assert done.returncode == 1
    assert "Vault does not answer" in done.stderr
    assert linked.vault.calls == []


def test_both_sides_use_the_same_names() -> None:
    assert vault_credentials.LOGIN == servers.LOGIN
    assert vault_credentials.ENGINE == refs.AWS_MOUNT
    assert vault_credentials.ROLE_PREFIX == refs.USER_ROLE_PREFIX
