"""IAM: Karpenter's instance profiles, and roles, policies and issuers of ours that no state knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from modules.ops.aws_clients import Clients, pages
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found, plain_tags
from modules.ops.sweep.model import Sweepable
from modules.ops.sweep.scope import Scope

#: Karpenter's own tag: IAM knows no regions, and another region may have a cluster of the same name.
_REGION = "topology.kubernetes.io/region"


def profiles(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """Instance profiles that Karpenter made for this cluster, by its ways of naming them, and by its tags."""
    if not scope.cluster:
        return
    iam, region = clients.get("iam"), scope.config.region
    for item in pages(iam, "list_instance_profiles", "InstanceProfiles"):
        name, path = item["InstanceProfileName"], item["Path"]
        if not name.startswith(f"{scope.cluster}_") and not path.startswith(f"/karpenter/{region}/{scope.cluster}/"):
            continue
        with missing_is_fine():
            found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
            tags = plain_tags(found.get("Tags", []))
            if scope.allows(tags) and scope.is_clusters(tags) and tags.get(_REGION, region) == region:
                yield _profile(iam, found)


def profile(clients: Clients, _: Scope, found: Found) -> Sweepable:
    """An instance profile below our path that no state knows."""
    iam = clients.get("iam")
    return _profile(iam, iam.get_instance_profile(InstanceProfileName=_last(found))["InstanceProfile"])


def _profile(iam: Any, item: dict[str, Any]) -> Sweepable:
    name, roles = item["InstanceProfileName"], [role["RoleName"] for role in item.get("Roles", ())]
    remove = partial(_remove_profile, iam, name, roles)
    return Sweepable("instance profile", name, remove, names=frozenset({item["Arn"]}), holds=frozenset(f"role {role}" for role in roles))


def _remove_profile(iam: Any, name: str, roles: list[str]) -> None:
    for role in roles:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=name)


def role(clients: Clients, _: Scope, found: Found) -> Sweepable:
    """A role below our path that no state knows; it holds the policies it has."""
    iam, name = clients.get("iam"), _last(found)
    attached = [each["PolicyArn"] for each in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)]
    remove = partial(_remove_role, iam, name, attached)
    return Sweepable("role", name, remove, names=frozenset({found.arn, f"role {name}"}), holds=frozenset(attached))


def _remove_role(iam: Any, name: str, attached: list[str]) -> None:
    for policy in attached:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    for inline in pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
        iam.delete_role_policy(RoleName=name, PolicyName=inline)
    iam.delete_role(RoleName=name)


def policy(clients: Clients, _: Scope, found: Found) -> Sweepable:
    """A policy below our path that no state knows."""
    return Sweepable("policy", _last(found), partial(_remove_policy, clients.get("iam"), found.arn), names=frozenset({found.arn}))


def _remove_policy(iam: Any, arn: str) -> None:
    for version in pages(iam, "list_policy_versions", "Versions", PolicyArn=arn):
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)


def issuers(clients: Clients, scope: Scope) -> Iterator[Sweepable]:
    """OIDC providers of EKS issuers in our region that carry our tag, and no address that a state holds."""
    iam, region = clients.get("iam"), scope.config.region
    for item in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = item["Arn"]
        # Those of other regions and of other kinds we may not even read.
        if not any(f":oidc-provider/{host}.{region}." in arn for host in ("oidc.eks", "oidc-eks")):
            continue
        with missing_is_fine():
            tags = plain_tags(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn).get("Tags", []))
            if scope.is_ours(tags):
                id = arn.rpartition("oidc-provider/")[2]
                remove = partial(iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=arn)
                yield Sweepable("OIDC provider", id, remove, names=frozenset({arn}))


def _last(found: Found) -> str:
    """The name of an IAM thing, which its id has behind its path."""
    return found.id.rpartition("/")[2]
