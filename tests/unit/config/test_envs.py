"""The files that must load, and what they come to."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.config.load import list_envs, load_env
from modules.config.models import HubConfig
from modules.config.problems import ConfigErrors
from tests._support.config_cases import BASES, TODAY, load, text

ROOT = Path(__file__).parents[3]
ENVS = ("addf", "bican", "daft", "dandi", "dandi-staging", "demo", "helio", "linc")


def test_all_eight_are_there() -> None:
    assert list_envs(ROOT) == ENVS


@pytest.mark.parametrize("env", ENVS)
def test_loads(env: str) -> None:
    config = load_env(ROOT, env, today=TODAY)
    assert config.env == env
    assert config.deployment.startswith(f"{env}-")
    assert len(config.subnets.data_plane) == len(config.azs) >= 2
    assert (config.aws.account is None) == config.rehearsal == (env == "demo")


def test_what_stands_in_the_way_of_building_does_not_stand_in_the_way_of_removing() -> None:
    after_support = date(2030, 1, 1)
    with pytest.raises(ConfigErrors):
        load_env(ROOT, "dandi", today=after_support)
    assert load_env(ROOT, "dandi", today=after_support, judged=False).cluster_name == "eks-dandihub"


def test_even_a_removal_must_know_its_account(tmp_path: Path) -> None:
    (tmp_path / "envs/lab").mkdir(parents=True)
    nobody = {**BASES["minimal"], "aws": {}}
    (tmp_path / "envs/lab/hub.yaml").write_text(yaml.safe_dump(nobody))
    with pytest.raises(ConfigErrors, match="account"):
        load_env(tmp_path, "lab", judged=False)


@pytest.mark.parametrize("env", ENVS)
def test_tells_the_editor_where_its_schema_is(env: str) -> None:
    assert (ROOT / "envs" / env / "hub.yaml").read_text().startswith("# yaml-language-server: $schema=../schema.json\n")


@pytest.mark.parametrize(
    ("env", "path", "value"),
    [
        ("demo", "cluster.autoscaler", "karpenter"),
        ("demo", "storage.buckets.scratch", True),
        ("demo", "storage.efs.trees", {"shared": "read-write", "datasets": "read-only"}),
        ("demo", "domain", "hub.demo.test"),
        ("dandi", "auth.allow.dandi_registered", ("https://api.dandiarchive.org", "https://api-dandi.emberarchive.org")),
        ("dandi", "auth.admins", ("satra", "dandibot")),
        ("dandi", "pools.gpu.families", ("g4dn",)),
        ("dandi", "network.cidr", "10.1.0.0/21"),
        ("dandi", "hub.singleuser.root", False),
        ("dandi-staging", "region", "us-west-2"),
        ("dandi-staging", "pools.default.limits.cpu", 100),
        ("dandi-staging", "pools.default.families", ("c5", "m5", "r5")),
        ("bican", "auth.allow.teams", ("brain-bican:kbhub-users",)),
        ("linc", "auth.allow.dandi_registered", ("https://api.lincbrain.org",)),
        ("helio", "cluster.autoscaler", "cluster-autoscaler"),
        ("helio", "storage.homes.kind", "ebs"),
        ("helio", "auth.kind", "cognito"),
        ("helio", "dask.worker_pool", "burst-spot"),
        ("helio", "tags.project", "heliocloud"),
        ("daft", "auth.kind", "auth0"),
        ("daft", "ray.default.workers", 4),
        ("daft", "vault.shared_user_policy", False),
        ("addf", "desktop.node_port", 31980),
        ("addf", "pools.desktop.hop_limit", 2),
    ],
)
def test_says_what_its_seed_said(env: str, path: str, value: Any) -> None:
    here: Any = load_env(ROOT, env, today=TODAY)
    for part in path.split("."):
        here = here[part] if isinstance(here, dict) else getattr(here, part)
    assert here == value


@pytest.mark.parametrize("env", ENVS)
def test_nothing_is_open_to_the_world(env: str) -> None:
    config = load_env(ROOT, env, today=TODAY)
    assert "0.0.0.0/0" not in config.cluster.endpoint.public_cidrs
    assert config.desktop is None or "0.0.0.0/0" not in config.desktop.cidrs
    assert not config.hub.singleuser.root


@pytest.mark.parametrize("base", sorted(BASES))
def test_the_bases_of_the_rows_load(base: str, tmp_path: Path) -> None:
    assert load(tmp_path, text({"base": base})).name == "lab"


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_keys_does_not_matter(seed: int, tmp_path: Path) -> None:
    wanted = load(tmp_path / "plain", text({"base": "full"}))
    shuffled = _shuffle(BASES["full"], random.Random(seed))
    assert load(tmp_path / "shuffled", yaml.safe_dump(shuffled, sort_keys=False)) == wanted


def _shuffle(value: Any, dice: random.Random) -> Any:
    if isinstance(value, dict):
        keys = sorted(value)
        dice.shuffle(keys)
        return {key: _shuffle(value[key], dice) for key in keys}
    return [_shuffle(each, dice) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "patch",
    [
        {"pools": {"default": {"families": ["m99"], "sizes": ["gigantic"]}}},
        {"cluster": {"version": "1.33", "support": "EXTENDED"}},
        {"cluster": {"endpoint": {"public_cidrs": ["0.0.0.0/0"], "open_to_the_world": True}}},
        {"auth": {"kind": "dummy"}, "domain": None, "insecure": True},
        {"network": {"azs": ["us-east-2a", "us-east-2c", "b"]}},
        {"storage": {"homes": {"kind": "ebs"}, "efs": {"enabled": False}}},
        {"network": {"cidr": "192.168.0.0/23"}},
        {"node_groups": {"lectures": {"instance_types": ["m5.large"], "desired": 0}}},
        {"hub": {"images": {"base": {"repo": "localhost:5000/lab/notebook"}}}},
        {"pools": {"default": {"ami": "bottlerocket@v1.40.0"}}},
    ],
    ids=lambda patch: next(iter(patch)),
)
def test_what_looks_odd_and_is_right(patch: dict[str, Any], tmp_path: Path) -> None:
    if patch.get("auth", {}).get("kind") == "dummy":
        row = {"patch": patch, "remove": []}
    else:
        row = {"patch": patch}
    assert isinstance(load(tmp_path, text(row)), HubConfig)


def test_support_ends_on_its_day() -> None:
    load_env(ROOT, "dandi", today=date(2027, 3, 27))
    with pytest.raises(Exception, match="out of standard support since 2027-03-27"):
        load_env(ROOT, "dandi", today=date(2027, 3, 28))


def test_loading_imports_neither_engine_nor_aws() -> None:
    code = (
        "import sys; from pathlib import Path; from modules.config.load import load_env;"
        f"load_env(Path('.'), 'demo', today=__import__('datetime').date{(TODAY.year, TODAY.month, TODAY.day)});"
        "print(sorted({'boto3', 'botocore', 'cdktf', 'jsii', 'hcl2', 'rich', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
