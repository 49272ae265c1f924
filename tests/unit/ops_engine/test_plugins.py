"""Which mirror serves which provider, and the configuration Terraform gets for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops import plugins
from modules.ops.plugins import Requirement, prepare, requirements
from modules.ops.tools import Terraform, platform_name

AWS = Requirement("registry.terraform.io", "hashicorp/aws", "5.100.0")
HELM = Requirement("registry.terraform.io", "hashicorp/helm", "3.1.1")
TERRAFORM = Terraform(Path("/bin/terraform"), "1.11.4", "terraform")


@pytest.fixture(autouse=True)
def _no_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mirrors of this machine stay out: the prefixes are the test's own."""
    monkeypatch.setattr(plugins, "_PREFIXES", (str(tmp_path / "opt"),))


def unpacked(mirror: Path, each: Requirement = AWS, version: str | None = None) -> Path:
    (mirror / each.host / each.name / (version or each.version) / platform_name()).mkdir(parents=True)
    return mirror


def packed(mirror: Path, each: Requirement = AWS) -> Path:
    folder = mirror / each.host / each.name
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_{each.version}_{platform_name()}.zip").touch()
    return mirror


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path / "data"), **more}


@pytest.mark.parametrize(
    "place",
    [
        "opt/tf-plugins",
        "opt/a/b",
        "opt",
        "home/.terraform.d/plugins",
        "home/.terraform.d/plugin-cache",
        "home/.local/share/terraform/plugins",
        "data/terraform/plugins",
    ],
)
@pytest.mark.parametrize("form", [unpacked, packed])
def test_a_mirror_is_found(tmp_path: Path, place: str, form: Any) -> None:
    mirror = form(tmp_path / place)
    found = prepare(tmp_path / "plugins", [AWS], TERRAFORM, environ(tmp_path))
    assert (found.mirrors, found.from_registry) == ((mirror,), ())
    text = found.cli_config.read_text()
    assert f'path    = "{mirror}"' in text
    assert 'include = ["registry.terraform.io/hashicorp/aws"]' in text
    assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in text
    assert "disable_checkpoint = true" in text
    assert "plugin_cache_dir" not in text


def test_the_named_mirror_comes_first(tmp_path: Path) -> None:
    unpacked(tmp_path / "opt/tf-plugins")
    named = unpacked(tmp_path / "my own mirror")
    found = prepare(tmp_path / "plugins", [AWS], TERRAFORM, environ(tmp_path, HUB_PLUGIN_MIRROR=str(named)))
    assert found.mirrors == (named,)


@pytest.mark.parametrize("version", ["5.99.0", "6.0.0"])
def test_another_version_or_too_deep_or_another_machine_is_no_mirror(tmp_path: Path, version: str) -> None:
    unpacked(tmp_path / "opt/tf-plugins", version=version)
    unpacked(tmp_path / "opt/a/b/c/too-deep")
    (tmp_path / "data/terraform/plugins/registry.terraform.io/hashicorp/aws/5.100.0/plan9_mips").mkdir(parents=True)
    found = prepare(tmp_path / "plugins", [AWS], TERRAFORM, environ(tmp_path))
    assert (found.mirrors, found.from_registry) == ((), ("registry.terraform.io/hashicorp/aws",))
    text = found.cli_config.read_text()
    assert f'plugin_cache_dir = "{tmp_path}/plugins/cache"' in text
    assert "plugin_cache_may_break_dependency_lock_file = true" in text
    assert (tmp_path / "plugins/cache").is_dir(), "Terraform refuses a cache folder that is not there"
    assert "direct {}" in text


def test_half_from_a_mirror_half_from_the_registry(tmp_path: Path) -> None:
    mirror = unpacked(tmp_path / "opt/tf-plugins")
    found = prepare(tmp_path / "plugins", [AWS, HELM], TERRAFORM, environ(tmp_path))
    assert (found.mirrors, found.from_registry) == ((mirror,), ("registry.terraform.io/hashicorp/helm",))
    assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in found.cli_config.read_text()


def test_a_mirror_that_is_none_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="HUB_PLUGIN_MIRROR names /nowhere"):
        prepare(tmp_path / "plugins", [AWS], TERRAFORM, environ(tmp_path, HUB_PLUGIN_MIRROR="/nowhere"))


@pytest.mark.parametrize("named", ["TF_CLI_CONFIG_FILE", ".terraformrc"])
def test_an_operator_s_own_installation_rules_are_left_in_charge(tmp_path: Path, named: str) -> None:
    (tmp_path / "home").mkdir()
    own = tmp_path / "home" / ".terraformrc"
    own.write_text('provider_installation {\n  network_mirror { url = "https://mirror.example.org/" }\n}\n')
    settings = environ(tmp_path, TF_CLI_CONFIG_FILE=str(own)) if named == "TF_CLI_CONFIG_FILE" else environ(tmp_path)
    unpacked(tmp_path / "opt/tf-plugins")
    assert prepare(tmp_path / "plugins", [AWS], TERRAFORM, settings).cli_config == own


@pytest.mark.parametrize("content", [None, "plugin_cache_dir = '/x'\n"])
def test_a_configuration_that_says_nothing_about_providers_is_replaced(tmp_path: Path, content: str | None) -> None:
    own = tmp_path / "own.tfrc"
    if content is not None:
        own.write_text(content)
    found = prepare(tmp_path / "plugins", [AWS], TERRAFORM, environ(tmp_path, TF_CLI_CONFIG_FILE=str(own)))
    assert found.cli_config == tmp_path / "plugins" / "cli.tfrc"


@pytest.mark.parametrize(
    ("form", "part"),
    [(unpacked, f"5.100.0/{platform_name()}"), (packed, f"terraform-provider-aws_5.100.0_{platform_name()}.zip")],
)
def test_opentofu_uses_terraform_s_mirror_through_links(tmp_path: Path, form: Any, part: str) -> None:
    mirror = form(tmp_path / "opt/tf-plugins")
    tofu = Terraform(Path("/bin/tofu"), "1.11.0", "tofu")
    document = {"terraform": {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}}}
    wanted = requirements([document], "tofu")
    for _ in range(2):
        found = prepare(tmp_path / "plugins", wanted, tofu, environ(tmp_path))
        assert found.from_registry == ()
    link = found.mirrors[0] / "registry.opentofu.org/hashicorp/aws" / part
    assert link.resolve() == mirror / "registry.terraform.io/hashicorp/aws" / part
    assert not link.parent.is_symlink(), "the programs follow no link above the last part"


def standins(tmp_path: Path, each: Requirement = HELM) -> Path:
    """A rehearsal's mirror with one stand-in."""
    mirror = unpacked(tmp_path / "rehearsal/plugins", each)
    program = mirror / each.host / each.name / each.version / platform_name() / f"terraform-provider-helm_v{each.version}"
    program.write_text("#!/bin/bash\n")
    return mirror


def test_stand_ins_come_before_everything(tmp_path: Path) -> None:
    named = unpacked(unpacked(tmp_path / "named"), HELM)
    mirror, config = standins(tmp_path), tmp_path / "lab" / "cli.tfrc"
    settings = environ(tmp_path, HUB_PLUGIN_MIRROR=str(named))
    found = prepare(tmp_path / "plugins", [AWS, HELM], TERRAFORM, settings, standins=mirror, config=config)
    assert (found.cli_config, set(found.mirrors), found.from_registry) == (config, {mirror, named}, ())
    text = config.read_text()
    assert text.index(f'"{mirror}"') < text.index("hashicorp/helm") < text.index("direct"), "the stand-in serves helm"
    assert f'path    = "{named}"\n    include = ["registry.terraform.io/hashicorp/aws"]' in text


def test_a_changed_stand_in_is_another_plugin(tmp_path: Path) -> None:
    mirror = standins(tmp_path)
    first = prepare(tmp_path / "plugins", [HELM], TERRAFORM, environ(tmp_path), standins=mirror).stamp
    next(mirror.rglob("terraform-provider-helm*")).write_text("#!/bin/bash\n# another\n")
    assert first != prepare(tmp_path / "plugins", [HELM], TERRAFORM, environ(tmp_path), standins=mirror).stamp
    assert prepare(tmp_path / "plugins", [HELM], TERRAFORM, environ(tmp_path)).stamp == ""


def test_stand_ins_go_before_an_operator_s_own_rules(tmp_path: Path) -> None:
    own = tmp_path / "own.tfrc"
    own.write_text('provider_installation {\n  network_mirror { url = "https://mirror.example.org/" }\n}\n')
    mirror = standins(tmp_path)
    found = prepare(tmp_path / "plugins", [AWS, HELM], TERRAFORM, environ(tmp_path, TF_CLI_CONFIG_FILE=str(own)), standins=mirror)
    text = found.cli_config.read_text()
    assert text.index(str(mirror)) < text.index("network_mirror")
    assert text.count("{") == text.count("}")
    assert own.read_text() != text, "the operator's file stays as it is"


def test_opentofu_links_to_each_rehearsal_s_own_stand_ins(tmp_path: Path) -> None:
    tofu = Terraform(Path("/bin/tofu"), "1.11.0", "tofu")
    wanted = [Requirement("registry.opentofu.org", HELM.name, HELM.version)]
    mirrors = [standins(tmp_path / env) for env in ("one", "two")]
    found = [prepare(tmp_path / "plugins", wanted, tofu, environ(tmp_path), standins=mirror).mirrors[0] for mirror in mirrors]
    assert found[0] != found[1]
    part = f"{HELM.version}/{platform_name()}"
    assert [(each / wanted[0].source / part).resolve() for each in found] == [mirror / HELM.source / part for mirror in mirrors]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("aws", "registry.terraform.io/hashicorp/aws"),
        ("hashicorp/aws", "registry.terraform.io/hashicorp/aws"),
        ("registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/aws"),
        ("example.org/team/thing", "example.org/team/thing"),
    ],
)
def test_sources_in_full(source: str, expected: str) -> None:
    document = {"terraform": {"required_providers": {"x": {"source": source, "version": "1.0"}}}}
    assert [each.source for each in requirements([document, document], "terraform")] == [expected]
    assert requirements([{}], "terraform") == ()
