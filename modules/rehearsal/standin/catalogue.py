"""The finished schema of each stand-in: derived once per version of the bindings, kept in the venv, marked from `overlay`."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from modules.rehearsal.standin import bindings, overlay, schema

PROVIDERS = ("helm", "kubernetes")


@cache
def load(provider: str) -> dict[str, Any]:
    """The schema of "kubernetes" or "helm" with every mark. Raises HubError when the bindings are not installed."""
    return overlay.overlaid(_derived(provider, _store()))


def _derived(provider: str, store: Path | None) -> dict[str, Any]:
    """From the store when it is there (5 ms), else derived (0.3 s) and stored if that can be done."""
    path = store / f"{provider}-{bindings.version(provider)}-{_code()}.json" if store else None
    if path is not None:
        with contextlib.suppress(OSError, ValueError):
            kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return kept
    made = schema.derive(provider, overlay.SERVED[provider])
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(made), encoding="utf-8")
            draft.replace(path)
    return made


def _store() -> Path | None:
    """Beside the bindings, so that a new venv starts empty. None outside a venv: a system's folders are not ours."""
    return Path(sys.prefix) / "var" / "hubsmith" if sys.prefix != sys.base_prefix else None


def _code() -> str:
    """What derivation depends on, apart from the bindings."""
    digest = hashlib.sha256(json.dumps(overlay.SERVED).encode())
    for module in (bindings, schema):
        digest.update(Path(module.__file__ or "").read_bytes())
    return digest.hexdigest()[:12]
