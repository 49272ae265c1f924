"""The admin box's first start, run for real with a fake site: tools against their sums, wrappers that know the cluster."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from modules.aws.admin_setup import setup_script
from modules.catalog.admin_tools import TOOLS, Tool
from modules.catalog.eks import CHECKED, supported_versions

#: Gives the archive that a URL names, from a folder; counts nothing else.
CURL = """#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in --output) target=$2; shift ;; https://*) url=$1 ;; esac
  shift
done
[ -f "$SITE/${url##*/}" ] || exit 22
cp "$SITE/${url##*/}" "$target"
"""
#: Refuses until it was asked often enough, then writes the file it is asked for.
AWS = """#!/bin/bash
echo "$*" >> "$SITE/aws.log"
[ "$(wc -l < "$SITE/aws.log")" -ge "${READY:-1}" ] || exit 254
echo made > "${@: -1}"
"""


@dataclass
class Site:
    """A machine's folders, and what the network would give it."""

    root: Path
    tool: Tool

    def run(self, arch: str = "amd64", **more: str) -> subprocess.CompletedProcess[str]:
        script = setup_script(cluster="lab", region="us-east-2", arch=arch, tools=[self.tool])
        folders = {f"HUB_{name.upper()}": str(self.root / name) for name in ("bin", "lib", "etc")}
        path = f"{self.root / 'fakes'}:{os.environ['PATH']}"
        environ = {"PATH": path, "SITE": str(self.root), "HUB_PAUSE": "0", **folders, **more}
        return subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, timeout=30)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A tool that says its KUBECONFIG and arguments, packed and summed."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name, text in (("curl", CURL), ("aws", AWS)):
        (fakes / name).write_text(text)
        (fakes / name).chmod(0o755)
    program = tmp_path / "linux-amd64" / "say"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$KUBECONFIG|$*"\n')
    archive = tmp_path / "say-amd64.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(program, "linux-amd64/say")
    digest = hashlib.sha512(archive.read_bytes()).hexdigest()
    return Site(
        tmp_path, Tool("say", "1", "https://site.test/say-{arch}.tar.gz", "linux-{arch}/say", "sha512", {"amd64": digest, "arm64": "0"})
    )


def test_a_tool_is_installed_and_knows_the_cluster(site: Site) -> None:
    done = site.run()
    assert done.returncode == 0, done.stderr
    kubeconfig = site.root / "etc/kubeconfig"
    assert kubeconfig.read_text() == "made\n"
    assert kubeconfig.stat().st_mode & 0o777 == 0o644
    asked = (site.root / "aws.log").read_text()
    assert asked.startswith("eks update-kubeconfig --name lab --region us-east-2 ")
    said = subprocess.run([site.root / "bin/say", "get", "pods"], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert said.stdout == f"{kubeconfig}|get pods\n"
    own = subprocess.run([site.root / "bin/say"], env={"PATH": os.environ["PATH"], "KUBECONFIG": "/mine"}, capture_output=True, text=True)
    assert own.stdout == "/mine|\n", "whoever brings one of his own keeps it"


def test_what_was_tampered_with_is_not_installed(site: Site) -> None:
    with (site.root / "say-amd64.tar.gz").open("ab") as archive:
        archive.write(b"x")
    done = site.run()
    assert done.returncode == 1
    assert "does not have its checksum" in done.stderr
    assert not (site.root / "bin/say").exists()
    assert not (site.root / "aws.log").exists(), "it stops there"


def test_a_site_that_does_not_answer_is_an_error(site: Site) -> None:
    assert site.run(arch="arm64").returncode == 22
    assert not list((site.root / "bin").iterdir())


@pytest.mark.parametrize(("ready", "code"), [("3", 0), ("99", 1)])
def test_it_waits_for_iam_and_not_for_ever(site: Site, ready: str, code: int) -> None:
    assert site.run(READY=ready).returncode == code
    assert len((site.root / "aws.log").read_text().splitlines()) == (3 if code == 0 else 6)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_is_pinned_by_version_and_sum(tool: Tool) -> None:
    assert tool.url.startswith("https://")
    assert tool.version in tool.url
    assert set(tool.sums) == {"amd64", "arm64"}
    length = {"sha256": 64, "sha512": 128}[tool.algorithm]
    assert all(re.fullmatch(r"[0-9a-f]+", each) and len(each) == length for each in tool.sums.values())


def test_kubectl_is_within_a_minor_of_every_supported_eks() -> None:
    (kubectl,) = [int(tool.version.split(".")[1]) for tool in TOOLS if tool.name == "kubectl"]
    minors = [int(version.split(".")[1]) for version in supported_versions(CHECKED)]
    assert minors
    assert all(abs(kubectl - minor) <= 1 for minor in minors)


def test_user_data_fits() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html: 16 KB before encoding."""
    assert len(setup_script(cluster="x" * 100, region="ap-southeast-4", arch="arm64").encode()) < 16 * 1024
