"""What this program is and what it runs on, found on this machine alone."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.catalog.components import COMPONENTS
from modules.ops.say import VERSION

_OF_INTEREST = ("AWS_", "HUB_", "TF_", "KUBE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "VIRTUAL_ENV", "PYTHON")
_SECONDS = 15


def versions(root: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Of the program, its tools and what it pins. Nothing is fetched; a tool that is not there is null."""
    return {
        "hubsmith": VERSION,
        "commit": _said(["git", "-C", str(root), "describe", "--always", "--dirty"], environ),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "terraform": _first(_said([environ.get("HUB_TERRAFORM") or "terraform", "version"], environ)),
        "node": _said(["node", "--version"], environ),
        "components": {name: each.version for name, each in COMPONENTS.items()},
    }


def variables(environ: Mapping[str, str]) -> list[str]:
    """Names of the variables that steer a run. Never a value."""
    return sorted(name for name in environ if name.upper().startswith(_OF_INTEREST))


def _said(command: list[str], environ: Mapping[str, str]) -> str | None:
    path = shutil.which(command[0], path=environ.get("PATH", os.defpath))
    if path is None:
        return None
    try:
        return subprocess.run([path, *command[1:]], capture_output=True, text=True, timeout=_SECONDS, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _first(text: str | None) -> str | None:
    return text.splitlines()[0] if text else None
