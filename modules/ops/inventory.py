"""Everything in AWS that carries this deployment's tag, with the Terraform address each thing was made for.

Three lists together make it whole: the Resource Groups Tagging API (in the env's region, and in us-east-1 for what
belongs to no region); EC2's own lists, because the index can be minutes behind a crash; and IAM by path, because roles
are not in the index at all. Sources: "Services that support the Resource Groups Tagging API", AWS documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import boto3

from modules.common import arn as arns
from modules.common.tags import ADDRESS, DEPLOYMENT, split_address
from modules.config.models import HubConfig
from modules.ops.aws_clients import GLOBAL_REGION, Clients, pages
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.life import EC2, Life, ec2_tagged, life

#: Kinds that IAM lists by path: the listing, its result, the key of one, the call that gives its tags, its result.
_IAM = {
    "iam:role": ("list_roles", "Roles", "RoleName", "get_role", "Role"),
    "iam:policy": ("list_policies", "Policies", "PolicyArn", "get_policy", "Policy"),
    "iam:instance-profile": (
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
        "get_instance_profile",
        "InstanceProfile",
    ),
}
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
    with doing(f"list what exists of {config.deployment}"):
        return Index(Clients(session, config.region), config).everything()


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


class Index:
    """The inventory, kind by kind, asking AWS for no more than what is wanted. Its methods raise ClientError."""

    def __init__(self, clients: Clients, config: HubConfig) -> None:
        self._clients = clients
        self._config = config
        self._of_kind: dict[str, tuple[Found, ...]] = {}
        self._named: dict[str, tuple[Found, ...]] = {}

    def of_kind(self, kind: str) -> tuple[Found, ...]:
        """What exists of one kind, such as `ec2:vpc`."""
        if kind not in self._of_kind:
            self._of_kind[kind] = tuple({found.arn: found for found in self._list(kind)}.values())
        return self._of_kind[kind]

    def everything(self) -> tuple[Found, ...]:
        """What exists of all kinds, sorted by kind and id."""
        named = {found.kind for region in (self._config.region, GLOBAL_REGION) for found in self._index(region)}
        kinds = sorted({*named, *_IAM, *(f"ec2:{kind}" for kind in EC2)})
        return tuple(sorted((found for kind in kinds for found in self.of_kind(kind)), key=lambda found: (found.kind, found.id)))

    def _list(self, kind: str) -> Iterator[Found]:
        ec2_kind = kind.removeprefix("ec2:")
        if kind.startswith("ec2:") and ec2_kind in EC2:
            yield from self._ec2(ec2_kind)
            return
        for region in dict.fromkeys((self._config.region, GLOBAL_REGION)):
            for found in self._index(region):
                state = life(self._clients, kind, arns.parse(found.arn)) if found.kind == kind else None
                if state is not None:
                    yield replace(found, life=state)
        if kind in _IAM:
            yield from self._iam(kind)

    def _index(self, region: str) -> tuple[Found, ...]:
        """What the tag index of one region names, dead or alive."""
        if region not in self._named:
            wanted = [{"Key": DEPLOYMENT, "Values": [self._config.deployment]}]
            client = self._clients.get("resourcegroupstaggingapi", region)
            items = pages(client, "get_resources", "ResourceTagMappingList", TagFilters=wanted)
            self._named[region] = tuple(make_found(item["ResourceARN"], plain_tags(item.get("Tags", []))) for item in items)
        return self._named[region]

    def _ec2(self, kind: str) -> Iterator[Found]:
        for id, tags, state in ec2_tagged(self._clients.get("ec2"), kind, DEPLOYMENT, self._config.deployment):
            arn = f"arn:{self._config.partition}:ec2:{self._config.region}:{self._clients.account}:{kind}/{id}"
            yield Found(kind=f"ec2:{kind}", id=id, arn=arn, tags=tags, life=state)

    def _iam(self, kind: str) -> Iterator[Found]:
        """What lies under this deployment's IAM path. It is ours by its path, whatever its tags say."""
        listing, many, key, getting, one = _IAM[kind]
        iam = self._clients.get("iam")
        for item in pages(iam, listing, many, PathPrefix=f"/hubsmith/{self._config.deployment}/"):
            with missing_is_fine():
                answer = getattr(iam, getting)(**{key: item["Arn" if key == "PolicyArn" else key]})[one]
                yield make_found(answer["Arn"], {DEPLOYMENT: self._config.deployment, **plain_tags(answer.get("Tags", []))})
