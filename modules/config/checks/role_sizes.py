"""Application roles that IAM would refuse for the length of a document, minutes into an install.

The documents are modules/iam's, which this room does not know. So these are upper bounds, held to the real ones by
tests/unit/iam/test_role_sizes.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from modules.config.checks._check import Finding, reads
from modules.config.extras import AppRole, BucketGrant
from modules.config.models import HubConfig

#: Characters without white space of a trust policy, and of all inline policies of a role,
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
TRUST_MAX, POLICY_MAX = 2048, 10240
#: A trust policy without its service accounts, and what one account costs beside its name.
_TRUST, _ACCOUNT = 540, 25
#: A policy without statements; a grant of a whole bucket and one of a prefix, each without names; the comma after a statement.
_POLICY, _BUCKET, _PREFIX, _COMMA = 40, 360, 470, 1


@reads("roles")
def sizes(config: HubConfig, _: date) -> Iterator[Finding]:
    for key, role in config.roles.items():
        if trust_length(role) > TRUST_MAX:
            yield (
                ("roles", key, "service_accounts"),
                f"are {len(role.service_accounts)}, more than fit into a trust policy of {TRUST_MAX} characters. Make it two roles.",
            )
        if policy_length(role) > POLICY_MAX:
            what = f"holds about {policy_length(role)} characters of buckets and statements; IAM takes {POLICY_MAX}"
            yield ("roles", key), f"{what}. Make two roles of this one, or a policy of your own for managed_policies."


def trust_length(role: AppRole) -> int:
    """Characters of the role's trust policy, at most."""
    return _TRUST + sum(_ACCOUNT + len(account) for account in role.service_accounts)


def policy_length(role: AppRole) -> int:
    """Characters of the role's policy, at most."""
    written = sum(len(json.dumps(statement, separators=(",", ":"))) + _COMMA for statement in role.statements)
    return _POLICY + written + sum(map(_grant, role.buckets))


def _grant(grant: BucketGrant) -> int:
    return (_PREFIX if grant.prefix.strip("/") else _BUCKET) + 3 * len(grant.name) + 2 * len(grant.prefix)


CHECKS = (sizes,)
