"""Application roles by service account: names, who makes which account, and what validate says of patterns."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from modules.config.cautions import cautions
from modules.config.checks import roles as checks
from modules.config.models import HubConfig
from modules.config.roles import accounts, accounts_in, role_name, role_of
from modules.ops.check import check
from tests._support.config_cases import BASES

DAY = date(2026, 11, 21)
OPEN = [{"name": "open-data"}]
ROLES: dict[str, Any] = {
    "daft": {"name": "lab_DaftRole", "service_accounts": ["jupyterhub:daft", "default:vault-role-sa"], "buckets": OPEN},
    "every-ray": {"allow_patterns": True, "service_accounts": ["ray:*-daft"], "buckets": OPEN},
}


def config(roles: dict[str, Any] | None = None, **changed: Any) -> HubConfig:
    base = BASES["full"]
    ray = {**base["ray"], "second": {**base["ray"]["default"], "namespace": "second"}}
    return HubConfig.model_validate({**base, "env": "lab", "ray": ray, "roles": ROLES if roles is None else roles, **changed})


@pytest.mark.parametrize(("key", "name"), [("daft", "lab_DaftRole"), ("every-ray", "lab_every-ray")])
def test_a_role_is_called_what_the_file_says_or_after_cluster_and_key(key: str, name: str) -> None:
    assert role_name(config(), key) == name


@pytest.mark.parametrize(
    ("account", "key"),
    [
        ("jupyterhub:daft", "daft"),
        ("ray:default-daft", "every-ray"),
        ("ray:anything-daft", "every-ray"),
        ("second:second-daft", None),
        ("ray:default-daft2", None),
        ("rays:default-daft", None),
        ("jupyterhub:daft2", None),
    ],
)
def test_the_role_of_an_account(account: str, key: str | None) -> None:
    assert role_of(config(), account) == key


def test_an_exact_name_comes_before_a_pattern() -> None:
    exact = {"named": {"service_accounts": ["ray:default-daft"], "buckets": OPEN}}
    assert role_of(config({"every-ray": ROLES["every-ray"], **exact}), "ray:default-daft") == "named"


def test_accounts_are_those_listed_and_those_of_ray_clusters_that_a_pattern_means() -> None:
    assert accounts(config()) == {"jupyterhub:daft": "daft", "default:vault-role-sa": "daft", "ray:default-daft": "every-ray"}


@pytest.mark.parametrize(("namespace", "names"), [("jupyterhub", ("daft",)), ("default", ("vault-role-sa",)), ("ray", ()), ("jupyter", ())])
def test_who_makes_which_account(namespace: str, names: tuple[str, ...]) -> None:
    assert accounts_in(config(), namespace) == names


@pytest.mark.parametrize(
    ("roles", "server"),
    [
        (ROLES, {}),
        (ROLES, {"service_account": "daft", "namespace_role": False}),
        ({"one": {"service_accounts": ["ray:default-daft", "second:second-daft"], "buckets": OPEN}}, {}),
        ({"one": {"service_accounts": ["jupyterhub:a"], "buckets": [{"name": "open-data", "prefix": "/team/data/"}]}}, {}),
    ],
)
def test_nothing_is_wrong_with(roles: dict[str, Any], server: dict[str, Any]) -> None:
    hub = {**BASES["full"]["hub"], "singleuser": server}
    assert [finding for each in checks.CHECKS for finding in each.run(config(roles, hub=hub), DAY)] == []


def test_every_pattern_is_a_caution() -> None:
    (said,) = cautions(config())
    assert (
        said == 'roles.every-ray.service_accounts[0]: every pod whose service account matches "ray:*-daft" can take the role lab_every-ray'
    )


def test_validate_tells_of_a_pattern_and_is_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "envs/lab").mkdir(parents=True)
    (tmp_path / "envs/lab/hub.yaml").write_text(json.dumps({**BASES["full"], "roles": ROLES}))
    assert check(tmp_path, "lab", explain=False, as_json=False) == 0
    assert "! roles.every-ray.service_accounts[0]: every pod" in capsys.readouterr().out
    assert check(tmp_path, "lab", explain=False, as_json=True) == 0
    assert len(json.loads(capsys.readouterr().out)["envs"]["lab"]["warnings"]) == 1
