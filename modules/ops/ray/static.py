"""A cluster of kind static: two Deployments, which are scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modules.common import ray as refs
from modules.ops.cluster_api import ClusterApi, Replicas
from modules.ops.ray.model import Seen
from modules.ops.ray.pods import pods_of, troubles_of

Document = dict[str, Any]
#: How the chart labels its objects with the version in the image.
_VERSION = "app.kubernetes.io/version"


@dataclass(frozen=True)
class StaticCluster:
    """Its methods raise HubError when the cluster cannot be reached or refuses."""

    api: ClusterApi
    namespace: str
    name: str

    def look(self) -> Seen | None:
        """As Kubernetes has it now; None when one of its Deployments is missing."""
        head, workers = self._deployment(refs.head(self.name)), self._deployment(refs.workers(self.name))
        if head is None or workers is None:
            return None
        pods = [pod for each in (head, workers) for pod in pods_of(self.api, self.namespace, each["spec"]["selector"]["matchLabels"])]
        image = head["spec"]["template"]["spec"]["containers"][0]["image"]
        version = (head["metadata"].get("labels") or {}).get(_VERSION, "")
        return Seen(_size(head), _size(workers), len(pods), image, version, troubles_of(pods))

    def ask_for(self, workers: int) -> bool:
        """A head and `workers` workers; False when something of it is missing."""
        # The head first: workers wait for it.
        return self._scale(refs.head(self.name), 1) and self._scale(refs.workers(self.name), workers)

    def ask_for_none(self) -> bool:
        """No pod of it any more; False when something of it is missing."""
        # The workers first: a worker without its head starts again and again.
        return self._scale(refs.workers(self.name), 0) and self._scale(refs.head(self.name), 0)

    def _deployment(self, name: str) -> Document | None:
        return self.api.read(f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{name}", f"the Deployment {name}")

    def _scale(self, name: str, replicas: int) -> bool:
        return self.api.scale(self.namespace, name, replicas)


def _size(deployment: Document) -> Replicas:
    # A server leaves the key out while none is ready.
    return Replicas(int(deployment["spec"].get("replicas", 1)), int((deployment.get("status") or {}).get("readyReplicas", 0)))
