"""Values of the z2jh chart, 4.4.0: everything the release is told. Keys as in the chart's values.schema.json."""

from __future__ import annotations

from typing import Any

from modules.common import verifying
from modules.common.homes import Purpose
from modules.common.launcher import url
from modules.common.scheduling import placement
from modules.config.models import HubConfig
from modules.k8s.charts.parts import replicas
from modules.k8s.dask.doors import from_gateway, to_traefik
from modules.k8s.dask.refs import traefik
from modules.k8s.jupyterhub import refs
from modules.k8s.jupyterhub.login import login
from modules.k8s.jupyterhub.profiles import profile_list
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.singleuser import singleuser
from modules.k8s.kept import kept_class
from modules.k8s.launcher.doors import from_launcher, to_launcher

#: The one snippet of configuration; everything it does is in modules/hub, where it is typed and tested.
_SNIPPET = f"""\
from z2jh import get_config
from {refs.PACKAGE}.configure import configure
configure(c, get_config("custom.hubsmith"))
"""
#: What the small pods of the release ask for; measured use of the seeds' hubs stays well below.
_SMALL = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}
_HUB = {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}}


def hub_values(config: HubConfig, at: HubRefs) -> dict[str, Any]:
    """The values of release `jupyterhub` for one env. Holds no secret: those come by secretKeyRef."""
    hub = config.hub
    return {
        "hub": _hub(config, at),
        "proxy": {
            # The load balancer's Service is ours (modules/k8s/jupyterhub/front.py), so that it can go first and be waited for.
            "service": {"type": "ClusterIP"},
            "https": {"enabled": False},
            "chp": {
                "nodeSelector": dict(placement("core", None).labels),
                "resources": _SMALL,
                "networkPolicy": {"egressAllowRules": {"cloudMetadataServer": False}, "egress": _to_services(config)},
            },
        },
        "singleuser": singleuser(config, at),
        "scheduling": {
            # Packs users' pods onto few nodes; a scheduler older than the API by more than a minor misses fields.
            "userScheduler": {
                "enabled": True,
                "image": {"name": "registry.k8s.io/kube-scheduler", "tag": f"v{config.cluster.version}.0"},
                "nodeSelector": dict(placement("core", None).labels),
                "resources": _SMALL,
                # The chart's own are two.
                **({"replicas": 1} if replicas(config) == 1 else {}),
            },
            "podPriority": {"enabled": True},
            "userPlaceholder": {"enabled": hub.placeholders > 0, "replicas": hub.placeholders},
            "corePods": {"nodeAffinity": {"matchNodePurpose": "require"}},
            "userPods": {"nodeAffinity": {"matchNodePurpose": "require"}},
        },
        "prePuller": {"hook": {"enabled": hub.prepull}, "continuous": {"enabled": hub.prepull}},
        "cull": {
            "enabled": hub.culling.enabled,
            "timeout": hub.culling.timeout_seconds,
            "every": hub.culling.every_seconds,
            "maxAge": hub.culling.max_age_hours * 3600,
        },
        "custom": {"hubsmith": settings(config, at)},
        "global": {"safeToShowValues": False},
    }


def settings(config: HubConfig, at: HubRefs) -> dict[str, Any]:
    """What modules/hub reads when the hub starts (z2jh hands `custom` through)."""
    return {
        "public_url": config.hub_url,
        "login": login(config, client_id=at.client_id, cognito_domain_url=at.cognito_domain_url),
        "profiles": profile_list(config),
        **({"dask": {"url": f"http://{traefik(config.dask.namespace)}"}} if config.dask else {}),
        **({"launcher": {"url": url(config.launcher.namespace)}} if config.launcher else {}),
    }


def _hub(config: HubConfig, at: HubRefs) -> dict[str, Any]:
    environment: dict[str, Any] = {
        name: {"valueFrom": {"secretKeyRef": {"name": refs.SECRET, "key": key}}}
        for name, key in refs.SECRET_KEYS.items()
        if key in at.secret_keys
    }
    return {
        "config": {**_cookies(config), "KubeSpawner": _spawner(config)},
        "extraConfig": {"00-hubsmith": _SNIPPET},
        # The chart makes the service's token once and keeps it in a Secret of its own (modules/ops/verify/token.py).
        "services": {verifying.SERVICE: {}},
        "loadRoles": {verifying.SERVICE: {key: value for key, value in verifying.ROLE.items() if key != "name"}},
        "extraEnv": {**environment, "PYTHONPATH": refs.CODE_FOLDER},
        "extraVolumes": [{"name": refs.CODE, "configMap": {"name": refs.CODE}}],
        "extraVolumeMounts": [{"name": refs.CODE, "mountPath": f"{refs.CODE_FOLDER}/{refs.PACKAGE}", "readOnly": True}],
        # The chart restarts the hub when its own values change; these two live outside them.
        "annotations": {"hubsmith.io/code": at.code_digest, "hubsmith.io/secrets": at.secret_revision},
        "db": {
            "type": "sqlite-pvc",
            "pvc": {"storage": config.hub.database_size, "storageClassName": kept_class(config, Purpose.DATABASE)},
        },
        "nodeSelector": dict(placement("core", None).labels),
        "resources": _HUB,
        "networkPolicy": {
            "egressAllowRules": {"cloudMetadataServer": False},
            "egress": _to_services(config),
            "ingress": [*([from_gateway(config.dask.namespace)] if config.dask else []), *from_launcher(config)],
        },
    }


def _to_services(config: HubConfig) -> list[dict[str, Any]]:
    return [*([to_traefik(config.dask.namespace)] if config.dask else []), *to_launcher(config)]


def _cookies(config: HubConfig) -> dict[str, Any]:
    if not config.domain:
        return {}
    # TLS ends at the load balancer, which tells nobody: without this the hub would hand out cookies fit for plain http. The
    # chart sets slow_spawn_timeout in the same trait (a spawn shows its progress at once), and a trait is replaced whole.
    return {"JupyterHub": {"tornado_settings": {"slow_spawn_timeout": 0, "cookie_options": {"secure": True}}}}


def _spawner(config: HubConfig) -> dict[str, Any]:
    """Traits of the spawner that the chart has no value for."""
    if config.hub.singleuser.fuse:
        context: dict[str, Any] = {"privileged": True}
    elif config.hub.singleuser.root:
        context = {"allowPrivilegeEscalation": True}
    else:
        # What the namespace's pod-security level `restricted` asks for.
        context = {"capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod: dict[str, Any] = {}
    if config.vault and not (config.hub.singleuser.fuse or config.hub.singleuser.root):
        # Vault's agent brings no seccomp profile of its own, and level `restricted` refuses a container without one.
        pod["seccompProfile"] = {"type": "RuntimeDefault"}
    return {
        # A server's role on AWS comes by a token of its own (IRSA); one for the Kubernetes API would be a way in.
        "automount_service_account_token": False,
        "container_security_context": context,
        # Walking a large volume on every start to change owners takes minutes.
        "pod_security_context": {"fsGroupChangePolicy": "OnRootMismatch", **pod},
    }
