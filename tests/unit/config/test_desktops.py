"""Desktops in the DCV seed's words and in ours, and settings of theirs that look odd and are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from modules.config.aliases import aliases, as_written, sections
from modules.config.explain import explain
from modules.config.extras import Desktop
from modules.config.nodes import ExistingCluster
from modules.config.problems import ConfigErrors
from modules.config.reference import reference
from modules.config.schema import json_schema
from tests._support.config_cases import BASES, load, text

#: The parameters of the DCV seed, kebab-case as its manifests write them.
SEED = {
    ("desktop",): {"dcv-image-uri", "app-image-uri", "dcv-namespace", "dcv-nodeport"},
    ("cluster", "existing"): {
        "eks-cluster-admin-role-arn",
        "eks-handler-role-arn",
        "eks-cluster-name",
        "eks-oidc-arn",
        "eks-cluster-open-id-connect-issuer",
        "eks-cluster-security-group-id",
        "eks-node-role-arn",
    },
}


def _profiles(**changed: Any) -> dict[str, Any]:
    return {"profiles": [{"name": "Viz", "default": True, "cpu": [1, 2], "memory": ["2G", "4G"], "desktop": True, **changed}]}


def test_every_parameter_of_the_seed_is_taken() -> None:
    assert {path: set(aliases(kind)) for path, kind in sections().items()} == SEED
    text_of_reference = reference()
    assert [name for names in SEED.values() for name in names if f"`{name}`" not in text_of_reference] == []


def test_the_seed_s_words_mean_ours(tmp_path: Path) -> None:
    config = load(tmp_path, text({"base": "existing"}))
    assert config.cluster.existing == ExistingCluster(
        name="theirs",
        oidc_provider_arn="arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/AB12",
        oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/AB12",
        security_group_id="sg-0a",
        node_role_arn="arn:aws:iam::123456789012:role/nodes",
        admin_role_arn="arn:aws:iam::123456789012:role/admin",
        handler_role_arn="arn:aws:iam::123456789012:role/handler",
    )
    assert config.desktop == Desktop(
        image="registry.example.org/dcv:1.0", app_image="registry.example.org/foxglove:1.0", node_port=31980, cidrs=("203.0.113.0/24",)
    )


@pytest.mark.parametrize("issuer", ["oidc.example.org/id/A", "https://oidc.example.org/id/A", "https://oidc.example.org/id/A/"])
def test_an_issuer_with_and_without_its_scheme(issuer: str) -> None:
    written = {**BASES["existing"]["cluster"]["existing"], "eks-cluster-open-id-connect-issuer": issuer}
    assert ExistingCluster.model_validate(written).oidc_issuer == "oidc.example.org/id/A"


def test_editors_take_the_seed_s_words_and_mark_a_port_that_is_none() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    assert [error.message for error in validator.iter_errors(BASES["existing"])] == []
    assert list(validator.iter_errors({"extends": "x", "desktop": {"dcv-nodeport": "https"}}))


def test_explain_shows_the_name_in_the_file(tmp_path: Path) -> None:
    content = text({"base": "existing"})
    load(tmp_path, content)
    found = {each.path: each for each in explain(tmp_path, "lab")}
    for path in ("desktop.dcv-nodeport", "cluster.existing.eks-oidc-arn"):
        assert path.rsplit(".", 1)[-1] in content.splitlines()[found[path].line - 1]
    assert found["desktop.seats"].line == 0


@pytest.mark.parametrize(
    ("path", "written", "shown"),
    [
        (("desktop", "node_port"), {("desktop", "dcv-nodeport")}, ("desktop", "dcv-nodeport")),
        (("desktop", "node_port"), {("desktop", "node_port")}, ("desktop", "node_port")),
        (("desktop", "cidrs", 0), {("desktop", "cidrs")}, ("desktop", "cidrs", 0)),
        (("desktop",), {("desktop",)}, ("desktop",)),
        (("cluster", "existing", "name"), {("cluster", "existing", "eks-cluster-name")}, ("cluster", "existing", "eks-cluster-name")),
        (("name",), {("eks-cluster-name",)}, ("name",)),
    ],
)
def test_a_path_under_the_name_in_the_file(path: Any, written: Any, shown: Any) -> None:
    assert as_written(path, written) == shown


@pytest.mark.parametrize(
    ("base", "patch"),
    [
        ("full", {"desktop": {"cidrs": ["0.0.0.0/0"], "open_to_the_world": True}}),
        ("full", {"desktop": {"credentials": ["dcv-cred-user", "dcv-cred-passwd"]}}),
        ("full", {"desktop": {"seats": 0}}),
        ("full", {"desktop": {"stop_idle_hours": 8}}),
        ("full", {"desktop": {"host_path": "/opt/dcv"}}),
        ("full", {"desktop": {"exposure": "nlb"}}),
        ("full", {"desktop": {"gpu": 0}}),
        ("full", {"desktop": {"image": "registry.example.org/dcv@sha256:" + "0" * 64}}),
        ("full", {"pools": {"desktop": {"gpu": "nvidia-time-sliced", "gpu_time_slices": 4}}}),
        ("full", {"pools": {"desktop": {"families": ["g99"]}}, "desktop": {"gpu": 8}}),
        ("full", {"pools": {"desktop": {"gpu": "nvidia-time-sliced", "gpu_time_slices": 4}}, "hub": _profiles(pool="desktop", gpu=1)}),
        ("full", {"hub": _profiles(pool="desktop")}),
        ("existing", {"hub": _profiles(pool="theirs")}),
        ("existing", {"desktop": {"exposure": "nlb"}, "cluster": {"existing": {"load_balancer_controller": True}}}),
        ("existing", {"desktop": {"pool": "theirs"}}),
    ],
)
def test_what_looks_odd_and_is_right(base: str, patch: dict[str, Any], tmp_path: Path) -> None:
    config = load(tmp_path, text({"base": base, "patch": patch}))
    assert config.desktop is not None


def test_two_files_may_not_name_one_setting_twice(tmp_path: Path) -> None:
    content = text({"base": "existing", "patch": {"desktop": {"node_port": 32000}}})
    assert yaml.safe_load(content)["desktop"].keys() >= {"node_port", "dcv-nodeport"}
    with pytest.raises(ConfigErrors, match=r"desktop\.dcv-nodeport  is another name of node_port, which is written too\."):
        load(tmp_path, content)
