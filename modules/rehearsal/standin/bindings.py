"""The TypeScript that a prebuilt cdktf binding was compiled from: it travels inside the source maps of the compiled files."""

from __future__ import annotations

import base64
import importlib.metadata
import importlib.util
import json
import re
import tarfile
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from modules.common.errors import HubError

_FILE = re.compile(r"package/lib/([^/]+)/(?:index-structs/structs\d+|index)\.js$")
_MAP = re.compile(r"^//# sourceMappingURL=data:application/json;base64,(\S+)", re.MULTILINE)
#: `helm` binds 12.1.2, which is hashicorp/helm 3.1.1; the bindings say so themselves, in every file.
_PROVIDER_VERSION = re.compile(r"providerVersion: '([\d.]+)'")


@cache
def version(provider: str) -> str:
    """The version of the installed bindings of "kubernetes" or "helm". Raises HubError when there are none."""
    try:
        return importlib.metadata.version(f"cdktf-cdktf-provider-{provider}")
    except importlib.metadata.PackageNotFoundError as error:
        raise HubError(f"The bindings of hashicorp/{provider} are not installed.", fix="Run ./install.sh; it installs them.") from error


def sources(provider: str, folders: Collection[str] | None = None) -> dict[str, str]:
    """Folder of the bindings ("secret-v1", "provider") to all of its TypeScript, files joined. folders: the wanted ones; None: all.

    Raises HubError when the bindings are not installed or hold no source.
    """
    found: dict[str, str] = {}
    for folder, text in _files(_archive(provider), folders):
        found[folder] = found.get(folder, "") + text
    return found


def provider_version(typescript: str) -> str | None:
    """The provider version that the source of a resource, data source or provider was generated from."""
    match = _PROVIDER_VERSION.search(typescript)
    return match[1] if match else None


def _archive(provider: str) -> Path:
    version(provider)
    # Found, not imported: an import would start Node.
    spec = importlib.util.find_spec(f"cdktf_cdktf_provider_{provider}")
    folders = spec.submodule_search_locations if spec else None
    archives = [path for folder in folders or () for path in Path(folder).glob("_jsii/*.jsii.tgz")]
    if not archives:
        raise HubError(f"The bindings of hashicorp/{provider} hold no archive.", fix="Reinstall .venv: remove it and run ./install.sh.")
    return archives[0]


def _files(archive: Path, folders: Collection[str] | None) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as content:
        for member in content:
            match = _FILE.match(member.name)
            file = content.extractfile(member) if match and (folders is None or match[1] in folders) else None
            if match is None or file is None:
                continue
            mapped = _MAP.search(file.read().decode())
            if mapped:
                yield match[1], "\n".join(json.loads(base64.b64decode(mapped[1]))["sourcesContent"])
