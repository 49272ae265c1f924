"""The launcher's settings file, as modules/launcher reads it. It holds names of secrets and no secret."""

from __future__ import annotations

from typing import Any

import yaml

from modules.common import launcher as refs
from modules.common.scheduling import POOL_LABEL, placement, toleration
from modules.config.extras import Launcher
from modules.config.models import HubConfig
from modules.config.place import places

#: Where the hub answers (the z2jh chart's Service and port).
_HUB = "http://hub.{namespace}:8081/hub/api"


def settings_text(config: HubConfig, settings: Launcher) -> str:
    """The file."""
    text: str = yaml.safe_dump(_document(config, settings), sort_keys=False)
    return text


def _document(config: HubConfig, settings: Launcher) -> dict[str, Any]:
    document: dict[str, Any] = {
        "secret_store": _store(config, settings),
        "runtime": _runtime(config, settings),
        "auth": {"jupyterhub": {"api_url": _HUB.format(namespace=config.hub.namespace), "service": refs.NAME}},
        "quota": {"processes": settings.max_processes_per_user},
    }
    if settings.ttl_hours is not None:
        document["process_culling"] = {"max_age_minutes": settings.ttl_hours * 60}
    return document


def _store(config: HubConfig, settings: Launcher) -> dict[str, str]:
    if not settings.secrets:
        return {"secret_store_type": "none"}
    return {"secret_store_type": "aws", "prefix": f"{config.deployment}/{refs.SECRET_PREFIX}", "region": config.region}


def _runtime(config: HubConfig, settings: Launcher) -> dict[str, Any]:
    first, *others = settings.process_namespaces
    runtime: dict[str, Any] = {
        "runtime_type": "eks",
        "credentials": {"in_cluster": True},
        "namespace": first,
        "namespaces": others,
        "public_allowed": bool(settings.public_cidrs),
        "run_as_non_root": settings.run_as_non_root,
    }
    for field, key in (("pool", settings.pool), ("public_pool", settings.public_pool)):
        if key is not None:
            runtime[field] = _pool(config, key)
    return runtime


def _pool(config: HubConfig, key: str) -> dict[str, Any]:
    """The pool by its own label, and every taint its nodes carry."""
    place = places(config)[key]
    taints = (*placement(place.purpose, place.gpu).taints, *place.taints)
    return {"node_selector": {POOL_LABEL: key}, "tolerations": [toleration(taint) for taint in dict.fromkeys(taints)]}
