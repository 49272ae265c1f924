"""Where things answer and which releases there are, as the states have it."""

from __future__ import annotations

from typing import Any

from modules.common import desktops, launcher, ray
from modules.config.models import HubConfig
from modules.ops.status.stacks import Stacks


def urls(config: HubConfig, stacks: Stacks) -> dict[str, str]:
    """Where things answer, by what does; only what is applied."""
    env = config.env
    found = {
        "hub": stacks.output(env, "hub", "hub_url") or _plain(stacks.output(env, "hub", "hub_address")),
        "load balancer": stacks.output(env, "hub", "hub_address"),
        "desktops": stacks.output(env, desktops.STACK, desktops.URL_OUTPUT),
        "launcher": stacks.output(env, launcher.STACK, launcher.URL_OUTPUT),
        "kubernetes": stacks.output(env, "cluster", "cluster_endpoint"),
        **{f"ray {key}": stacks.output(env, "ray", ray.output(key)) for key in config.ray},
    }
    return {name: str(url) for name, url in found.items() if url}


def _plain(address: Any) -> str | None:
    return f"http://{address}" if address else None


def releases(stacks: Stacks) -> dict[str, dict[str, str]]:
    """Chart, version, application version ("" where the chart says none), namespace and helm's status of every release."""
    found = {}
    for state in stacks.applied.values():
        for each in (resource.attributes for resource in state.resources if resource.type == "helm_release"):
            metadata: dict[str, Any] = each.get("metadata") or {}
            found[str(each.get("name"))] = {
                "chart": str(metadata.get("chart") or each.get("chart") or ""),
                "version": str(metadata.get("version") or each.get("version") or ""),
                "app": str(metadata.get("app_version") or ""),
                "namespace": str(each.get("namespace") or ""),
                "status": str(each.get("status") or ""),
            }
    return dict(sorted(found.items()))
