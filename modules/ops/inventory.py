"""Everything in AWS that carries this deployment's tag, with the Terraform address each thing was made for.

Three lists together make it whole: the Resource Groups Tagging API (in the env's region, and in us-east-1 for what
belongs to no region); EC2's own lists, because the index can be minutes behind a crash; and IAM by path, because roles
are not in the index at all. Sources: "Services that support the Resource Groups Tagging API", AWS documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import boto3

from modules.common import arn as arns
from modules.common.tags import ADDRESS, DEPLOYMENT, split_address
from modules.config.models import HubConfig
from modules.ops.aws_clients import GLOBAL_REGION, Clients, pages
from modules.ops.aws_errors import doing, missing_is_fine
from modules.ops.life import EC2, Life, ec2_tagged, life

#: Services whose ARNs name no resource type.
_BARE = {"s3": "s3:bucket", "sqs": "sqs:queue", "sns": "sns:topic"}


@dataclass(frozen=True)
class Found:
    """One thing that exists. `kind` is `<service>:<type>` as in its ARN; `id` is the last part of the ARN."""

    kind: str
    id: str
    arn: str
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    life: Life = Life.LIVE

    @property
    def stack(self) -> str:
        """The stack that made it, "" when it carries no address."""
        return split_address(self.tags.get(ADDRESS, ""))[0]

    @property
    def address(self) -> str:
        """Its Terraform address, "" when it carries none."""
        return split_address(self.tags.get(ADDRESS, ""))[1]

    def __str__(self) -> str:
        made_for = self.tags.get(ADDRESS, "")
        return f"{self.kind} {self.id}" + (f" ({made_for})" if made_for else "")


def inventory(session: boto3.Session, config: HubConfig) -> tuple[Found, ...]:
    """What exists of this deployment, sorted by kind and id; what is gone is left out, what is going says so.

    The state bucket and the lock table are in it: they carry the tag too. Raises HubError when AWS refuses.
    """
    clients = Clients(session, config.region)
    with doing(f"list what exists of {config.deployment}"):
        lists = (*_indexed(clients, config), *_ec2(clients, config), *_iam(clients, config))
    return tuple(sorted({found.arn: found for found in lists}.values(), key=lambda found: (found.kind, found.id)))


def kind_of(arn: arns.Arn) -> str:
    """`ec2:vpc`, `s3:bucket`, `events:rule` ... of an ARN."""
    return _BARE.get(arn.service) or f"{arn.service}:{arn.resource_type}"


def make_found(arn: str, tags: Mapping[str, str]) -> Found:
    """The Found of an ARN, believed to be live."""
    parsed = arns.parse(arn)
    whole = parsed.resource if parsed.service in _BARE else parsed.resource_id
    return Found(kind=kind_of(parsed), id=whole.removesuffix(":*"), arn=arn.removesuffix(":*"), tags=tags)


def plain_tags(pairs: list[dict[str, str]]) -> dict[str, str]:
    """AWS's list of Key and Value as a mapping."""
    return {pair["Key"]: pair["Value"] for pair in pairs}


def _ec2(clients: Clients, config: HubConfig) -> Iterator[Found]:
    account = clients.get("sts").get_caller_identity()["Account"]
    for kind in EC2:
        for id, tags, state in ec2_tagged(clients.get("ec2"), kind, DEPLOYMENT, config.deployment):
            arn = f"arn:{config.partition}:ec2:{config.region}:{account}:{kind}/{id}"
            yield Found(kind=f"ec2:{kind}", id=id, arn=arn, tags=tags, life=state)


def _iam(clients: Clients, config: HubConfig) -> Iterator[Found]:
    """What lies under this deployment's IAM path. It is ours by its path, whatever its tags say."""
    iam = clients.get("iam")
    path = {"PathPrefix": f"/hubsmith/{config.deployment}/"}
    for role in pages(iam, "list_roles", "Roles", **path):
        with missing_is_fine():
            yield _ours(config, iam.get_role(RoleName=role["RoleName"])["Role"])
    for policy in pages(iam, "list_policies", "Policies", Scope="Local", **path):
        with missing_is_fine():
            yield _ours(config, iam.get_policy(PolicyArn=policy["Arn"])["Policy"])
    for profile in pages(iam, "list_instance_profiles", "InstanceProfiles", **path):
        with missing_is_fine():
            yield _ours(config, iam.get_instance_profile(InstanceProfileName=profile["InstanceProfileName"])["InstanceProfile"])


def _ours(config: HubConfig, answer: dict[str, Any]) -> Found:
    return make_found(answer["Arn"], {DEPLOYMENT: config.deployment, **plain_tags(answer.get("Tags", []))})


def _indexed(clients: Clients, config: HubConfig) -> Iterator[Found]:
    """What the tag index names and the services confirm. EC2's kinds are left to EC2's own lists, which know better."""
    wanted = [{"Key": DEPLOYMENT, "Values": [config.deployment]}]
    for region in dict.fromkeys((config.region, GLOBAL_REGION)):
        index = clients.get("resourcegroupstaggingapi", region)
        for item in pages(index, "get_resources", "ResourceTagMappingList", TagFilters=wanted):
            found = make_found(item["ResourceARN"], plain_tags(item.get("Tags", [])))
            if found.kind.startswith("ec2:") and found.kind.removeprefix("ec2:") in EC2:
                continue
            state = life(clients, found.kind, arns.parse(found.arn))
            if state is not None:
                yield replace(found, life=state)
