"""Whose a thing is: the one place that decides what a sweep may look at as ours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from modules.common.tags import ADDRESS, DEPLOYMENT, split_address
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import missing_is_fine
from modules.ops.state import StackState

#: The stack whose things are people's data. A sweep never takes them.
DATA = "data"
#: The AWS Load Balancer Controller tags with the cluster's name as value, the in-tree controller, the CSI driver and Karpenter
#: with it in the key, https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/ and https://karpenter.sh/docs/concepts/nodeclasses/
BALANCER_TAG = "elbv2.k8s.aws/cluster"
KARPENTER_TEMPLATE = "karpenter.k8s.aws/cluster"
#: The VPC CNI's, https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html
CNI_TAG = "cluster.k8s.amazonaws.com/name"
#: EKS's own, on what it makes for a cluster, https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
EKS_TAG = "aws:eks:cluster-name"
_CLUSTER_PREFIX = "kubernetes.io/cluster/"
#: Tags whose value is the name of the cluster the thing belongs to.
_CLUSTER_TAGS = (BALANCER_TAG, KARPENTER_TEMPLATE, CNI_TAG, EKS_TAG, "eks:cluster-name")


@dataclass(frozen=True)
class Held:
    """What Terraform's states hold: (stack, address), and the ids and ARNs, for things that lost their tags."""

    addresses: frozenset[tuple[str, str]] = frozenset()
    ids: frozenset[str] = field(default=frozenset(), repr=False)


def held_by(states: Iterable[StackState]) -> Held:
    """What these states hold together."""
    addresses: set[tuple[str, str]] = set()
    ids: set[str] = set()
    for state in states:
        for resource in state.resources:
            addresses.add((state.stack, resource.address))
            # A role's id is its name; others are known by their ARN.
            ids.update({resource.id, str(resource.attributes.get("arn") or "")})
    return Held(frozenset(addresses), frozenset(ids - {""}))


@dataclass(frozen=True)
class Scope:
    """Whose things these are: the env's deployment, its own VPCs, and its cluster's name ("" when the cluster is somebody else's).

    held: what the states hold, or None when the caller does not know: then nothing that carries a Terraform address is ours to take.
    kept: names of stacks whose things stay even when no state knows them. alive: whether EKS has the env's cluster.
    """

    config: HubConfig
    vpc_ids: tuple[str, ...] = ()
    cluster: str = ""
    held: Held | None = None
    kept: frozenset[str] = frozenset()
    alive: bool = False

    @property
    def deployment(self) -> str:
        """The value of the deployment's tag."""
        return self.config.deployment

    def allows(self, tags: Mapping[str, str]) -> bool:
        """False for what Terraform holds, what another deployment or another cluster owns, and what is shared."""
        if tags.get(DEPLOYMENT) not in (None, self.deployment) or self._is_others(tags):
            return False
        if ADDRESS in tags:
            return DEPLOYMENT in tags and self._is_lost(tags[ADDRESS])
        return "shared" not in (value for key, value in tags.items() if key.startswith(_CLUSTER_PREFIX))

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether the deployment's own tag says that it is ours, and nothing says that it stays."""
        return tags.get(DEPLOYMENT) == self.deployment and self.allows(tags)

    def is_clusters(self, tags: Mapping[str, str]) -> bool:
        """Whether a controller of this cluster made the thing."""
        if not self.cluster:
            return False
        return (
            self.cluster in (tags.get(BALANCER_TAG), tags.get(KARPENTER_TEMPLATE), tags.get(CNI_TAG))
            or tags.get(self.cluster_tag) == "owned"
        )

    @property
    def cluster_tag(self) -> str:
        """The key of the tag that the in-tree controller, Karpenter and the CSI driver put on what they make."""
        return f"{_CLUSTER_PREFIX}{self.cluster}"

    def is_ours(self, tags: Mapping[str, str]) -> bool:
        """By the deployment's tag or by the cluster's."""
        return self.allows(tags) and (tags.get(DEPLOYMENT) == self.deployment or self.is_clusters(tags))

    def _is_lost(self, address: str) -> bool:
        """Whether no state knows a Terraform address of this env: its run was killed before it could write it down."""
        stack, name = split_address(address)
        if self.held is None or not stack.startswith(f"{self.config.env}-") or stack in self.kept | {f"{self.config.env}-{DATA}"}:
            return False
        return (stack, name) not in self.held.addresses

    def _is_others(self, tags: Mapping[str, str]) -> bool:
        named = {key.removeprefix(_CLUSTER_PREFIX) for key in tags if key.startswith(_CLUSTER_PREFIX)}
        named |= {tags[key] for key in _CLUSTER_TAGS if key in tags}
        return bool(named - {self.cluster})


def make_scope(
    clients: Clients, config: HubConfig, vpc_ids: tuple[str, ...], *, held: Held | None = None, kept: Collection[str] = ()
) -> Scope:
    """The scope of this env. A cluster that is configured as existing, or tagged as another deployment's, is not ours to sweep by name."""
    if config.cluster.existing:
        return Scope(config, vpc_ids, "", held, frozenset(kept), alive=True)
    with missing_is_fine():
        found = clients.get("eks").describe_cluster(name=config.cluster_name)["cluster"]
        whose = found.get("tags", {}).get(DEPLOYMENT)
        if whose != config.deployment:
            # One that lost its tag may be ours, and lives.
            return Scope(config, vpc_ids, "", held, frozenset(kept), alive=whose is None)
        return Scope(config, vpc_ids, config.cluster_name, held, frozenset(kept), alive=True)
    return Scope(config, vpc_ids, config.cluster_name, held, frozenset(kept))
