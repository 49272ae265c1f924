"""The way to Vault through the cluster's API, and what status tells of each member."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.ops_vault.conftest import ADA, ROLE, Lab
from tests.vault.cluster import FakePods, serve


@pytest.fixture
def pods(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePods]:
    """Three pods that end at the stand-in, in a cluster that the verbs find by a kubeconfig."""
    port = int(lab.url.rpartition(":")[2])
    with serve(FakePods({f"vault-{number}": port for number in range(3)}, active="vault-1")) as cluster:
        kubeconfig = lab.root / "kubeconfig"
        named = {"cluster": {"server": cluster.url}, "name": "fake"}
        context = {"context": {"cluster": "fake", "user": "me"}, "name": "fake"}
        kubeconfig.write_text(
            json.dumps({"clusters": [named], "contexts": [context], "current-context": "fake", "users": [{"name": "me", "user": {}}]})
        )
        monkeypatch.setenv("HUB_KUBECONFIG", str(kubeconfig))
        yield cluster


def test_a_whole_life_through_a_port_forward(lab: Lab, pods: FakePods) -> None:
    assert lab.run("init", address="")[0] == 0
    # The first member is initialised, whoever leads later; the others join it.
    assert set(pods.asked) == {("vault-0", "8200")}
    pods.asked.clear()
    assert lab.run("configure", address="")[0] == 0
    lab.allow()
    code, out, err = lab.run("link-user", ADA, ROLE, address="")
    assert (code, err) == (0, "")
    assert "Vault assumes the role" in out
    assert set(pods.asked) == {("vault-1", "8200")}


def test_status_shows_each_member(lab: Lab, pods: FakePods) -> None:
    lab.ready()
    pods.waiting["vault-2"] = "CrashLoopBackOff"
    code = lab.run("status", "--json", address="")
    found = json.loads(code[1])
    assert code[0] == 0
    assert [(each["member"], each["state"], each["role"]) for each in found["members"]] == [
        ("vault-0", "open", "leader"),
        ("vault-1", "open", "leader"),
        ("vault-2", "CrashLoopBackOff", ""),
    ]
    assert found["root_token"] is None
    assert found["recovery_keys"]
    assert found["certificate_until"]
    assert "2 of 3 members open" in lab.run("status", address="")[1]


def test_status_says_what_kms_said(lab: Lab, pods: FakePods) -> None:
    lab.vault.initialised, lab.vault.kms = True, "denied"
    said = "2026-11-21 [ERROR] core: failed to unseal core: error fetching stored unseal keys: awskms: AccessDeniedException: kms:Decrypt"
    pods.logs = dict.fromkeys(pods.ports, f"[INFO] core: starting\n{said}\n[INFO] http: x\n")
    code, out, _ = lab.run("status", address="")
    assert code == 1
    assert "0 of 3 members open" in out
    assert f"vault-0: {said}" in out
    assert "once KMS lets its role use arn:aws:kms:us-east-2:1:key/k" in out


def test_status_before_init(lab: Lab, pods: FakePods) -> None:
    code, out, _ = lab.run("status", address="")
    assert code == 1
    assert "not initialised" in out
    assert "next: ./hub vault init lab" in out


def test_no_pod_runs(lab: Lab, pods: FakePods) -> None:
    pods.ports.clear()
    pods.waiting["vault-0"] = "ContainerCreating"
    code, _, err = lab.run("users", address="")
    assert code == 1
    assert "no pod of Vault runs in lab" in err


def test_a_cluster_that_forbids_the_way(lab: Lab, pods: FakePods) -> None:
    pods.forbid = True
    code, _, err = lab.run("users", address="")
    assert code == 1
    assert "could not open a way to vault-1 in namespace vault: the cluster lab forbids it" in err
    assert "cluster.admins" in err


def test_a_pod_that_went_between_two_calls(lab: Lab, pods: FakePods) -> None:
    pods.active = "vault-9"
    pods.ports.clear()
    pods.ports["vault-9"] = 1
    pods.waiting.clear()
    code, _, err = lab.run("users", address="")
    assert code == 1
    assert "could not" in err
    del pods.ports["vault-9"]
    code, _, err = lab.run("init", address="")
    assert code == 1
    assert "it is gone" in err
