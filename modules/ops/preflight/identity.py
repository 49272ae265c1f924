"""Whose credentials these are, how long they last, and whether the account has switched the region on.

That they work, and belong to the env's account, is settled before any check runs (modules.ops.target).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from modules.ops.failures.aws import doing
from modules.ops.preflight.caller import Caller, caller
from modules.ops.preflight.check import Answer, Check, Context, Finding

#: A first install takes about half an hour; with less than this left it may not come to its end.
_ENOUGH = timedelta(minutes=60)
#: What `aws configure export-credentials` and its like write beside a session's keys; botocore reads it too.
_EXPIRES, _KEY = "AWS_CREDENTIAL_EXPIRATION", "AWS_ACCESS_KEY_ID"


def check_identity(context: Context) -> Answer:
    """Say who the caller is; red when the region is off. Raises HubError when AWS does not let us look."""
    who = caller(context)
    if context.is_rehearsal:
        return Answer(f"the rehearsal's account {who.account}, nobody's credentials")
    findings = [*_region(context), *_root(who), *_ending(os.environ, datetime.now(UTC))]
    return Answer(f"{who.shown} in account {who.account}", findings)


def _region(context: Context) -> Iterator[Finding]:
    """Regions newer than 2019 are off until somebody switches them on, https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"""
    region = context.config.region
    with doing("ask which regions this account uses"):
        found = context.client("ec2").describe_regions(RegionNames=[region], AllRegions=True)["Regions"]
    if any(each.get("OptInStatus") == "not-opted-in" for each in found):
        fix = f"aws account enable-region --region-name {region} (takes minutes to hours), or choose another region"
        yield Finding("error", "region", f"{region} is not enabled for this account", fix)


def _root(who: Caller) -> Iterator[Finding]:
    if who.kind == "root":
        yield Finding(
            "note", "aws.profile", "these are the root user's keys", "install with a role; ./hub iam-policy <env> prints its rights"
        )


def _ending(environ: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Only keys in the environment end for good: botocore renews what it got from a profile, a container or an instance."""
    try:
        ends = datetime.fromisoformat(environ.get(_EXPIRES, "")) if environ.get(_KEY) else None
    except ValueError:
        return
    if ends is None:
        return
    left = (ends if ends.tzinfo else ends.replace(tzinfo=UTC)) - now
    if left < _ENOUGH:
        minutes = max(int(left.total_seconds() // 60), 0)
        fix = "sign in again first, or name a profile: what it gives is renewed while an install runs"
        yield Finding("note", _EXPIRES, f"these keys end in {minutes} minutes, and a first install takes about half an hour", fix)


IDENTITY = Check("identity", check_identity)
