"""What a reviewer has to look at in a plan: by the type of what changes, and by what is done to it."""

from __future__ import annotations

import re

from modules.ops.results import Change

IAM, NETWORK = "IAM", "Network exposure"
#: Types that say who may do what, and types that say who can reach what. A key's or a bucket's policy is of the first kind.
_TYPES = {
    IAM: re.compile(
        r"aws_iam_.*|aws_eks_access_.*|aws_eks_pod_identity_association|aws_\w+_policy|"
        r"kubernetes_(cluster_)?role(_binding)?(_v1)?|kubernetes_service_account(_v1)?"
    ),
    NETWORK: re.compile(
        r"aws_(default_|vpc_)?security_group(_\w+)?|aws_(default_)?network_acl(_rule)?|aws_lb(_\w+)?|aws_route|aws_route53_record|"
        r"aws_internet_gateway|aws_eip|aws_vpc_peering_connection|aws_s3_bucket_public_access_block|"
        r"kubernetes_(network_policy|ingress|service)(_v1)?"
    ),
}
#: Attributes of other types that say the same, where only they differ.
_ATTRIBUTES = {
    IAM: re.compile(r"(assume_role_)?policy\b|access_config|.*role_arn"),
    NETWORK: re.compile(r"vpc_config|.*public.*|.*cidr.*|.*security_group.*|.*ingress.*"),
}


def concern(change: Change) -> str:
    """IAM, NETWORK, or "" for what is neither."""
    for name, pattern in _TYPES.items():
        if pattern.fullmatch(change.type):
            return name
    for name, pattern in _ATTRIBUTES.items():
        if any(pattern.match(each.name) for each in change.attributes):
            return name
    return ""


def is_gone(change: Change) -> bool:
    """Whether what was there is taken away, for good or to be made anew."""
    return change.action in ("replace", "delete")
