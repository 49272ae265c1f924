"""Envs whose pools and profiles the tests look at, and the values of the chart for each."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from modules.config.load import list_envs, load_env
from modules.config.models import HubConfig
from modules.k8s.pools import node_pools
from tests._support import config_cases

ROOT = Path(__file__).parents[2]
#: An env of the tests' own, with every kind of pool.
EVERYTHING = "everything"
ENVS = (*list_envs(ROOT), EVERYTHING)
#: Strings as synth hands them over: known to Terraform alone.
ROLE, GROUP = "${aws_iam_role.karpenter-node.name}", "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"


@cache
def config_of(env: str) -> HubConfig:
    """The configuration of one of ENVS."""
    if env != EVERYTHING:
        return load_env(ROOT, env, today=config_cases.TODAY)
    with tempfile.TemporaryDirectory() as folder:
        return config_cases.load(Path(folder), (config_cases.CASES.parent / "pools" / "everything.yaml").read_text())


def values_of(config: HubConfig, *, role: str = ROLE, group: str = GROUP) -> dict[str, Any]:
    """The values of helm/nodepools for `config`."""
    tags = {"hubsmith:deployment": config.deployment, **config.tags}
    return node_pools(config, node_role=role, cluster_name=config.cluster_name, security_group_id=group, tags=tags)
