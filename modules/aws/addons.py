"""EKS managed add-ons, in the two groups that their order asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.aws.role import Role
from modules.cdk import Stack, aws

#: Policies are enforced, and a pod nobody wrote a policy for may talk to nobody: in the default mode a new pod is open
#: until its policy has been programmed. https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
VPC_CNI = {"enableNetworkPolicy": "true", "env": {"NETWORK_POLICY_ENFORCING_MODE": "strict"}}

#: Add-ons that run two of their controller unless told otherwise, told otherwise for a core of one node. Each schema is by
#: `aws eks describe-addon-configuration`: https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html
#: The EFS driver's is left alone: its schema had the count where EKS refuses it (https://github.com/aws/containers-roadmap/issues/2415),
#: and its two share a node, since they ask for no port of it.
ALONE: dict[str, dict[str, Any]] = {"coredns": {"replicaCount": 1}, "aws-ebs-csi-driver": {"controller": {"replicaCount": 1}}}


@dataclass(frozen=True)
class Addon:
    """One add-on. version None: EKS's default for the cluster version. role: of its service account."""

    name: str
    version: str | None = None
    role: Role | None = None
    configuration: Mapping[str, Any] | None = None


def install(stack: Stack, cluster: str, addons: Sequence[Addon], *, depends_on: Sequence[Any] = ()) -> list[Any]:
    """Install `addons` after `depends_on`; gives the resources, for what must come after them."""
    return [
        aws.eks_addon.EksAddon(
            stack,
            f"addon-{addon.name}",
            cluster_name=cluster,
            addon_name=addon.name,
            addon_version=addon.version,
            service_account_role_arn=addon.role.arn if addon.role else None,
            configuration_values=json.dumps(addon.configuration, sort_keys=True) if addon.configuration else None,
            # A crash between create and state leaves the add-on behind; taking it over beats refusing.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            # The role's policies outlive the add-on: a network plugin that may no longer call EC2 leaves its interfaces behind,
            # and they hold the VPC.
            depends_on=[*depends_on, *(addon.role.policies if addon.role else ())],
        )
        for addon in addons
    ]
