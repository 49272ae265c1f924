"""What AWS says about a cluster: its version, add-ons with what EKS offers for them, node groups, insights, free addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modules.common import names
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import doing, explain
from modules.ops.upgrade.facts import Addon, Group, Insight
from modules.ops.upgrade.versions import numbers

_FINE = ("PASSING", "UNKNOWN")


@dataclass(frozen=True)
class FromAws:
    """The part of the facts that AWS gives."""

    version: str
    status: str
    support: str
    addons: tuple[Addon, ...]
    groups: tuple[Group, ...]
    insights: tuple[Insight, ...]
    free: dict[str, int]
    unread: tuple[str, ...]


def core_name(config: HubConfig) -> str:
    """The name of the core node group, as stack cluster gives it."""
    return names.fit(f"{config.name}-core", names.NODE_GROUP_NAME_MAX)


def from_aws(clients: Clients, config: HubConfig, cluster: dict[str, Any], versions: Sequence[str]) -> FromAws:
    """Everything of `cluster` (EKS's own description). versions: for which Kubernetes versions to ask what add-ons there are.

    Raises HubError when EKS refuses. Insights and free addresses are worth having and no more: where they are refused, `unread` says so.
    """
    eks, unread = clients.get("eks"), list[str]()
    with doing(f"read add-ons and node groups of {config.cluster_name}"):
        addons = tuple(_addon(eks, config, name, versions) for name in pages(eks, "list_addons", "addons", clusterName=config.cluster_name))
        groups = tuple(_group(eks, config, name) for name in pages(eks, "list_nodegroups", "nodegroups", clusterName=config.cluster_name))
    return FromAws(
        version=cluster["version"],
        status=cluster["status"],
        support=(cluster.get("upgradePolicy") or {}).get("supportType") or config.cluster.support,
        addons=addons,
        groups=groups,
        insights=_insights(eks, config.cluster_name, unread),
        free=_free(clients, cluster, unread),
        unread=tuple(unread),
    )


def _addon(eks: Any, config: HubConfig, name: str, versions: Sequence[str]) -> Addon:
    found = eks.describe_addon(clusterName=config.cluster_name, addonName=name)["addon"]
    choices: dict[str, tuple[str, ...]] = {}
    default: dict[str, str] = {}
    for version in versions:
        offered = list(pages(eks, "describe_addon_versions", "addons", addonName=name, kubernetesVersion=version))
        rows = [row for addon in offered for row in addon["addonVersions"] if _fits(row, version)]
        choices[version] = tuple(sorted((row["addonVersion"] for row in rows), key=numbers, reverse=True))
        if chosen := [row["addonVersion"] for row in rows if _is_default(row, version)]:
            default[version] = chosen[0]
    return Addon(name, found["addonVersion"], found["status"], config.cluster.addons.get(name), choices, default)


def _fits(row: dict[str, Any], version: str) -> bool:
    return any(each.get("clusterVersion") == version for each in row.get("compatibilities", ()))


def _is_default(row: dict[str, Any], version: str) -> bool:
    return any(each.get("clusterVersion") == version and each.get("defaultVersion") for each in row.get("compatibilities", ()))


def _group(eks: Any, config: HubConfig, name: str) -> Group:
    found = eks.describe_nodegroup(clusterName=config.cluster_name, nodegroupName=name)["nodegroup"]
    size = (found.get("scalingConfig") or {}).get("desiredSize", 0)
    return Group(name, found["version"], found["status"], size, is_core=name == core_name(config))


def _insights(eks: Any, cluster: str, unread: list[str]) -> tuple[Insight, ...]:
    """EKS's upgrade insights that do not pass; they look at thirty days of the audit log, which no single look at a cluster can."""
    try:
        rows = list(pages(eks, "list_insights", "insights", clusterName=cluster, filter={"categories": ["UPGRADE_READINESS"]}))
    except (ClientError, BotoCoreError) as error:
        unread.append(f"EKS's upgrade insights were not looked at: {explain(error, 'read them').what}")
        return ()
    found = [(row, row.get("insightStatus") or {}) for row in rows]
    return tuple(
        Insight(row.get("name", ""), row.get("kubernetesVersion", ""), state.get("status", ""), state.get("reason", ""))
        for row, state in found
        if state.get("status") not in _FINE
    )


def _free(clients: Clients, cluster: dict[str, Any], unread: list[str]) -> dict[str, int]:
    ids = (cluster.get("resourcesVpcConfig") or {}).get("subnetIds") or []
    try:
        rows = list(pages(clients.get("ec2"), "describe_subnets", "Subnets", SubnetIds=ids)) if ids else []
    except (ClientError, BotoCoreError) as error:
        unread.append(f"free addresses of the cluster's subnets were not counted: {explain(error, 'read them').what}")
        return {}
    return {row["SubnetId"]: int(row["AvailableIpAddressCount"]) for row in rows}
