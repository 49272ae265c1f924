"""Every kind the sweep knows, and in which file it stands.

A new kind is a lister here; a kind that the tag index names and that holds nothing of EC2 can be a row of _INDEXED instead.
Buckets, tables, file systems, user pools, secrets and backups are in neither: they are data, or the home of the states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found, Index
from modules.ops.life import Life
from modules.ops.sweep import (
    balancing,
    cluster,
    compute,
    dns,
    identity,
    interfaces,
    keys,
    login,
    logs,
    messaging,
    parameters,
    storage,
    vpc,
)
from modules.ops.sweep.model import Lister, Sweepable
from modules.ops.sweep.scope import Scope

#: By the inventory's word for a kind: what is made of one that carries our tag and that no state knows.
_INDEXED: Mapping[str, Callable[[Clients, Scope, Found], Sweepable | None]] = {
    "acm:certificate": login.certificate,
    "events:rule": messaging.rule,
    "iam:instance-profile": identity.profile,
    "iam:policy": identity.policy,
    "iam:role": identity.role,
    "kms:key": keys.key,
    "sqs:queue": messaging.queue,
    "ssm:parameter": parameters.parameter,
}


def lost(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """What the tag index, or IAM's path of ours, names and no state knows. Nothing when the states are not known."""
    if scope.held is None:
        return
    index = Index(clients, scope.config)
    for kind, make in _INDEXED.items():
        for found in index.of_kind(kind):
            # IAM's are ours by their path; the deployment's tag alone may also be somebody's, for a cost report.
            made_here = found.address or kind.startswith("iam:")
            if found.life is Life.LIVE and made_here and scope.owns(found.tags):
                with missing_is_fine():
                    item = make(clients, scope, found)
                    if item is not None:
                        yield item


LISTERS: tuple[Lister, ...] = (
    compute.spot_requests,
    compute.nodes,
    cluster.node_groups,
    cluster.clusters,
    balancing.balancers,
    balancing.classic_balancers,
    balancing.target_groups,
    interfaces.interfaces,
    interfaces.security_groups,
    compute.templates,
    storage.volumes,
    storage.snapshots,
    storage.mount_targets,
    storage.access_points,
    logs.log_groups,
    messaging.rules,
    messaging.queues,
    identity.profiles,
    identity.issuers,
    keys.aliases,
    dns.records,
    login.domains,
    parameters.parameters,
    vpc.nat_gateways,
    vpc.addresses,
    vpc.endpoints,
    vpc.flow_logs,
    vpc.subnets,
    vpc.route_tables,
    vpc.gateways,
    vpc.vpcs,
    lost,
)
