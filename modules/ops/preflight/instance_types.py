"""Are the instance types offered where they are wanted: in the region, and in each zone of every group and pool.

EKS refuses a managed node group when one of its types is not offered in the zone of one of its subnets (InvalidRequestException
"Your requested instance type (…) is not supported in your requested Availability Zone",
https://github.com/eksctl-io/eksctl/issues/6461 and /3531), or in the region at all (InvalidParameterException "The following
supplied instance types do not exist", https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1279). Karpenter asks
EC2 for what there is, so that a pool is lost only when nothing of it is offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from dataclasses import dataclass

from modules.catalog.instances import families, find_shape
from modules.ops.preflight.alternatives import alternatives, close_name
from modules.ops.preflight.check import Answer, Check, Context, Finding
from modules.ops.preflight.offerings import Offerings, offered_in_region, read_offerings, subnet_zones
from modules.ops.preflight.wanted import Wanted, wanted_types

#: More types than this are counted in a sentence instead of named.
_NAMED = 6


@dataclass(frozen=True)
class _Seen:
    """What EC2 said. elsewhere: types that no zone of ours offers and another zone of the region does."""

    region: str
    offerings: Offerings
    elsewhere: frozenset[str]


def check_instance_types(context: Context) -> Answer:
    """Judge every type of the env. Raises HubError when AWS refuses to list what it offers."""
    config, ec2 = context.config, context.client("ec2")
    existing = config.network.existing
    zones = subnet_zones(ec2, existing.data_plane_subnets) if existing else config.azs
    offerings = read_offerings(ec2, zones)
    if context.is_rehearsal and not offerings.everywhere:
        return Answer("not checked", [Finding("note", "region", f"the rehearsal knows nothing of what {config.region} offers")])
    dead = [zone for zone, types in offerings.zones.items() if not types]
    wanted = wanted_types(config, [zone for zone in zones if zone not in dead])
    missing = {each for place in wanted for each in place.types} - offerings.everywhere
    seen = _Seen(config.region, offerings, offered_in_region(ec2, missing) if missing else frozenset())
    findings = [_dead(zone, config.region) for zone in dead]
    findings += [finding for place in wanted if place.zones for finding in _judge(place, seen)]
    types = {each for place in wanted for each in place.types}
    return Answer(f"{_count(types, 'type')} of {_count(wanted, 'place')} in {_count(zones, 'zone')}", findings)


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _dead(zone: str, region: str) -> Finding:
    fix = f"name another; aws ec2 describe-availability-zones --region {region} lists this account's"
    return Finding("error", "network.azs", f"{zone} offers nothing: this account has no such zone", fix)


def _judge(place: Wanted, seen: _Seen) -> Iterator[Finding]:
    unknown = [each for each in place.types if not _exists(each, seen)]
    yield from _unknown(place, unknown, seen)
    types = [each for each in place.types if each not in unknown]
    offered = [each for each in types if _zones(place, each, seen)]
    if types and not offered:
        yield _nothing(place, types, seen)
    elif place.all_or_nothing:
        yield from _gaps_of_group(place, types, seen)
    else:
        yield from _gaps_of_pool(place, types, seen)


def _exists(instance_type: str, seen: _Seen) -> bool:
    """Whether EC2 or the catalog knows it: a type new to the catalog is fine, one new to this region has other words."""
    return instance_type in seen.offerings.everywhere | seen.elsewhere or find_shape(instance_type) is not None


def _zones(place: Wanted, instance_type: str, seen: _Seen) -> tuple[str, ...]:
    return tuple(zone for zone in seen.offerings.zones_with(instance_type) if zone in place.zones)


def _unknown(place: Wanted, types: list[str], seen: _Seen) -> Iterator[Finding]:
    if place.where.startswith("pools."):
        known = {*families(), *(each.partition(".")[0] for each in seen.offerings.everywhere)}
        for family in dict.fromkeys(each.partition(".")[0] for each in types):
            if family not in known:
                yield Finding("error", place.where, f"EC2 knows no family {family}{close_name(family, known)}", "correct families")
        return
    names = {f"{family}.{size}" for family, sizes in families().items() for size in sizes} | seen.offerings.everywhere
    for each in types:
        yield Finding("error", place.where, f"EC2 knows no type {each}{close_name(each, names)}", "correct it")


def _nothing(place: Wanted, types: list[str], seen: _Seen) -> Finding:
    """The place would never have a node."""
    more = f" and {len(types) - _NAMED} more" if len(types) > _NAMED else ""
    listed = f"{types[0]} is not" if len(types) == 1 else f"none of {', '.join(types[:_NAMED])}{more} is"
    return Finding("error", place.where, f"{listed} offered in {_where(place, types, seen)}", _instead(place, types, seen))


def _where(place: Wanted, types: list[str], seen: _Seen) -> str:
    """The zones; the region when no zone of it has any of them, for then no choice of zones helps."""
    elsewhere = seen.elsewhere | seen.offerings.everywhere
    return ", ".join(place.zones) if any(each in elsewhere for each in types) else seen.region


def _instead(place: Wanted, types: list[str], seen: _Seen) -> str:
    """What could stand there: what all its zones offer."""
    common = frozenset.intersection(*(seen.offerings.zones[zone] for zone in place.zones))
    found = dict.fromkeys(other for each in types for other in alternatives(each, common - set(types)))
    ours = [zone for zone in seen.offerings.zones if any(zone in seen.offerings.zones_with(each) for each in types)]
    ways = [f"offered instead: {', '.join(list(found)[:_NAMED])}"] if found else []
    ways += [f"or let it lie in {', '.join(ours)}"] if ours else []
    return "; ".join(ways) or "choose other types, or another region"


def _gaps_of_group(place: Wanted, types: list[str], seen: _Seen) -> Iterator[Finding]:
    for each in types:
        found = _zones(place, each, seen)
        lacking = [zone for zone in place.zones if zone not in found]
        if not lacking:
            continue
        what = f"{each} is not offered in {', '.join(lacking) if found else _where(place, [each], seen)}"
        yield Finding("error", place.where, f"{what}, and EKS refuses a group that names it there", _mend_group(place, each, found, seen))


def _mend_group(place: Wanted, instance_type: str, found: tuple[str, ...], seen: _Seen) -> str:
    rest = len(place.types) - 1
    ways = [f"take it out; {rest} other{'s stay' if rest > 1 else ' stays'}"] if rest else []
    if found:
        letters = ", ".join(zone[-1] for zone in found)
        # The core nodes lie wherever the network does.
        ways.append(f"network.azs: [{letters}]" if place.where == "cluster.core" else f"zones: [{letters}]")
    common = frozenset.intersection(*(seen.offerings.zones[zone] for zone in place.zones))
    instead = alternatives(instance_type, common - set(place.types))
    ways += [f"offered in all of its zones: {', '.join(instead)}"] if instead else []
    return " or ".join(ways) or "choose another type"


def _gaps_of_pool(place: Wanted, types: list[str], seen: _Seen) -> Iterator[Finding]:
    """Karpenter goes on with the rest, so these are remarks; a zone without any keeps users whose disk lies there waiting."""
    lost = [each for each in types if not _zones(place, each, seen)]
    if lost:
        yield Finding(
            "note", place.where, f"{', '.join(lost)} {'is' if len(lost) == 1 else 'are'} not offered in {_where(place, lost, seen)}"
        )
    left = [each for each in types if each not in lost]
    for zone in place.zones:
        absent = [each for each in left if zone not in seen.offerings.zones_with(each)]
        if absent and len(absent) == len(left):
            yield Finding("note", place.where, f"{zone} offers none of it: pods whose disk lies there will wait for ever", _leave(zone))
        elif absent:
            yield Finding("note", place.where, f"{zone} lacks {', '.join(absent)}")


def _leave(zone: str) -> str:
    return f"leave {zone[-1]} out of network.azs before anybody has a disk there, or add families"


INSTANCE_TYPES = Check("instance types", check_instance_types)
