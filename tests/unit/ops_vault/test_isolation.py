"""What a notebook gets from Vault: its own person's credentials, and nobody else's."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.common.servers import pod_name
from modules.ops.vault.client import Vault
from tests.unit.ops_vault.conftest import ADA, BOB, ROLE, Lab, vault_config
from tests.unit.ops_vault.test_link import BOBS


def token_of(lab: Lab, pod: str, *, namespace: str = "jupyterhub", audience: str = "vault", issuer: str = "") -> str:
    """A token as the cluster gives it to a pod, unsigned: the stand-in reads claims alone."""
    claims = {
        "aud": [audience],
        "iss": issuer or lab.vault.store["auth/hub/config"]["bound_issuer"],
        "sub": f"system:serviceaccount:{namespace}:single-user",
        "kubernetes.io": {"namespace": namespace, "pod": {"name": pod, "uid": "1"}, "serviceaccount": {"name": "single-user"}},
    }
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}."


@pytest.fixture
def both(lab: Lab) -> Lab:
    """Two linked people whose accounts trust Vault."""
    lab.ready()
    for email, role in ((ADA, ROLE), (BOB, BOBS)):
        lab.allow(email, role)
        assert lab.run("link-user", email, role)[0] == 0
    return lab


def _notebook(lab: Lab, bundle: dict[str, str]) -> Vault:
    path = lab.root / "ca.crt"
    path.write_text(bundle["ca"])
    return Vault("lab", lab.url, str(path))


def _sign_in(vault: Vault, role: str, jwt: str) -> None:
    vault.use(vault.write("auth/hub/login", "sign in", {"role": role, "jwt": jwt})["auth"]["client_token"])


def test_a_pod_reads_its_own_persons_credentials_and_no_others(both: Lab, bundle: dict[str, str]) -> None:
    vault = _notebook(both, bundle)
    _sign_in(vault, pod_name(ADA), token_of(both, pod_name(ADA)))
    assert (vault.read(f"aws/sts/userrole-{ADA}", "read") or {})["arn"] == ROLE
    for path in (f"aws/sts/userrole-{BOB}", f"aws/roles/userrole-{ADA}", "aws/config/root", f"auth/hub/role/{pod_name(ADA)}"):
        with pytest.raises(HubError, match="permission denied"):
            vault.read(path, "read")
    with pytest.raises(HubError, match="permission denied"):
        vault.list("aws/roles", "list")


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"pod": pod_name(BOB)}, "does not match any associated bound claim"),
        ({"pod": f"{pod_name(ADA)}--gpu"}, "does not match any associated bound claim"),
        ({"pod": pod_name(ADA), "namespace": "ray"}, "does not match any associated bound claim"),
        ({"pod": pod_name(ADA), "audience": "sts.amazonaws.com"}, "invalid audience"),
        ({"pod": pod_name(ADA), "issuer": "https://oidc.eks.us-east-2.amazonaws.com/id/OTHER"}, "invalid issuer"),
    ],
)
def test_nobody_else_signs_in_as_ada(both: Lab, bundle: dict[str, str], claims: dict[str, Any], says: str) -> None:
    with pytest.raises(HubError, match=says):
        _sign_in(_notebook(both, bundle), pod_name(ADA), token_of(both, **claims))


def test_an_unlinked_person_has_no_way_in(both: Lab, bundle: dict[str, str]) -> None:
    vault = _notebook(both, bundle)
    _sign_in(vault, pod_name(ADA), token_of(both, pod_name(ADA)))
    both.run("unlink-user", ADA)
    # A session of before is worth nothing either: its policy is gone.
    with pytest.raises(HubError, match="permission denied"):
        vault.read(f"aws/sts/userrole-{ADA}", "read")
    with pytest.raises(HubError, match="could not be found"):
        _sign_in(vault, pod_name(ADA), token_of(both, pod_name(ADA)))


def test_no_credentials_last_longer_than_an_hour(both: Lab, bundle: dict[str, str]) -> None:
    vault = _notebook(both, bundle)
    _sign_in(vault, pod_name(ADA), token_of(both, pod_name(ADA)))
    with pytest.raises(HubError, match="1 hour session limit"):
        vault.write(f"aws/sts/userrole-{ADA}", "read", {"ttl": 43200})


@pytest.mark.parametrize(("shared", "reads"), [(False, False), (True, True)])
def test_pods_with_an_aws_role_read_everybody_only_where_hub_yaml_says_so(
    make_lab: Callable[..., Lab], bundle: dict[str, str], tmp_path: Path, shared: bool, reads: bool
) -> None:
    lab = make_lab(vault_config(shared_user_policy=shared)).ready()
    lab.allow()
    lab.run("link-user", ADA, ROLE)
    vault = _notebook(lab, bundle)
    vault.use(lab.vault.issue(*lab.vault.store["auth/aws/role/daft-service-role"]["token_policies"]))
    if reads:
        assert vault.read(f"aws/sts/userrole-{ADA}", "read")
        return
    with pytest.raises(HubError, match="permission denied"):
        vault.read(f"aws/sts/userrole-{ADA}", "read")
