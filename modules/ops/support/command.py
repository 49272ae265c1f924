"""./hub support-bundle: writes the bundle, and says what is in it before anybody sends it anywhere."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout, private_dir
from modules.ops.say import marked, out
from modules.ops.status.command import gather
from modules.ops.support.collect import Part, Sources, collect
from modules.ops.target import resolve_target, running_rehearsal

if TYPE_CHECKING:
    from modules.ops.cluster_api import ClusterApi

_PRIVATE = 0o600
_KIB = 1024
#: Width of the column of names.
_NAME = 26
_CONTENTS = "contents.txt"


def support_bundle(root: Path, config: HubConfig, *, output: Path | None, mask_account: bool, as_json: bool) -> int:
    """Write a .tar.gz that only its owner may read, and list it. output: where; None for the env's folder below .hubsmith.

    Exit 0 also where parts are missing: the list says which and why. Raises HubError when the file exists or cannot be written.
    """
    path = output or _default(root, config)
    sources = Sources(root, config, lambda: gather(root, config), lambda: _cluster(root, config))
    parts = collect(sources, mask_account=mask_account)
    _write(path, parts, config)
    if as_json:
        files = [{"name": each.name, "what": each.what, "bytes": len(each.text.encode()), "missing": each.missing} for each in parts]
        found = {"env": config.env, "command": "support-bundle", "exit": 0, "file": str(path), "account_masked": mask_account}
        out(json.dumps(found | {"parts": files}))
        return 0
    _say(path, parts, mask_account=mask_account)
    return 0


def _default(root: Path, config: HubConfig) -> Path:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    folder = private_dir(Layout(root, config.env).home / "support")
    return folder / f"hubsmith-{config.env}-{moment}.tar.gz"


def _cluster(root: Path, config: HubConfig) -> ClusterApi:
    from modules.ops.cluster_api import open_cluster

    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError("the rehearsal does not run")
    return open_cluster(root, config, resolve_target(root, config))


def _write(path: Path, parts: tuple[Part, ...], config: HubConfig) -> None:
    folder = path.name.removesuffix(".gz").removesuffix(".tar").removesuffix(".tgz") or config.env
    listed = Part(_CONTENTS, "this list", "".join(f"{line}\n" for line in _lines(parts)))
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for part in (listed, *parts):
            data = part.text.encode()
            info = tarfile.TarInfo(f"{folder}/{part.name}")
            info.size, info.mode, info.mtime = len(data), _PRIVATE, int(time.time())
            archive.addfile(info, io.BytesIO(data))
    try:
        # O_EXCL: a file that is there keeps whatever rights somebody gave it.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
            file.write(body.getvalue())
    except FileExistsError as error:
        raise HubError(f"{path} exists already", where="--output", fix="name another file, or remove this one") from error
    except OSError as error:
        raise HubError(f"{path} cannot be written: {error.strerror}", where="--output", fix="name a file in a folder of yours") from error


def _lines(parts: tuple[Part, ...]) -> list[str]:
    return [f"{each.name:<{_NAME}} {_size(each):>9}  {f'not collected: {each.missing}' if each.missing else each.what}" for each in parts]


def _size(*parts: Part) -> str:
    return f"{sum(len(each.text.encode()) for each in parts) / _KIB:.1f} KiB"


def _say(path: Path, parts: tuple[Part, ...], *, mask_account: bool) -> None:
    for part, line in zip(parts, _lines(parts), strict=True):
        if not part.name.startswith("runs/"):
            out(marked("warn", f"  {line}") if part.missing else f"  {line}")
    for run, logs in groupby((each for each in parts if each.name.startswith("runs/")), key=lambda each: each.name.rpartition("/")[0]):
        out(f"  {run:<26} {_size(*(found := list(logs))):>9}  {len(found)} logs: what happened to what, no values")
    out(f"{path}  {path.stat().st_size / _KIB:.0f} KiB, readable by you alone; nothing was sent")
    kept = "AWS account ids are masked" if mask_account else "AWS account ids are in it: --mask-account takes them out"
    out(f"  left out    values of variables, attributes of states, Kubernetes Secrets, Secrets Manager (never asked). {kept}")
    out("  not known   a secret that a log holds without its name and without the look of one. Read it before you send it:")
    out(f"              tar xzOf {path} | less")
