"""Names that the gateway's values, its policies and the hub agree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from modules.common import names

RELEASE = "dask-gateway"
#: The gateway as a service of the hub, and where the hub's proxy serves it.
SERVICE, PREFIX = "dask-gateway", "/services/dask-gateway"
#: Key of the token that hub and gateway share: in the hub's Secret, and in the Secret beside the gateway.
TOKEN_KEY, SECRET = "gateway-token", "gateway-credentials"
#: The service account of schedulers and workers.
ACCOUNT = "dask-worker"
#: The package of modules/hub/gateway in the gateway.
PACKAGE = "hubsmith_gateway"
#: Where the pods listen: API, and traefik for API, dashboards and schedulers alike; what traefik's Service calls its port.
API_PORT, WEB_PORT, SERVICE_PORT = 8000, 8000, 80
#: A scheduler's three doors: workers and clients, dashboard, and what the gateway says to it.
COMM_PORT, DASHBOARD_PORT, CONTROL_PORT = 8786, 8787, 8788


@dataclass(frozen=True)
class DaskRefs:
    """What the values need beside the configuration; strings may be Terraform's, known only when it runs.

    secret_revision: changes with the token. environment: variables of every scheduler and worker, such as SCRATCH_BUCKET.
    """

    secret_revision: str
    environment: Mapping[str, str] = field(default_factory=dict)


def labels(component: str) -> dict[str, str]:
    """What the pods of one part carry: traefik, gateway, controller, dask-scheduler, dask-worker."""
    return {"app.kubernetes.io/name": "dask-gateway", "app.kubernetes.io/component": component}


def full_name(namespace: str) -> str:
    """What the chart calls its objects. Some belong to no namespace, and gateways know their clusters by it: no two are alike."""
    return RELEASE if namespace == "dask" else names.fit(f"{RELEASE}-{namespace}", names.LABEL_MAX - len("controller-"))


def traefik(namespace: str) -> str:
    """Host name of traefik's Service."""
    return f"traefik-{full_name(namespace)}.{namespace}"
