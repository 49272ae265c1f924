"""IAM: only below the deployment's path, only with the boundary when there is one, only with the policies our roles use."""

from __future__ import annotations

from typing import Any

from modules.iam.document import Document, allow, document
from modules.iam.provisioning.scope import Scope

#: Services that our roles are handed to.
_PASSED_TO = ("backup", "ec2", "eks", "vpc-flow-logs")
#: Services whose own roles AWS makes with the first cluster, node group, spot node, file system, backup or load balancer.
_LINKED = (
    "autoscaling.amazonaws.com",
    "backup.amazonaws.com",
    "eks-nodegroup.amazonaws.com",
    "eks.amazonaws.com",
    "elasticfilesystem.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "email.cognito-idp.amazonaws.com",
    "spot.amazonaws.com",
)
_READ_ROLES = (
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
)
_CHANGE_ROLES = (
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_POLICIES = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
    "iam:UntagPolicy",
)
_PROFILES = (
    "iam:AddRoleToInstanceProfile",
    "iam:CreateInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:GetInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagInstanceProfile",
    "iam:UntagInstanceProfile",
)
_OIDC = (
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:CreateOpenIDConnectProvider",
    "iam:DeleteOpenIDConnectProvider",
    "iam:GetOpenIDConnectProvider",
    "iam:RemoveClientIDFromOpenIDConnectProvider",
    "iam:TagOpenIDConnectProvider",
    "iam:UntagOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
)


def roles(scope: Scope) -> Document:
    """Roles, policies, instance profiles, the cluster's OIDC provider."""
    own_roles = scope.iam(f"role/{scope.iam_path}/*")
    own_policies = scope.iam(f"policy/{scope.iam_path}/*")
    boundary: dict[str, dict[str, Any]] = {"StringEquals": {"iam:PermissionsBoundary": scope.boundary}} if scope.boundary else {}
    attach = {"ArnLike": {"iam:PolicyARN": [own_policies, *scope.attachable]}}
    passed = [f"{service}.amazonaws.com" for service in _PASSED_TO]
    if scope.dns_suffix != "amazonaws.com":
        passed.append(f"ec2.{scope.dns_suffix}")
    return document(
        allow("ReadOwnRoles", _READ_ROLES, own_roles),
        allow("CreateRoles", ("iam:CreateRole", "iam:PutRolePermissionsBoundary"), own_roles, conditions=boundary),
        allow("WriteRolePolicies", "iam:PutRolePolicy", own_roles, conditions=boundary),
        allow("AttachKnownPolicies", ("iam:AttachRolePolicy", "iam:DetachRolePolicy"), own_roles, conditions={**attach, **boundary}),
        allow("ChangeOwnRoles", _CHANGE_ROLES, own_roles),
        allow("PassOwnRoles", "iam:PassRole", own_roles, conditions={"StringEquals": {"iam:PassedToService": passed}}),
        allow("OwnPolicies", _POLICIES, own_policies),
        allow("OwnProfiles", _PROFILES, scope.iam(f"instance-profile/{scope.iam_path}/*")),
        allow("ClusterIssuer", _OIDC, [scope.iam(f"oidc-provider/{host}.{scope.region}.*") for host in ("oidc.eks", "oidc-eks")]),
        allow("FindIssuers", "iam:ListOpenIDConnectProviders", "*"),
        allow(
            "ServiceRoles",
            "iam:CreateServiceLinkedRole",
            scope.iam("role/aws-service-role/*"),
            conditions={"StringEquals": {"iam:AWSServiceName": list(_LINKED)}},
        ),
        # The caller's own role, which becomes the cluster's administrator, and the roles AWS made for itself.
        allow("ReadAnyRole", "iam:GetRole", scope.iam("role/*")),
        # Preflight asks what the caller may do; under which name a role was assumed, no policy can say.
        allow("AskWhatIsAllowed", "iam:SimulatePrincipalPolicy", [scope.iam("role/*"), scope.iam("user/*")]),
    )
