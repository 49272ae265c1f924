"""The one call of the gateway's configuration: applies the settings that the release carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .settings import Settings, SettingsError


def configure(c: Any, given: Mapping[str, Any], backend: Any = None) -> None:
    """Set options, limits and backend on `c`, dask-gateway-server's configuration.

    given: as modules/k8s/dask/settings.py writes it. backend: a Backend with PerUser mixed in; default the one for Kubernetes.
    Exits with one sentence when the gateway must not start with them.
    """
    try:
        settings = Settings.read(given)
    except SettingsError as error:
        raise SystemExit(f"hubsmith: the gateway does not start: {error}.") from None
    from .options import cluster_options

    if backend is None:
        from .kubernetes import PerUserKubeBackend

        backend = PerUserKubeBackend
    backend.settings = settings
    c.DaskGateway.backend_class = backend
    # distributed 2026.6.0 no longer carries dask-scheduler and dask-worker, which dask-gateway-server 2026.3.0 calls by default;
    # users' images have both since 2022.10: https://github.com/dask/distributed/pull/9240
    c.ClusterConfig.scheduler_cmd = ["dask", "scheduler"]
    c.ClusterConfig.worker_cmd = ["dask", "worker"]
    c.Backend.cluster_options = cluster_options(settings)
