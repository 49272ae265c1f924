"""Names that Ray's stack, its charts, the hub's notebooks and `./hub ray` agree on. Those of objects are the seed's own."""

from __future__ import annotations

#: The stack, and the releases: the operator's, and one a cluster of either chart of ours, called `ray-<cluster>`.
STACK = "ray"
OPERATOR, STATIC_CHART, KUBERAY_CHART = "kuberay-operator", "ray-static-cluster", "raycluster"
#: The port of Ray's client.
CLIENT_PORT = 10001
#: On every pod of a cluster: which cluster, and head or worker. What policies go by, for clusters of both kinds.
CLUSTER_LABEL, ROLE_LABEL = "hubsmith.io/ray-cluster", "hubsmith.io/ray-role"
#: The key of the token in its Secrets; the operator of kuberay looks for this one.
TOKEN_KEY = "auth_token"
#: The Secret of the hub's namespace with every cluster's token, by the cluster's name.
NOTEBOOK_SECRET = "ray-tokens"


def head(cluster: str) -> str:
    """The Deployment of a static cluster's head."""
    return f"{cluster}-ray-head"


def workers(cluster: str) -> str:
    """The Deployment of a static cluster's workers."""
    return f"{cluster}-ray-worker"


def ray_cluster(cluster: str) -> str:
    """The RayCluster of a kuberay cluster: the operator names the head's Service after it, `<this>-head-svc`."""
    return f"{cluster}-ray"


def service(cluster: str) -> str:
    """The Service in front of a head, of both kinds."""
    return f"{ray_cluster(cluster)}-head-svc"


def address(cluster: str, namespace: str) -> str:
    """What a notebook gives to ray.init."""
    return f"ray://{service(cluster)}.{namespace}:{CLIENT_PORT}"


def account(cluster: str) -> str:
    """The service account of a cluster's pods."""
    return f"{cluster}-daft"


def token_secret(cluster: str) -> str:
    """The token's name in Secrets Manager."""
    return f"ray-{cluster}-token"


def pod_secret(cluster: str) -> str:
    """The Secret beside a cluster with its token."""
    return f"{ray_cluster(cluster)}-token"


def release(cluster: str) -> str:
    """The helm release of a cluster."""
    return f"ray-{cluster}"


def labels(cluster: str, role: str = "") -> dict[str, str]:
    """What a cluster's pods carry; role: head or worker, "" for both."""
    return {CLUSTER_LABEL: cluster, **({ROLE_LABEL: role} if role else {})}


def output(cluster: str) -> str:
    """The stack's output with a cluster's address."""
    return f"ray_address_{cluster.replace('-', '_')}"
