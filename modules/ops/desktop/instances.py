"""The EC2 instances that are desktop nodes, by the tags of whoever started them, or by the names that agents published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from modules.common import names as aws_names
from modules.config.extras import Desktop
from modules.config.models import HubConfig
from modules.config.nodes import node_pool_names
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import doing
from modules.ops.target import Target

#: A filter of EC2's takes at most 200 values, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
_VALUES_MAX = 200


@dataclass(frozen=True)
class Instance:
    """One running node. node: its name in the cluster, which is its private DNS name. public_ip: "" for none."""

    id: str
    node: str
    private_ip: str
    public_ip: str = ""


def find_instances(config: HubConfig, settings: Desktop, target: Target, published: Collection[str]) -> tuple[Instance, ...]:
    """The running nodes of the desktops' pool, sorted by node; on a cluster of somebody else's the nodes named in `published`.

    Raises HubError when AWS refuses.
    """
    ec2 = client(target.session, "ec2", config.region)
    filters = _filters(config, settings, published)
    if filters is None:
        return ()
    running = {"Name": "instance-state-name", "Values": ["running"]}
    with doing("look for the desktops' nodes"):
        found = list(_instances(ec2, [*filters, running]))
    return tuple(sorted(found, key=lambda each: each.node))


def _filters(config: HubConfig, settings: Desktop, published: Collection[str]) -> list[dict[str, Any]] | None:
    """None where there is nothing to look for."""
    key = "" if config.cluster.existing else settings.pool or ""
    if key in config.pools:
        # Karpenter's tags, https://karpenter.sh/docs/concepts/nodeclasses/#spectags; another cluster may have a pool of the same name.
        named = list(node_pool_names(key, config.pools[key]))
        return [_tag("karpenter.sh/nodepool", *named), _tag(f"kubernetes.io/cluster/{config.cluster_name}", "owned")]
    if key in config.node_groups:
        group = aws_names.fit(f"{config.name}-{key}", aws_names.NODE_GROUP_NAME_MAX)
        return [_tag("eks:nodegroup-name", group), _tag("eks:cluster-name", config.cluster_name)]
    return [{"Name": "private-dns-name", "Values": sorted(published)[:_VALUES_MAX]}] if published else None


def _tag(key: str, *values: str) -> dict[str, Any]:
    return {"Name": f"tag:{key}", "Values": list(values)}


def _instances(ec2: Any, filters: list[dict[str, Any]]) -> Iterator[Instance]:
    for reservation in pages(ec2, "describe_instances", "Reservations", Filters=filters):
        for each in reservation["Instances"]:
            yield Instance(each["InstanceId"], each["PrivateDnsName"], each["PrivateIpAddress"], each.get("PublicIpAddress") or "")
