"""Values of the dask-gateway chart, 2026.3.0: everything the release is told. Keys as in the chart's values.schema.yaml."""

from __future__ import annotations

from typing import Any

from modules.config.models import HubConfig
from modules.k8s.charts.parts import on_core, resources
from modules.k8s.dask import refs
from modules.k8s.dask.code import snippet
from modules.k8s.dask.refs import DaskRefs
from modules.k8s.dask.settings import container, scheduler_pod, settings
from modules.k8s.releases import releases

#: Gateway and controller run the same image; its tag is the chart's own version.
_IMAGE = "ghcr.io/dask/dask-gateway-server"


def gateway_values(config: HubConfig, at: DaskRefs) -> dict[str, Any]:
    """The values of release `dask-gateway` for an env with `dask`. Holds no secret: the token comes by secretKeyRef."""
    assert config.dask is not None
    image = {"name": _IMAGE, "tag": releases()[refs.RELEASE].app, "pullPolicy": "IfNotPresent"}
    return {
        "fullnameOverride": refs.full_name(config.dask.namespace),
        "gateway": {
            # One: it alone knows what users' clusters have asked for (modules/hub/gateway/per_user.py).
            "replicas": 1,
            "image": image,
            "prefix": refs.PREFIX,
            # The chart restarts the gateway when its configuration changes; the token lives outside it.
            "annotations": {"hubsmith.io/secrets": at.secret_revision},
            "resources": resources("100m", "256Mi", "512Mi"),
            "auth": {"type": "jupyterhub", "jupyterhub": _hub(config)},
            "backend": {"scheduler": _scheduler(config)},
            "extraConfig": {"00-hubsmith": snippet(settings(config, config.dask, at))},
            **on_core(config),
        },
        "controller": {"image": image, "resources": resources("50m", "128Mi", "256Mi"), **on_core(config)},
        "traefik": {
            # Inside the cluster only: people come by the hub's proxy.
            "service": {"type": "ClusterIP", "ports": {"web": {"port": refs.SERVICE_PORT}, "tcp": {"port": "web"}}},
            "resources": resources("50m", "128Mi", "256Mi"),
            **on_core(config),
        },
    }


def notebook_environment(namespace: str) -> dict[str, str]:
    """Variables by which `Gateway()` in a user's server finds the gateway and logs in. namespace: the gateway's."""
    return {
        # By the hub's own proxy, which knows the gateway as a service; the name is of the hub's namespace.
        "DASK_GATEWAY__ADDRESS": f"http://proxy-public{refs.PREFIX}",
        "DASK_GATEWAY__PROXY_ADDRESS": f"gateway://{refs.traefik(namespace)}:{refs.SERVICE_PORT}",
        # Without a host: dashboards open beside the notebook, wherever the browser has it from.
        "DASK_GATEWAY__PUBLIC_ADDRESS": f"{refs.PREFIX}/",
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
        # KubeSpawner fills in single braces of its own and stops at others; what it leaves is for Dask, which fills in variables.
        "DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE": "{{JUPYTER_IMAGE_SPEC}}",
    }


def _hub(config: HubConfig) -> dict[str, str]:
    return {
        "apiTokenFromSecretName": refs.SECRET,
        "apiTokenFromSecretKey": refs.TOKEN_KEY,
        # The chart would look for a hub in its own namespace.
        "apiUrl": f"http://hub.{config.hub.namespace}:8081/hub/api",
        # Without it any token of the hub would do; with it a token must be let in to this service.
        "jupyterhubServiceName": refs.SERVICE,
    }


def _scheduler(config: HubConfig) -> dict[str, Any]:
    assert config.dask is not None
    return {
        # A scheduler mostly waits; dask-gateway's own default of a whole core and 2 GiB would fill the core nodes.
        "cores": {"request": 0.2, "limit": 1},
        "memory": {"request": "512M", "limit": "2G"},
        "extraPodConfig": scheduler_pod(config, config.dask),
        "extraContainerConfig": container(),
    }
