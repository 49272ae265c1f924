"""Do the account's quotas leave room for what this env still has to make, and for the nodes its pools will ask for?

What always runs must fit, else an install ends half-way; what it has already counts as there, so that a second install is green.
Of a pool, something must be able to start once nobody else uses the account: the classic is a new one, whose quota for GPUs
is 0. What others use now leaves tomorrow, so it stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from modules.catalog.quotas import ADDRESSES, BALANCERS, CLUSTERS, NATS, NODE_GROUPS, QUOTAS, VPCS, Quota
from modules.config.models import HubConfig
from modules.ops.aws_clients import pages
from modules.ops.failures.aws import Kind, doing, kind_of
from modules.ops.preflight.account_use import Use, balancers, our_balancers, read_use
from modules.ops.preflight.check import Answer, Check, Context, Finding, Severity
from modules.ops.preflight.quota_needs import Later, balancer_count, group_names, later, nat_zones, standing


@dataclass(frozen=True)
class Limits:
    """What the account is allowed, by code. assumed: AWS did not let us look, so these are the defaults of a new account."""

    values: Mapping[str, int]
    assumed: bool = False

    def of(self, quota: Quota) -> int:
        """The applied value; AWS's default where none was ever applied, which is when Service Quotas lists none."""
        return self.values.get(quota.code, quota.default)


def check_quotas(context: Context) -> Answer:
    """Judge every quota. Raises HubError when AWS refuses to list what is used."""
    limits, use = _limits(context), read_use(context)
    judge = _Judge(context.config, limits, use)
    findings = [*judge.things(), *_balancers(context, judge), *judge.nodes()]
    if limits.assumed:
        what = "these credentials may not read the quotas, so those of a new account are assumed and nothing below is certain"
        findings.insert(0, Finding("note", "aws", what, "allow servicequotas:ListServiceQuotas; ./hub iam-policy prints it"))
    return Answer(f"{len(QUOTAS)} quotas in {context.config.region}", findings)


def _limits(context: Context) -> Limits:
    client, found = context.client("service-quotas"), {}
    wanted = {quota.code for quota in QUOTAS}
    with doing("read the quotas"):
        try:
            for service in dict.fromkeys(quota.service for quota in QUOTAS):
                for each in pages(client, "list_service_quotas", "Quotas", ServiceCode=service):
                    if each["QuotaCode"] in wanted:
                        found[each["QuotaCode"]] = int(each["Value"])
        except ClientError as error:
            if kind_of(error) is not Kind.DENIED:
                raise
            return Limits({}, assumed=True)
    return Limits(found)


def _balancers(context: Context, judge: _Judge) -> Iterator[Finding]:
    """Whose they are is asked only when it matters."""
    arns, need = balancers(context), balancer_count(context.config)
    missing = need
    if len(arns) + need > judge.limits.of(BALANCERS):
        missing = need - our_balancers(context, arns)
    yield from judge.fits("hub.load_balancer", BALANCERS, missing, len(arns))


class _Judge:
    """What is said about one env in one account."""

    def __init__(self, config: HubConfig, limits: Limits, use: Use) -> None:
        self.limits = limits
        self._config = config
        self._use = use
        #: A guess may not stop an install.
        self._worst: Severity = "note" if limits.assumed else "error"

    def things(self) -> Iterator[Finding]:
        """Network and cluster."""
        config, use = self._config, self._use
        zones = nat_zones(config)
        if config.network.existing is None:
            yield from self.fits("network", VPCS, 1 - use.our_vpcs, use.vpcs)
        yield from self.fits("network.nat", ADDRESSES, len(zones) - use.our_addresses, use.addresses)
        for zone in zones:
            yield from self.fits("network.nat", NATS, 1 - use.our_nats.get(zone, 0), use.nats.get(zone, 0), f" {zone}")
        if config.cluster.existing is None:
            yield from self.fits("cluster", CLUSTERS, 1 - use.has_cluster, use.clusters)
        new = set(group_names(config)) - use.groups
        yield from self.fits("node_groups", NODE_GROUPS, len(new), len(use.groups))

    def nodes(self) -> Iterator[Finding]:
        """Core nodes and the like together; then each pool by itself, beside them."""
        missing: dict[Quota, int] = {}
        fixed: dict[Quota, int] = {}
        places: dict[Quota, list[str]] = {}
        for each in standing(self._config):
            there = self._use.vcpus_of(each.quota, each.place)
            missing[each.quota] = missing.get(each.quota, 0) + max(each.vcpu - there, 0)
            fixed[each.quota] = fixed.get(each.quota, 0) + each.vcpu
            places.setdefault(each.quota, []).append(each.where)
        for quota, vcpu in missing.items():
            yield from self.fits(", ".join(places[quota]), quota, vcpu, self._use.vcpus(quota))
        always = [each.place for each in standing(self._config)]
        for place in later(self._config):
            rooms = {
                quota: self.limits.of(quota) - self._use.vcpus(quota) - missing.get(quota, 0) + self._use.vcpus_of_pools(quota, always)
                for quota in place.choices
            }
            never = {quota for quota, shapes in place.choices.items() if shapes[0].vcpu > self.limits.of(quota) - fixed.get(quota, 0)}
            yield from self._pool(place, rooms, can_ever=len(never) < len(place.choices))

    def fits(self, where: str, quota: Quota, missing: int, used: int, zone: str = "") -> Iterator[Finding]:
        """An error when what is still missing does not fit beside what is used; nothing is asked for what is there."""
        limit = self.limits.of(quota)
        if missing > 0 and used + missing > limit:
            what = f"{missing} more needed, {used} of {limit} {quota.unit}{zone} in use"
            yield Finding(self._worst, where, what, self._request(quota, used + missing))

    def _pool(self, place: Later, rooms: Mapping[Quota, int], *, can_ever: bool) -> Iterator[Finding]:
        """rooms: vCPUs left for it, its own nodes of now not counted, by quota. can_ever: whether the limits hold one of its nodes."""
        severity: Severity = "note" if can_ever else self._worst
        for quota, shapes in place.choices.items():
            room, limit = max(rooms[quota], 0), self.limits.of(quota)
            least, most = shapes[0], shapes[-1]
            left = f"{room} of {limit} {quota.unit} are left for it"
            taken = limit - rooms[quota]
            if least.vcpu > room:
                what = f"not one node can start{' now' if can_ever else ''}: its smallest, {least.type}, has {least.vcpu} vCPUs, and {left}"
                yield Finding(severity, place.where, what, self._request(quota, taken + least.vcpu))
            elif most.vcpu > room:
                what = f"its largest, {most.type}, has {most.vcpu} vCPUs, and {left}; smaller ones can start"
                yield Finding("note", place.where, what, self._request(quota, taken + most.vcpu))

    def _request(self, quota: Quota, value: int) -> str:
        return (
            f"aws service-quotas request-service-quota-increase --service-code {quota.service} --quota-code {quota.code} "
            f"--desired-value {value} --region {self._config.region}"
        )


QUOTA_ROOM = Check("quotas", check_quotas)
