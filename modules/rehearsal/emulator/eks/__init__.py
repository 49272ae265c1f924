"""EKS, all of it ours: moto's own lacks access entries, add-ons and pod identity, and invents what Terraform then replaces."""

from __future__ import annotations

from modules.rehearsal.emulator.eks import access_entries, addons, clusters, insights, node_groups, pod_identity, updates, versions
from modules.rehearsal.emulator.eks.state import answers

__all__ = ["access_entries", "addons", "clusters", "insights", "install", "node_groups", "pod_identity", "updates", "versions"]


def install() -> None:
    """Answer every EKS operation there is an answer for; those without one become faults, also where moto has its own."""
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    for operation in ("fargate_profile", "fargate_profiles"):
        for verb in ("create", "describe", "delete", "list"):
            if hasattr(EKSResponse, f"{verb}_{operation}"):
                # moto would look for the cluster in its own store, where it is not.
                delattr(EKSResponse, f"{verb}_{operation}")
    answers.install(EKSResponse)
    for path in ("clusters", "addons", "cluster-versions", "access-policies", "tags"):
        urls.url_paths[f"{{0}}/{path}/(?P<rest>.+)$"] = urls.response.dispatch
        urls.url_paths[f"{{0}}/{path}$"] = urls.response.dispatch
