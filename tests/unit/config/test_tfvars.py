"""A dandihub terraform.tfvars becomes a hub.yaml, and what cannot be carried over is listed without its value."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.config.load import load_env
from modules.config.problems import ConfigErrors
from modules.config.tfvars import Imported, import_tfvars
from tests._support.config_cases import SECRETS, TODAY

ROOT = Path(__file__).parents[3]

#: The variables of dandihub at its last Terraform commit, as one deployment had them.
DANDI = """
# dandi.tfvars
name                       = "eks-dandihub"
region                     = "us-east-2"
eks_cluster_version        = "1.35"
vpc_cidr                   = "10.1.0.0/21"
secondary_cidr_blocks      = ["100.64.0.0/16"]
jupyter_hub_auth_mechanism = "oauth"
cognito_custom_domain      = "eks"
acm_certificate_domain     = ""
jupyterhub_domain          = "hub.dandiarchive.org" // the host
github_client_id           = "Iv1.abc"
github_client_secret       = "not-to-be-seen"
aws_certificate_arn        = "arn:aws:acm:us-east-2:123456789012:certificate/x"
danditoken                 = "not-to-be-seen"
dandi_api_credentials      = { "https://api.dandiarchive.org" = "not-to-be-seen" }
dandi_api_domain           = "https://api.dandiarchive.org/"
admin_users                = ["satra", "yarikoptic"]
singleuser_image_repo      = "dandiarchive/dandihub"
singleuser_image_tag       = "2026.10.1"
dandi_authenticator        = <<-EOT
  class Not: pass
EOT
"""
LEFT = {
    "cognito_custom_domain",
    "acm_certificate_domain",
    "github_client_secret",
    "aws_certificate_arn",
    "danditoken",
    "dandi_api_credentials",
    "dandi_authenticator",
}


def _import(text: str) -> tuple[dict[str, Any], Imported]:
    imported = import_tfvars(text, "terraform.tfvars", today=TODAY)
    return yaml.safe_load(imported.yaml), imported


def test_a_whole_deployment() -> None:
    data, imported = _import(DANDI)
    assert data == {
        "extends": "../shared/dandihub.yaml",
        "name": "eks-dandihub",
        "region": "us-east-2",
        "aws": {"account": "CHANGEME"},
        "domain": "hub.dandiarchive.org",
        "auth": {
            "kind": "github",
            "client_id": "Iv1.abc",
            "allow": {"dandi_registered": ["https://api.dandiarchive.org"]},
            "admins": ["satra", "yarikoptic"],
        },
        "cluster": {"version": "1.35"},
        "network": {"cidr": "10.1.0.0/21", "data_plane_cidr": "100.64.0.0/16"},
        "hub": {"images": {"standard": {"repo": "dandiarchive/dandihub", "tag": "2026.10.1"}}},
    }
    assert {each.name for each in imported.unmapped} == LEFT
    assert "not-to-be-seen" not in repr(imported)


def test_what_it_wrote_loads_once_the_account_is_filled_in(tmp_path: Path) -> None:
    imported = import_tfvars(DANDI, "terraform.tfvars", today=TODAY)
    (tmp_path / "envs" / "shared").mkdir(parents=True)
    for name in ("base.yaml", "dandihub.yaml"):
        (tmp_path / "envs" / "shared" / name).write_text((ROOT / "envs" / "shared" / name).read_text())
    (tmp_path / "envs" / "new").mkdir()
    file = tmp_path / "envs" / "new" / "hub.yaml"
    file.write_text(imported.yaml)
    with pytest.raises(ConfigErrors) as caught:
        load_env(tmp_path, "new", today=TODAY)
    assert [each.path for each in caught.value.problems] == ["aws.account"]
    file.write_text(imported.yaml.replace("CHANGEME", '"123456789012"', 2).replace('says "123456789012"', "says CHANGEME"))
    assert load_env(tmp_path, "new", today=TODAY).name == "eks-dandihub"


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ('name = "a \\"b\\""', ("name",), 'a "b"'),
        ('admin_users = [\n  "a", # one\n  "b",\n]', ("auth", "admins"), ["a", "b"]),
        (
            'dandi_api_domain = ["https://a.org", "https://b.org/"]',
            ("auth", "allow", "dandi_registered"),
            ["https://a.org", "https://b.org"],
        ),
        ('singleuser_image_tag = "latest"', ("hub", "images", "standard", "tag"), "CHANGEME"),
        ('secondary_cidr_blocks = ["100.64.0.0/16", "100.65.0.0/16"]', ("network", "data_plane_cidr"), "100.64.0.0/16"),
        ('eks_cluster_version = "1.36"', ("cluster", "version"), "1.36"),
        ("", ("name",), "CHANGEME"),
    ],
)
def test_mapped(line: str, path: tuple[str, ...], value: Any) -> None:
    here, _ = _import(line)
    for part in path:
        here = here[part]
    assert here == value


@pytest.mark.parametrize(
    ("line", "name", "reason"),
    [
        ('eks_cluster_version = "1.27"', "eks_cluster_version", "1.27 is out of standard support"),
        ('singleuser_image_tag = "latest"', "singleuser_image_tag", "moves from day to day"),
        ('secondary_cidr_blocks = ["100.64.0.0/16", "100.65.0.0/16"]', "secondary_cidr_blocks", "holds several ranges"),
        ('jupyter_hub_auth_mechanism = "cognito"', "jupyter_hub_auth_mechanism", "was never wired up"),
        ('name = "${var.x}-hub"', "name", "is an expression"),
        ("admin_users = 3", "admin_users", "is not a list of strings"),
        ("name = 3", "name", "is not a string"),
        ("no_such_variable = true", "no_such_variable", "is no variable of dandihub"),
        (f'github_client_id = "{SECRETS["SECRET-github"]}"', "github_client_id", "looks like a secret"),
    ],
)
def test_left_out_with_the_reason(line: str, name: str, reason: str) -> None:
    _, imported = _import(line)
    assert [(each.name, reason in each.reason) for each in imported.unmapped] == [(name, True)]


@pytest.mark.parametrize("text", ['name = "open\nregion = "x"', "name =", "= 3", 'list = ["a"', f'x = "{SECRETS["SECRET-github"]}'])
def test_what_is_no_hcl_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        import_tfvars(text, "terraform.tfvars", today=date(2026, 11, 21))
    assert "not HCL" in str(caught.value)
    assert SECRETS["SECRET-github"] not in str(caught.value)
    assert caught.value.__cause__ is None
