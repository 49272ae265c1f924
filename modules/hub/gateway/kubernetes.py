"""The backend in the cluster: dask-gateway-server's, with the limits of users."""

from __future__ import annotations

from dask_gateway_server.backends.kubernetes.backend import KubeBackend

from .per_user import PerUser


class PerUserKubeBackend(PerUser, KubeBackend):  # type: ignore[misc]
    """Clusters are objects of Kubernetes and outlive this process, and so do the numbers of their workers."""

    def workers_before(self, cluster_name: str) -> int:
        """What the cluster's object says, which dask-gateway-server keeps in step with heartbeats."""
        found = self.informer.get(cluster_name)
        return int(found["spec"].get("replicas") or 0) if found else 0
