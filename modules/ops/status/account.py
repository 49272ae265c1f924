"""What AWS says: the cluster's version and until when it is supported, its node groups, and how long the certificate lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from botocore.exceptions import ClientError

from modules.catalog.eks import find_version, support_of
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing, is_missing

#: Gives the client of one service in the env's region.
Clients = Callable[[str], Any]


def cluster(clients: Clients, config: HubConfig, today: date) -> dict[str, Any]:
    """name, version, status and support of the cluster. Raises HubError when there is none, or EKS refuses."""
    name = config.cluster_name
    with doing(f"read the cluster {name}"):
        try:
            found = clients("eks").describe_cluster(name=name)["cluster"]
        except ClientError as error:
            if is_missing(error):
                raise HubError(f"there is no cluster {name} in {config.region}") from error
            raise
    kind = (found.get("upgradePolicy") or {}).get("supportType") or config.cluster.support
    return {"name": name, "version": found["version"], "status": found["status"], "support": support(found["version"], kind, today)}


def support(version: str, kind: str, today: date) -> dict[str, Any]:
    """Until when AWS supports a Kubernetes version. kind: what the cluster's upgrade policy says, STANDARD or EXTENDED.

    Days are ISO dates, None where the catalog does not know the version; `exact` is False where AWS has named the month only.
    """
    known = find_version(version)
    return {
        "policy": kind,
        "now": support_of(version, today),
        "standard_ends": known.standard_ends.isoformat() if known else None,
        "extended_ends": known.extended_ends.isoformat() if known else None,
        "exact": known.exact if known else None,
    }


def node_groups(clients: Clients, config: HubConfig) -> list[dict[str, Any]]:
    """Name, status, Kubernetes version and wanted size of every managed node group. Raises HubError when EKS refuses."""
    eks, name = clients("eks"), config.cluster_name
    with doing(f"read the node groups of {name}"):
        groups = [
            eks.describe_nodegroup(clusterName=name, nodegroupName=each)["nodegroup"]
            for each in pages(eks, "list_nodegroups", "nodegroups", clusterName=name)
        ]
    return [
        {
            "name": each["nodegroupName"],
            "status": each.get("status"),
            "version": each.get("version"),
            "wanted": (each.get("scalingConfig") or {}).get("desiredSize"),
        }
        for each in groups
    ]


def certificate(clients: Clients, arn: str | None, now: datetime | None = None) -> dict[str, Any] | None:
    """Name, status and end of the hub's certificate in ACM; None for an env without one. Raises HubError when ACM refuses."""
    if not arn:
        return None
    with doing("read the hub's certificate"):
        found = clients("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    ends: datetime | None = found.get("NotAfter")
    return {
        "name": found.get("DomainName"),
        "status": found.get("Status"),
        "renewal": (found.get("RenewalSummary") or {}).get("RenewalStatus"),
        "ends": ends.astimezone(UTC).date().isoformat() if ends else None,
        "days_left": (ends - (now or datetime.now(UTC))).days if ends else None,
    }
