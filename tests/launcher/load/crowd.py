"""A cluster with many processes, put there at once."""

from __future__ import annotations

from modules.rehearsal.cluster.world import CONTROL_PLANE, OUTSIDE
from tests.launcher.fake_kubernetes import Cluster, controllers

#: As the launcher labels what one user starts; the owner is in the label and in the annotation.
OWNER = "ada"


def crowd(processes: int, nodes: int) -> Cluster:
    """A cluster of so many public processes, all running, spread over so many nodes."""
    from modules.launcher.runtime import labels

    cluster = Cluster(nodes=0, schemas=False)
    for index in range(nodes):
        cluster.node(
            f"node-{index}", external=f"198.51.{index // 250}.{index % 250 + 1}", internal=f"10.0.{index // 250}.{index % 250 + 1}"
        )
    for index in range(processes):
        name, node = f"p{index}", index % nodes
        marks = {labels.PROCESS: name, labels.GROUP: f"g{index % 10}", labels.OWNER_ID: labels.owner_id(OWNER)}
        metadata = {"name": name, "namespace": "default", "labels": marks, "annotations": {labels.OWNER: OWNER}}
        container = {"name": name, "image": "nginxdemos/hello", "ports": [{"containerPort": 80}]}
        template = {"metadata": {"labels": marks}, "spec": {"containers": [container]}}
        deployment = {"replicas": 1, "selector": {"matchLabels": marks}, "template": template}
        held = cluster.world.put({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": deployment}, OUTSIDE)
        held.status = {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}
        port = {"name": "p80-tcp", "port": 80, "protocol": "TCP", "nodePort": 30000 + index}
        service = {"type": "NodePort", "clusterIP": f"172.20.{index // 250}.{index % 250 + 1}", "selector": marks, "ports": [port]}
        cluster.world.put({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service}, OUTSIDE)
        placed = {**template["spec"], "nodeName": f"node-{node}"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {**metadata, "name": f"{name}-x"}, "spec": placed}
        made = cluster.world.put(pod, CONTROL_PLANE)
        made.status = controllers.started(cluster.world, made, f"10.0.{node // 250}.{node % 250 + 1}")
    return cluster
