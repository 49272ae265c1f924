"""helm/releases.yaml, typed: which chart of which version every release is, and the digest of its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from modules.common.errors import HubError

FILE = Path(__file__).resolve().parents[2] / "helm" / "releases.yaml"

#: One exact version: a range would install something else next week.
_VERSION = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Release:
    """One helm release.

    repository: `https://…` or `oci://…`, "" for a chart of ours. namespace: None where the env's configuration names it.
    digest: sha256, 64 hex characters, of the archive (https) or of the manifest (oci); None where it is not known, and
    digest_note then says how to learn it.
    """

    name: str
    chart: str
    repository: str
    version: str
    app: str
    namespace: str | None
    source: str
    digest: str | None = None
    digest_note: str = ""
    digest_seen: str = ""
    local: bool = False

    @property
    def is_oci(self) -> bool:
        """Whether the chart comes from a container registry."""
        return self.repository.startswith("oci://")

    @property
    def chart_path(self) -> str:
        """What helm_release takes as its chart: a name in the repository, or the folder shipped beside the stack."""
        return f"./charts/{self.chart}" if self.local else self.chart


@cache
def releases() -> dict[str, Release]:
    """Every release by its name, in the order of the file. Raises HubError when the file is wrong."""
    return parse(FILE.read_text())


def parse(text: str) -> dict[str, Release]:
    """The releases in the text of a releases.yaml. Raises HubError that names the release and the field."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise HubError("is not YAML", where=_where(line=mark.line + 1 if mark else None), fix="Mind indentation and colons.") from None
    if not isinstance(found, dict) or not found:
        raise HubError("holds no releases", where=_where(), fix="Write one mapping, with a key for each release.")
    return {name: _release(name, given) for name, given in found.items()}


def _release(name: Any, given: Any) -> Release:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise HubError(f"{name!r} is no name of a release", where=_where(), fix="Use lower-case letters, digits and hyphens.")
    if not isinstance(given, dict):
        raise HubError("must be a mapping", where=_where(name), fix="Write chart, repository, version and the rest below it.")
    unknown = sorted(given.keys() - _FIELDS.keys(), key=str)
    if unknown:
        raise HubError("is not a known field", where=_where(name, str(unknown[0])), fix=f"Known are {', '.join(_FIELDS)}.")
    for field, (accepts, what) in _FIELDS.items():
        if not accepts(given, given.get(field)):
            raise HubError(f"{given.get(field)!r} is not {what}", where=_where(name, field), fix=f"Write {what}.")
    return Release(name=name, **{"repository": "", "namespace": None, **given})


def _where(name: str = "", field: str = "", line: int | None = None) -> str:
    path = ".".join(part for part in (name, field) if part)
    place = f"helm/releases.yaml:{line}" if line else "helm/releases.yaml"
    return f"{place}: {path}" if path else place


def _text(_: dict[str, Any], value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _may_be_text(_: dict[str, Any], value: Any) -> bool:
    return value is None or isinstance(value, str)


def _repository(given: dict[str, Any], value: Any) -> bool:
    if given.get("local") is True:
        return value is None
    return isinstance(value, str) and value.startswith(("https://", "oci://"))


def _digest(_: dict[str, Any], value: Any) -> bool:
    return value is None or (isinstance(value, str) and bool(_DIGEST.fullmatch(value)))


def _note(given: dict[str, Any], value: Any) -> bool:
    """Somebody must be able to fill the gap; a chart of ours is in this repository and has none."""
    return bool(value) == (given.get("digest") is None and not given.get("local"))


_FIELDS: dict[str, tuple[Callable[[dict[str, Any], Any], bool], str]] = {
    "chart": (_text, "the name of a chart"),
    "repository": (_repository, "an https:// or oci:// repository (none for a local chart)"),
    "version": (lambda _, value: isinstance(value, str) and bool(_VERSION.fullmatch(value)), "one exact version such as 1.2.3"),
    "app": (_text, "the version of what the chart installs, as text"),
    "namespace": (_may_be_text, "a namespace, or null where the env names it"),
    "source": (_text, "where the version was seen"),
    "digest": (_digest, "a sha256 of 64 hex characters, or null"),
    "digest_note": (_note, "the command that prints a missing digest (and nothing beside a digest that is there)"),
    "digest_seen": (_may_be_text, "where the digest was read"),
    "local": (lambda _, value: value in (None, True, False), "true or false"),
}
