"""A Helm release, pinned and repeatable; its values are plain data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modules.cdk import Stack, helm
from modules.k8s.releases import releases

_OURS = Path(__file__).resolve().parents[2] / "helm"
#: Seconds. A node may have to start first; upstream's own installs wait ten minutes.
PATIENCE = 900


def install(
    stack: Stack,
    name: str,
    values: Mapping[str, Any],
    *,
    namespace: str | None = None,
    release: str | None = None,
    depends_on: Sequence[Any] = (),
    patience: int = PATIENCE,
) -> Any:
    """Install the release that helm/releases.yaml calls `name`; gives the resource.

    values: JSON-able; strings may be Terraform's. namespace: default is the one of releases.yaml. release: another name, for a
    chart that is installed more than once.
    """
    pinned = releases()[name]
    where = (
        # The provider compares a local chart by nothing; its digest in the description makes a changed template an upgrade.
        {"chart": stack.chart(_OURS / pinned.chart), "description": f"helm/{pinned.chart} {_digest(_OURS / pinned.chart)}"}
        if pinned.local
        else {"repository": pinned.repository, "chart": pinned.chart, "version": pinned.version}
    )
    return helm.release.Release(
        stack,
        f"release-{release or name}",
        name=release or name,
        namespace=namespace or pinned.namespace,
        **where,
        values=[_text(values)],
        wait=True,
        wait_for_jobs=True,
        timeout=patience,
        max_history=5,
        # What a killed run left half done is upgraded instead of refused.
        upgrade_install=True,
        cleanup_on_fail=True,
        depends_on=list(depends_on) or None,
    )


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"\0".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()[:16]


def _text(values: Mapping[str, Any]) -> str:
    """JSON, which is YAML; indented and sorted, so that a plan shows the lines that change."""
    # Some charts have templates of their own in `%{…}`, which Terraform would take for its own. `${` stays: it marks references.
    return json.dumps(values, indent=1, sort_keys=True).replace("%{", "%%{")
