"""Chart values into JupyterHub's configuration, for the keys we use and the way z2jh 4.4.0 does; an unknown key is an error.

Written from the chart's documented behaviour. Defaults are the chart's own, where they reach a user's pod.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]

#: Keys that make Kubernetes objects and never reach the hub's process.
KUBERNETES_ONLY = (
    "global",
    "prePuller",
    "proxy",
    "hub.annotations",
    "hub.db.pvc",
    "hub.networkPolicy",
    "hub.nodeSelector",
    "hub.resources",
    "hub.tolerations",
    "scheduling.corePods",
    "scheduling.userPlaceholder",
    "scheduling.userScheduler.image",
    "scheduling.userScheduler.nodeSelector",
    "scheduling.userScheduler.replicas",
    "scheduling.userScheduler.resources",
    "singleuser.networkPolicy",
)
#: value of the chart → trait of KubeSpawner
_SPAWNER = {
    "startTimeout": "start_timeout",
    "image.pullPolicy": "image_pull_policy",
    "events": "events_enabled",
    "extraLabels": "extra_labels",
    "extraAnnotations": "extra_annotations",
    "uid": "uid",
    "fsGid": "fs_gid",
    "allowPrivilegeEscalation": "allow_privilege_escalation",
    "serviceAccountName": "service_account",
    "nodeSelector": "node_selector",
    "lifecycleHooks": "lifecycle_hooks",
    "initContainers": "init_containers",
    "memory.limit": "mem_limit",
    "memory.guarantee": "mem_guarantee",
    "cpu.limit": "cpu_limit",
    "cpu.guarantee": "cpu_guarantee",
    "extraEnv": "environment",
    "extraPodConfig": "extra_pod_config",
    "defaultUrl": "default_url",
    "cmd": "cmd",
}
_DEFAULTS: Mapping[str, Any] = {
    "cmd": "jupyterhub-singleuser",
    "uid": 1000,
    "fsGid": 100,
    "events": True,
    "allowPrivilegeEscalation": False,
    "startTimeout": 300,
    "memory.guarantee": "1G",
}
_USER_TAINTS = ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
_CULLER_SCOPES = ("list:users", "read:users:activity", "read:servers", "delete:servers")


class UnknownValue(ValueError):
    """A value that this translation does not know: it may be a slip, or the translation must learn it."""


@dataclass
class Hub:
    """What the hub's process is given. traits: by class and trait; snippets: in the chart's order; culler: its command."""

    traits: dict[str, dict[str, Any]] = field(default_factory=dict)
    snippets: list[tuple[str, str]] = field(default_factory=list)
    environment: dict[str, Any] = field(default_factory=dict)
    volumes: list[Values] = field(default_factory=list)
    mounts: list[Values] = field(default_factory=list)
    custom: Values = field(default_factory=dict)
    culler: list[str] = field(default_factory=list)


class Taken:
    """Values, each removed as it is read."""

    def __init__(self, values: Values) -> None:
        self._left = copy.deepcopy(values)

    def take(self, path: str, default: Any = None) -> Any:
        *parents, last = path.split(".")
        node: Any = self._left
        for key in parents:
            node = node.get(key) if isinstance(node, dict) else None
        return node.pop(last, default) if isinstance(node, dict) else default

    def left(self) -> list[str]:
        return _leaves(self._left)


def translate(values: Values) -> Hub:
    """The hub's side of `values`. Raises UnknownValue, naming every key that is left."""
    taken, hub = Taken(values), Hub()
    for path in KUBERNETES_ONLY:
        taken.take(path)
    hub.custom = taken.take("custom", {})
    _jupyterhub(taken, hub)
    _spawner(taken, hub)
    _culler(taken, hub)
    _services(taken, hub)
    # As in the chart, classes named in hub.config are laid over, whole traits at a time.
    for name, traits in taken.take("hub.config", {}).items():
        hub.traits.setdefault(name, {}).update(traits)
    hub.snippets = sorted(taken.take("hub.extraConfig", {}).items())
    hub.environment = taken.take("hub.extraEnv", {})
    hub.volumes, hub.mounts = taken.take("hub.extraVolumes", []), taken.take("hub.extraVolumeMounts", [])
    if left := taken.left():
        raise UnknownValue(f"not known to tests/hub/support/chart.py: {', '.join(left)}")
    return hub


def _jupyterhub(taken: Taken, hub: Hub) -> None:
    if taken.take("hub.db.type", "sqlite-pvc") != "sqlite-pvc":
        raise UnknownValue("hub.db.type: only sqlite-pvc is known here")
    hub.traits["JupyterHub"] = {
        "spawner_class": "kubespawner.KubeSpawner",
        "cleanup_servers": False,
        "last_activity_interval": 60,
        "tornado_settings": {"slow_spawn_timeout": 0},
        "db_url": "sqlite:///jupyterhub.sqlite",
        "allow_named_servers": taken.take("hub.allowNamedServers", False),
        "concurrent_spawn_limit": taken.take("hub.concurrentSpawnLimit", 64),
        "authenticate_prometheus": taken.take("hub.authenticatePrometheus", True),
    }


def _spawner(taken: Taken, hub: Hub) -> None:
    traits: dict[str, Any] = {"common_labels": {"app": "jupyterhub", "heritage": "jupyterhub", "release": "jupyterhub"}}
    for path, trait in _SPAWNER.items():
        value = taken.take(f"singleuser.{path}", _DEFAULTS.get(path))
        if value is not None:
            traits[trait] = value
    traits["image"] = f"{taken.take('singleuser.image.name')}:{taken.take('singleuser.image.tag')}"
    taken.take("scheduling.userScheduler.enabled")
    if taken.take("scheduling.podPriority.enabled", False):
        traits["priority_class_name"] = "jupyterhub-default-priority"
    traits["scheduler_name"] = "jupyterhub-user-scheduler"
    purpose = {"matchExpressions": [{"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}]}
    match taken.take("scheduling.userPods.nodeAffinity.matchNodePurpose", "prefer"):
        case "require":
            traits["node_affinity_required"] = [purpose]
        case "prefer":
            traits["node_affinity_preferred"] = [{"weight": 100, "preference": purpose}]
    common = [{"key": key, "operator": "Equal", "value": "user", "effect": "NoSchedule"} for key in _USER_TAINTS]
    traits["tolerations"] = common + taken.take("singleuser.extraTolerations", [])
    if taken.take("singleuser.cloudMetadata.blockWithIptables", True):
        raise UnknownValue("singleuser.cloudMetadata.blockWithIptables: true puts a privileged container into every pod")
    _storage(taken, traits)
    hub.traits["KubeSpawner"] = traits


def _storage(taken: Taken, traits: dict[str, Any]) -> None:
    kind = taken.take("singleuser.storage.type", "dynamic")
    mount = taken.take("singleuser.storage.homeMountPath", "/home/jovyan")
    volumes, mounts = [], []
    if kind == "dynamic":
        claim = taken.take("singleuser.storage.dynamic.pvcNameTemplate", "claim-{user_server}")
        traits |= {"storage_pvc_ensure": True, "pvc_name_template": claim, "storage_access_modes": ["ReadWriteOnce"]}
        traits["storage_capacity"] = taken.take("singleuser.storage.capacity", "10Gi")
        traits["storage_class"] = taken.take("singleuser.storage.dynamic.storageClass")
        name = "volume-{user_server}"
        volumes, mounts = [{"name": name, "persistentVolumeClaim": {"claimName": claim}}], [{"name": name, "mountPath": mount}]
    elif kind == "static":
        path = taken.take("singleuser.storage.static.subPath", "{username}")
        volumes = [{"name": "home", "persistentVolumeClaim": {"claimName": taken.take("singleuser.storage.static.pvcName")}}]
        mounts = [{"name": "home", "mountPath": mount, "subPath": path}]
    traits["volumes"] = volumes + taken.take("singleuser.storage.extraVolumes", [])
    traits["volume_mounts"] = mounts + taken.take("singleuser.storage.extraVolumeMounts", [])


def _culler(taken: Taken, hub: Hub) -> None:
    enabled = taken.take("cull.enabled", True)
    options = {"timeout": taken.take("cull.timeout", 3600), "cull-every": taken.take("cull.every", 600)}
    options |= {"concurrency": taken.take("cull.concurrency", 10), "max-age": taken.take("cull.maxAge", 0)}
    if not enabled:
        return
    hub.culler = [f"--{name}={value}" for name, value in options.items() if value]
    role = {"name": "jupyterhub-idle-culler", "scopes": list(_CULLER_SCOPES), "services": ["jupyterhub-idle-culler"]}
    hub.traits["JupyterHub"]["load_roles"] = [role]


def _services(taken: Taken, hub: Hub) -> None:
    """The chart makes the token of a service that has none, once, and keeps it in its Secret."""
    jupyterhub = hub.traits["JupyterHub"]
    given = taken.take("hub.services", {})
    jupyterhub["services"] = [{"name": name, "api_token": secrets.token_hex(16), **service} for name, service in given.items()]
    roles = taken.take("hub.loadRoles", {})
    jupyterhub.setdefault("load_roles", []).extend({"name": name, **role} for name, role in roles.items())


def _leaves(node: Any, path: str = "") -> list[str]:
    """Paths of what is left; emptied mappings count as read."""
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in _leaves(value, f"{path}.{key}" if path else key)]
    return [path]
