"""The chart's values for users' servers: image, storage, network, and as whom they run."""

from __future__ import annotations

import shlex
from typing import Any

from modules.common.homes import CLAIM_TEMPLATE, Purpose
from modules.common.posix import NOTEBOOK_GID, NOTEBOOK_UID
from modules.config.hub import SingleUser
from modules.config.models import HubConfig
from modules.k8s import network
from modules.k8s.dask.doors import to_proxy, to_traefik
from modules.k8s.dask.values import notebook_environment
from modules.k8s.jupyterhub import refs, vault
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.kept import kept_class
from modules.k8s.launcher.doors import notebook_environment as launcher_environment
from modules.k8s.launcher.doors import to_launcher, to_processes
from modules.k8s.ray.notebooks import notebook_environment as ray_environment
from modules.k8s.ray.notebooks import to_heads
from modules.k8s.vault.doors import to_vault


def singleuser(config: HubConfig, at: HubRefs) -> dict[str, Any]:
    """`singleuser` of the chart. What a profile chooses (image, size, nodes) is laid over this by the profile list."""
    settings = config.hub.singleuser
    image = next(image for image in config.hub.images.values() if image.default)
    profile = next(profile for profile in config.hub.profiles if profile.default)
    values: dict[str, Any] = {
        # Tags are fixed, so a node that has the image needs no registry to start a server.
        "image": {"name": image.repo, "tag": image.tag, "pullPolicy": "IfNotPresent"},
        "cpu": {"guarantee": profile.cpu[0], "limit": profile.cpu[1]},
        "memory": {"guarantee": profile.memory[0], "limit": profile.memory[1]},
        "defaultUrl": settings.default_url,
        "startTimeout": settings.start_timeout_seconds,
        "extraEnv": {
            **_dask(config),
            **ray_environment(config),
            **launcher_environment(config),
            **vault.environment(config),
            **at.environment,
            **settings.environment,
            **_root_environment(settings),
        },
        "serviceAccountName": settings.service_account or refs.SINGLEUSER,
        # A running notebook is never moved for the sake of a cheaper node; the pool's termination grace bounds it.
        "extraAnnotations": {"karpenter.sh/do-not-disrupt": "true"},
        "uid": 0 if settings.root else NOTEBOOK_UID,
        "fsGid": NOTEBOOK_GID,
        "allowPrivilegeEscalation": settings.root,
        # The chart's other way to keep pods off the metadata service is a privileged container in each; policies do it here.
        "cloudMetadata": {"blockWithIptables": False},
        "networkPolicy": {"egress": _egress(config)},
        "storage": _storage(config),
    }
    if settings.post_start:
        values["lifecycleHooks"] = {"postStart": {"exec": {"command": ["sh", "-c", _after_start(settings)]}}}
    return values


def _dask(config: HubConfig) -> dict[str, str]:
    return notebook_environment(config.dask.namespace) if config.dask else {}


def _root_environment(settings: SingleUser) -> dict[str, str]:
    """What the Jupyter Docker stacks need to be told before they run as root."""
    return {"GRANT_SUDO": "yes", "NOTEBOOK_ARGS": "--allow-root"} if settings.root else {}


def _after_start(settings: SingleUser) -> str:
    # A hook that fails takes the container with it: nobody should lose a server because a tutorial could not be fetched.
    lines = [f"{line} || echo {shlex.quote(f'post_start failed: {line}')}" for line in settings.post_start]
    return "; ".join(f"( {line} )" for line in lines)


def _egress(config: HubConfig) -> list[dict[str, Any]]:
    """Beyond what the chart allows (the hub, DNS, the internet): the cluster's own services that the env names, and AWS's
    interface endpoints, which have private addresses."""
    found = []
    if config.hub.singleuser.extra_egress_ports:
        found.append({"to": [network.pods(namespace="*")], "ports": network.ports(*config.hub.singleuser.extra_egress_ports)})
    if config.dask:
        found += [to_proxy(), to_traefik(config.dask.namespace)]
    if config.vault:
        found.append(to_vault(config.vault.namespace))
    found += [*to_heads(config), *to_launcher(config), *to_processes(config)]
    if config.network.endpoints.interface:
        found.append({"to": [network.outside(config.network.cidr)], "ports": network.ports(443)})
    return found


def _storage(config: HubConfig) -> dict[str, Any]:
    homes = config.storage.homes
    volumes: list[dict[str, Any]] = [{"name": "shm", "emptyDir": {"medium": "Memory"}}, *vault.volumes(config)]
    mounts: list[dict[str, Any]] = [{"name": "shm", "mountPath": "/dev/shm"}, *vault.mounts(config)]
    for tree, access in trees(config).items():
        claim = f"{refs.TREE_CLAIM}{tree}"
        volumes.append({"name": claim, "persistentVolumeClaim": {"claimName": claim}})
        mount = {"name": claim, "mountPath": f"/{tree}", "readOnly": access == "read-only"}
        # As with homes: the directory is the kubelet's to make, below the access point, and nobody sees another's.
        mounts.append({**mount, "subPath": "{username}"} if access == "per-user" else mount)
    if config.hub.singleuser.fuse:
        volumes.append({"name": "fuse", "hostPath": {"path": "/dev/fuse", "type": "CharDevice"}})
        mounts.append({"name": "fuse", "mountPath": "/dev/fuse"})
    storage: dict[str, Any] = {"homeMountPath": homes.mount_path, "extraVolumes": volumes, "extraVolumeMounts": mounts}
    if homes.kind == "efs":
        return {**storage, "type": "static", "static": {"pvcName": refs.HOME_CLAIM, "subPath": "{username}"}}
    dynamic = {"storageClass": kept_class(config, Purpose.HOME), "pvcNameTemplate": CLAIM_TEMPLATE}
    return {**storage, "type": "dynamic", "capacity": homes.size, "dynamic": dynamic}


def trees(config: HubConfig) -> dict[str, str]:
    """The shared trees that servers mount, with their access; none without a file system."""
    return dict(config.storage.efs.trees) if config.storage.efs.enabled else {}
