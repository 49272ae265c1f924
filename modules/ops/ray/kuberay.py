"""A cluster of kind kuberay: one RayCluster, which the operator suspends, resumes and scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modules.common import ray as refs
from modules.ops.cluster_api import ClusterApi, Replicas
from modules.ops.ray.model import Seen
from modules.ops.ray.pods import pods_of, troubles_of

Document = dict[str, Any]
_PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class KubeRayCluster:
    """Its methods raise HubError when the cluster cannot be reached or refuses."""

    api: ClusterApi
    namespace: str
    name: str

    def look(self) -> Seen | None:
        """As the operator tells it; None when there is no such RayCluster."""
        found = self.api.read(self._path, f"the RayCluster {self._object}")
        if found is None:
            return None
        spec, status = found["spec"], found.get("status") or {}
        # The operator puts this label on every pod of a RayCluster.
        pods = pods_of(self.api, self.namespace, {"ray.io/cluster": self._object})
        image = spec["headGroupSpec"]["template"]["spec"]["containers"][0]["image"]
        head, workers = _sizes(spec, status)
        return Seen(head, workers, len(pods), image, str(spec.get("rayVersion", "")), troubles_of(pods))

    def ask_for(self, workers: int) -> bool:
        """A head and at least `workers` workers, which the autoscaler does not go below; False without the RayCluster."""
        group = "/spec/workerGroupSpecs/0"
        return self._patch({"/spec/suspend": False, f"{group}/minReplicas": workers, f"{group}/replicas": workers})

    def ask_for_none(self) -> bool:
        """Suspended: the operator deletes all its pods and makes them again later; False without the RayCluster."""
        return self._patch({"/spec/suspend": True})

    def _patch(self, fields: dict[str, Any]) -> bool:
        # A merge patch would have to send the whole list of worker groups.
        body = [{"op": "add", "path": path, "value": value} for path, value in fields.items()]
        return self.api.ask("PATCH", self._path, f"change the RayCluster {self._object}", body=body, kind=_PATCH) is not None

    @property
    def _object(self) -> str:
        return refs.ray_cluster(self.name)

    @property
    def _path(self) -> str:
        return f"/apis/ray.io/v1/namespaces/{self.namespace}/rayclusters/{self._object}"


def _sizes(spec: Document, status: Document) -> tuple[Replicas, Replicas]:
    """Head and workers. The operator's word on what is wanted counts: the autoscaler may want more than the spec."""
    ready = int(status.get("readyWorkerReplicas", 0))
    head_ready = any(each.get("type") == "HeadPodReady" and each.get("status") == "True" for each in status.get("conditions") or ())
    if spec.get("suspend"):
        return Replicas(0, int(head_ready)), Replicas(0, ready)
    groups = spec.get("workerGroupSpecs") or ()
    asked = sum(max(int(group.get("replicas", 0)), int(group.get("minReplicas", 0))) for group in groups)
    return Replicas(1, int(head_ready)), Replicas(max(asked, int(status.get("desiredWorkerReplicas", 0))), ready)
