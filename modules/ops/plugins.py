"""Where Terraform takes its providers from: a mirror on this machine when there is one, else the registry.

Looked through in this order: HUB_PLUGIN_MIRROR, the mirror directories Terraform itself implies
(https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories), any tree named after
the registry under the usual system prefixes. A CLI configuration of the operator's own that says where providers come
from is left in charge, unless HUB_PLUGIN_MIRROR is set. A rehearsal's stand-in providers come before all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modules.common.errors import HubError
from modules.ops.layout import private_dir, write_private
from modules.ops.tools import Terraform, platform_name

#: Each flavour asks its own registry when a source names none.
_HOSTS = {"terraform": "registry.terraform.io", "tofu": "registry.opentofu.org"}
_PREFIXES = ("/opt", "/usr/share", "/usr/local/share", "/usr/lib")
#: A mirror this far below a prefix is found: /opt/<any>/registry.terraform.io is 2.
_DEPTH = 3


@dataclass(frozen=True, order=True)
class Requirement:
    """One provider a stack asks for."""

    host: str
    name: str
    version: str

    @property
    def source(self) -> str:
        """Host and name, as CLI configurations write it."""
        return f"{self.host}/{self.name}"


@dataclass(frozen=True)
class Plugins:
    """The CLI configuration to run with. from_registry: providers that need the network.

    stamp: changes when a stand-in provider does, which carries a version number of the real one.
    """

    cli_config: Path
    mirrors: tuple[Path, ...]
    from_registry: tuple[str, ...]
    stamp: str = ""


def requirements(documents: Sequence[Mapping[str, object]], flavour: str) -> tuple[Requirement, ...]:
    """The providers that the documents (parsed cdk.tf.json) ask for, each once."""
    found = set()
    for document in documents:
        terraform = document.get("terraform")
        providers = terraform.get("required_providers", {}) if isinstance(terraform, dict) else {}
        for provider in providers.values():
            parts = str(provider["source"]).split("/")
            host = parts[0] if len(parts) == 3 else _HOSTS[flavour]
            found.add(Requirement(host, "/".join((["hashicorp", *parts])[-2:]), str(provider.get("version", ""))))
    return tuple(sorted(found))


def prepare(
    folder: Path,
    wanted: Sequence[Requirement],
    terraform: Terraform,
    environ: Mapping[str, str],
    *,
    standins: Path | None = None,
    config: Path | None = None,
) -> Plugins:
    """Write the CLI configuration for `wanted` and say what it does.

    folder: for what all envs share. config: the file to write, default `folder`/cli.tfrc. standins: a mirror that goes
    before every other. Raises HubError when HUB_PLUGIN_MIRROR is set and is no directory.
    """
    path = config or folder / "cli.tfrc"
    served = _served(folder, wanted, terraform, environ, standins)
    own = _own_config(environ)
    if own is not None:
        return _with_own(path, own, served, standins)
    rest = tuple(sorted({each.source for each in wanted if each not in served}))
    lines = ["disable_checkpoint = true"]
    if rest:
        private_dir(folder / "cache")
        # Without the second line Terraform ignores the cache until a lock file vouches for it, and loads 700 MB a stack.
        lines += [f"plugin_cache_dir = {json.dumps(str(folder / 'cache'))}", "plugin_cache_may_break_dependency_lock_file = true"]
    lines.append("provider_installation {")
    for mirror in dict.fromkeys(served.values()):
        lines += _mirror_block(mirror, served)
    excluded = json.dumps(sorted({each.source for each in served}))
    lines += ["  direct {", f"    exclude = {excluded}", "  }", "}"] if served else ["  direct {}", "}"]
    write_private(path, "\n".join(lines) + "\n")
    return Plugins(path, tuple(dict.fromkeys(served.values())), rest, _stamp(standins))


def _mirror_block(mirror: Path, served: Mapping[Requirement, Path]) -> list[str]:
    names = sorted({each.source for each, found in served.items() if found == mirror})
    return ["  filesystem_mirror {", f"    path    = {json.dumps(str(mirror))}", f"    include = {json.dumps(names)}", "  }"]


def _with_own(path: Path, own: Path, served: Mapping[Requirement, Path], standins: Path | None) -> Plugins:
    """The operator's own rules; the stand-ins go before them, because no registry has those."""
    ours = [found for found in dict.fromkeys(served.values()) if standins and _is_standin(found, standins)]
    if not ours:
        return Plugins(own, (), ())
    blocks = "\n".join(line for mirror in ours for line in _mirror_block(mirror, served))
    text = own.read_text(encoding="utf-8", errors="replace")
    write_private(path, re.sub(r"(provider_installation\s*\{)", lambda head: f"{head[1]}\n{blocks}\n", text, count=1))
    return Plugins(path, tuple(ours), (), _stamp(standins))


def _is_standin(mirror: Path, standins: Path) -> bool:
    return mirror == standins or mirror.name == _links_of(standins)


def _stamp(standins: Path | None) -> str:
    """A digest of the stand-ins' programs; small scripts, unlike the real ones."""
    found = hashlib.sha256()
    for path in sorted(standins.glob("*/*/*/*/*/terraform-provider-*")) if standins else ():
        found.update(f"{path}\0".encode() + path.read_bytes())
    return found.hexdigest() if standins else ""


def _own_config(environ: Mapping[str, str]) -> Path | None:
    """The operator's CLI configuration, when it says where providers come from."""
    if environ.get("HUB_PLUGIN_MIRROR"):
        return None
    for path in (environ.get("TF_CLI_CONFIG_FILE"), _home(environ) / ".terraformrc", _home(environ) / ".tofurc"):
        if path and Path(path).is_file() and "provider_installation" in Path(path).read_text(encoding="utf-8", errors="replace"):
            return Path(path)
    return None


def _served(
    folder: Path, wanted: Sequence[Requirement], terraform: Terraform, environ: Mapping[str, str], standins: Path | None
) -> dict[Requirement, Path]:
    """Which mirror serves which requirement; a host that is not this flavour's own is served through links."""
    served: dict[Requirement, Path] = {}
    for mirror in (*filter(None, [standins]), *_mirrors(environ)):
        for each in wanted:
            if each not in served and _holds(mirror, each.host, each):
                served[each] = mirror
            elif each not in served and each.host == _HOSTS["tofu"] and _holds(mirror, _HOSTS["terraform"], each):
                served[each] = _linked(folder / "linked" / _links_of(mirror), mirror, each)
        if len(served) == len(wanted):
            break
    return served


def _holds(mirror: Path, host: str, wanted: Requirement) -> bool:
    """Whether a mirror has this provider for this machine, unpacked or as a zip."""
    part = mirror / host / _package(mirror / host, wanted)
    return part.is_file() if part.suffix == ".zip" else part.is_dir()


def _package(host: Path, wanted: Requirement) -> Path:
    """Where a provider for this machine lies below its host's folder: a zip where there is one, else a folder."""
    short = wanted.name.rsplit("/", 1)[-1]
    packed = Path(wanted.name) / f"terraform-provider-{short}_{wanted.version}_{platform_name()}.zip"
    return packed if (host / packed).is_file() else Path(wanted.name) / wanted.version / platform_name()


def _links_of(mirror: Path) -> str:
    """A name for the links to one mirror: two rehearsals at once have a mirror each."""
    return hashlib.sha256(str(mirror).encode()).hexdigest()[:12]


def _linked(links: Path, mirror: Path, wanted: Requirement) -> Path:
    """A mirror of links under OpenTofu's host name: the provider binaries are the same ones.

    Only the last part of a provider's path may be a link: both programs follow none above it when they look for mirrors.
    """
    part = _package(mirror / _HOSTS["terraform"], wanted)
    place = links / wanted.host / part
    source = mirror / _HOSTS["terraform"] / part
    private_dir(place.parent)
    if place.is_symlink() and place.resolve() != source.resolve():
        place.unlink()
    if not place.is_symlink():
        place.symlink_to(source)
    return links


def _mirrors(environ: Mapping[str, str]) -> Iterator[Path]:
    """Every directory that looks like a mirror, the most explicit first."""
    named = environ.get("HUB_PLUGIN_MIRROR")
    if named:
        if not Path(named).is_dir():
            raise HubError(
                f"HUB_PLUGIN_MIRROR names {named}, which is no directory", fix="name the directory above registry.terraform.io, or unset it"
            )
        yield Path(named).resolve()
    home = _home(environ)
    data_home = environ.get("XDG_DATA_HOME") or str(home / ".local/share")
    data_dirs = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    implied = [home / ".terraform.d/plugins", home / "Library/Application Support/io.terraform/plugins"]
    implied += [Path(each) / "terraform/plugins" for each in (data_home, *data_dirs.split(":")) if each]
    for path in implied:
        if path.is_dir():
            yield path
    for prefix in (*_PREFIXES, str(home / ".terraform.d")):
        yield from _trees(Path(prefix), _DEPTH)


def _trees(folder: Path, depth: int) -> Iterator[Path]:
    """The parents of every tree named after the registry, at most `depth` levels below `folder`."""
    try:
        names = sorted(each.name for each in os.scandir(folder) if each.is_dir(follow_symlinks=False))
    except OSError:
        return
    if _HOSTS["terraform"] in names or _HOSTS["tofu"] in names:
        yield folder
        return
    if depth > 1:
        for name in names:
            yield from _trees(folder / name, depth - 1)


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())
