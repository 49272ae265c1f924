"""Changing cluster.version in a hub.yaml and nothing else: every other byte stays as the person wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from modules.common.errors import HubError
from modules.config.load import ENVS, FILE


def write_version(root: Path, env: str, version: str) -> str:
    """Set cluster.version in the env's own hub.yaml; gives the file as a person would type it.

    A version that a shared file says is overridden here, so that the other envs of that file stay where they are.
    Raises HubError when the file is written in a way that cannot be changed safely.
    """
    shown = f"{ENVS}/{env}/{FILE}"
    path = root / shown
    # No translation of line ends: a file from Windows keeps its own.
    with path.open(encoding="utf-8", newline="") as file:
        old = file.read()
    new = with_version(old, version)
    if new is None:
        raise HubError(f"{shown} is written in a way that is not changed by a program", fix=f'write cluster.version: "{version}" there')
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(new)
    return shown


def with_version(text: str, version: str) -> str | None:
    """`text` with another cluster.version; None when that cannot be done, or would change anything else."""
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(top, yaml.MappingNode) or top.flow_style:
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    cluster = _of(top, "cluster")
    changed = _appended(text, version, end) if cluster is None else _changed(text, cluster, version, end)
    return changed if changed is not None and _is_only(text, changed, version) else None


def _appended(text: str, version: str, end: str) -> str:
    gap = "" if text.endswith("\n") else end
    return f'{text}{gap}{end}cluster:{end}  version: "{version}"{end}'


def _changed(text: str, cluster: yaml.Node, version: str, end: str) -> str | None:
    if not isinstance(cluster, yaml.MappingNode) or not cluster.value:
        return None
    present = _of(cluster, "version")
    if present is not None:
        return f'{text[: present.start_mark.index]}"{version}"{text[present.end_mark.index :]}'
    first = cluster.value[0][0].start_mark
    if cluster.flow_style:
        return f'{text[: first.index]}version: "{version}", {text[first.index :]}'
    return f'{text[: first.index]}version: "{version}"{end}{" " * first.column}{text[first.index :]}'


def _of(node: yaml.MappingNode, key: str) -> Any:
    return next((value for name, value in node.value if name.value == key), None)


def _is_only(old: str, new: str, version: str) -> bool:
    """Whether the two say the same but for cluster.version."""
    try:
        before, after = (yaml.safe_load(text) for text in (old, new))
    except yaml.YAMLError:
        return False
    return bool(after == {**before, "cluster": {**(before.get("cluster") or {}), "version": version}})
