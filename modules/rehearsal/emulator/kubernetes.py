"""The Kubernetes clusters of this process, as the emulator's own endpoints and the stand-in providers meet them.

Everything is imported when first asked for: an emulator that no cluster is asked of starts without gRPC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from modules.rehearsal.standin.backend import Backend


def backend(folder: Path) -> Backend:
    """What one launch of a provider talks to; all launches share the clusters. folder: where Terraform runs."""
    from modules.rehearsal.cluster.backend import ClusterBackend
    from modules.rehearsal.cluster.emulated import worlds

    return ClusterBackend(worlds, folder)


def api(environ: dict[str, Any], start_response: Callable[..., Any], path: str) -> Iterable[bytes]:
    """The Kubernetes API of a cluster, as WSGI. path: "<region>/<cluster>/api/v1/..."."""
    answer: Iterable[bytes] = _api().wsgi(environ, start_response, path)
    return answer


@lru_cache(maxsize=1)
def _api() -> Any:
    from modules.rehearsal.cluster.api.server import Api
    from modules.rehearsal.cluster.emulated import world_of
    from modules.rehearsal.verdicts.judge import Judge
    from modules.rehearsal.verdicts.schemas import known_schemas

    return Api(world_of, Judge(known_schemas()))


def summary() -> dict[str, Any]:
    """How many objects and releases there are, what was checked and what was not."""
    from modules.rehearsal.cluster.emulated import worlds

    return worlds.summary()


def dump() -> dict[str, Any]:
    """Every object of every cluster; of a Secret only the names of its keys."""
    from modules.rehearsal.cluster.emulated import worlds

    return worlds.dump()


def edit(body: bytes) -> dict[str, Any]:
    """Change a cluster behind Terraform's back; {"error": ...} for what is no edit."""
    from modules.rehearsal.cluster.emulated import worlds

    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return worlds.edit(document) if isinstance(document, dict) else {"error": "an edit is a JSON object"}


def places() -> list[dict[str, str]]:
    """{"region", "cluster"} of each cluster that answers."""
    from modules.rehearsal.cluster.emulated import places as found

    return [{"region": region, "cluster": cluster} for region, cluster in found()]


def clear() -> None:
    """No clusters any more."""
    from modules.rehearsal.cluster.emulated import worlds

    worlds.clear()
