"""The tagging API: the resources AWS lists there and moto does not, under the ARNs and in the regions AWS uses.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html. As on AWS: IAM roles and
autoscaling groups are never listed, and global services answer in one region only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from modules.rehearsal.emulator import cognito
from modules.rehearsal.emulator.eks.state import clusters

#: (ARN, tags, resource type)
Row = tuple[str, Mapping[str, str], str]

#: Where a partition's global services are listed.
_HOME = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
#: moto's word for a kind of EC2 resource in ARNs, where AWS has another.
_EC2_WORDS = {"flow-logs": "vpc-flow-log", "managed-prefix-lists": "prefix-list", "spot-instance-request": "spot-instances-request"}


def install() -> None:
    """Put our rows beside moto's."""
    from moto.resourcegroupstaggingapi import models

    of_moto = models.iter_taggable_backends

    def all_backends(account: str, region: str) -> Iterator[Any]:
        for backend in of_moto(account, region):
            yield _Rows(partial(_as_aws, backend, region), backend)
        yield _Rows(partial(_ours, account, region))

    models.iter_taggable_backends = all_backends


class _Rows:
    """What the tagging API asks a backend for. behind: moto's, which tags and untags."""

    def __init__(self, rows: Callable[[], Iterable[Row]], behind: Any = None) -> None:
        self._rows, self._behind = rows, behind

    def iter_tagged_resources(self) -> Iterator[Any]:
        """The rows, as moto reads them."""
        from moto.core.resource_tagging import TaggedResource

        return (TaggedResource(arn=arn, tags=dict(tags), resource_type=kind) for arn, tags, kind in self._rows())

    def owns_arn(self, arn: str) -> bool:
        """Whether TagResources of this ARN is for the backend behind."""
        return self._behind is not None and bool(self._behind.owns_arn(arn))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


def _as_aws(backend: Any, region: str) -> Iterator[Row]:
    """moto's rows of one service with AWS's ARNs; a bucket only in its own region."""
    for found in backend.iter_tagged_resources():
        arn, kind = found.arn, found.resource_type
        if kind == "s3:bucket" and backend.buckets[arn.rsplit(":", 1)[1]].region_name != region:
            continue
        service, _, word = kind.partition(":")
        if service == "ec2" and word in _EC2_WORDS:
            arn, kind = arn.replace(f":{word}/", f":{_EC2_WORDS[word]}/"), f"ec2:{_EC2_WORDS[word]}"
        yield arn, found.tags, kind


def _eks(account: str, region: str) -> Iterator[Row]:
    for cluster in clusters.of(account, region).values():
        for kind, arn, document in cluster.documents():
            yield arn, document["tags"], kind


def _ec2(account: str, region: str) -> Iterator[Row]:
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[account][region]
    ids = {
        "elastic-ip": [address.allocation_id for address in backend.addresses],
        "vpc-endpoint": [id for id, endpoint in backend.vpc_end_points.items() if endpoint.state != "deleted"],
        "launch-template": list(backend.launch_templates),
        "network-acl": list(backend.network_acls),
        "dhcp-options": list(backend.dhcp_options_sets),
        "key-pair": [pair.id for pair in backend.key_pairs.values()],
        "security-group-rule": [
            rule.id
            for groups in backend.groups.values()
            for group in groups.values()
            for rule in (*group.ingress_rules, *group.egress_rules)
        ],
    }
    for word, found in ids.items():
        for id in found:
            yield f"arn:{backend.partition}:ec2:{region}:{account}:{word}/{id}", backend.tags.get(id, {}), f"ec2:{word}"


def _backup(account: str, region: str) -> Iterator[Row]:
    from moto.backup.models import backup_backends

    backend = backup_backends[account][region]
    for plan in backend.plans.values():
        yield plan.backup_plan_arn, backend.list_tags(plan.backup_plan_arn), "backup:backup-plan"


def _events(account: str, region: str) -> Iterator[Row]:
    from moto.events.models import events_backends

    backend = events_backends[account][region]
    for bus in backend.event_buses.values():
        for rule in bus.rules.values():
            yield rule.arn, backend.tagger.get_tag_dict_for_resource(rule.arn), "events:rule"


def _cognito(account: str, region: str) -> Iterator[Row]:
    from moto.cognitoidp.models import cognitoidp_backends

    for pool in cognitoidp_backends[account][region].user_pools.values():
        yield pool.arn, cognito.tags_of(pool), "cognito-idp:userpool"


def _iam(account: str, region: str) -> Iterator[Row]:
    from moto.iam.models import AWSManagedPolicy, iam_backends

    partition = _partition(region)
    if region != _HOME[partition]:
        return
    backend = iam_backends[account][partition]
    for policy in backend.managed_policies.values():
        if not isinstance(policy, AWSManagedPolicy):
            yield policy.arn, _pairs(policy.get_tags()), "iam:policy"
    for profile in backend.instance_profiles.values():
        yield profile.arn, _pairs(profile.tags), "iam:instance-profile"
    for provider in backend.open_id_providers.values():
        yield provider.arn, _pairs(provider.get_tags()), "iam:oidc-provider"


def _route53(account: str, region: str) -> Iterator[Row]:
    from moto.route53.models import route53_backends

    partition = _partition(region)
    if region != _HOME[partition]:
        return
    backend = route53_backends[account][partition]
    for id, zone in backend.zones.items():
        yield f"arn:{partition}:route53:::hostedzone/{zone.resource_id}", backend.list_tags_for_resource(id), "route53:hostedzone"


_SOURCES: tuple[Callable[[str, str], Iterator[Row]], ...] = (_eks, _ec2, _backup, _events, _cognito, _iam, _route53)


def _ours(account: str, region: str) -> Iterator[Row]:
    for source in _SOURCES:
        yield from source(account, region)


def _pairs(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
