"""Which instance types EC2 offers, by zone, and by region for those that the zones lack."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from modules.ops.aws_clients import pages
from modules.ops.failures.aws import doing

#: A filter of EC2's takes at most 200 values, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
_VALUES_MAX = 200


@dataclass(frozen=True)
class Offerings:
    """zones: by full zone name, the types offered there; a zone the account does not have offers none."""

    zones: dict[str, frozenset[str]]

    @property
    def everywhere(self) -> frozenset[str]:
        """Every type that some zone offers."""
        return frozenset().union(*self.zones.values())

    def zones_with(self, instance_type: str) -> tuple[str, ...]:
        """The zones that offer a type, in the order they were asked for."""
        return tuple(zone for zone, types in self.zones.items() if instance_type in types)


def read_offerings(ec2: Any, zones: Sequence[str]) -> Offerings:
    """What these zones (full names) offer: one listing, of about a page a zone. Raises HubError when AWS refuses.

    Everything they offer is read, not only what is asked about: the rest is what can be had instead.
    """
    found: dict[str, set[str]] = {zone: set() for zone in zones}
    filters = [{"Name": "location", "Values": list(zones)}]
    with doing("list the instance types on offer"):
        for each in _listing(ec2, "availability-zone", filters):
            found[each["Location"]].add(each["InstanceType"])
    return Offerings({zone: frozenset(types) for zone, types in found.items()})


def offered_in_region(ec2: Any, types: Collection[str]) -> frozenset[str]:
    """Which of `types` some zone of the region offers, be it none of ours. Raises HubError when AWS refuses."""
    wanted = sorted(types)
    found: set[str] = set()
    with doing("list the instance types on offer"):
        for start in range(0, len(wanted), _VALUES_MAX):
            filters = [{"Name": "instance-type", "Values": wanted[start : start + _VALUES_MAX]}]
            found.update(each["InstanceType"] for each in _listing(ec2, "region", filters))
    return frozenset(found)


def subnet_zones(ec2: Any, subnets: Sequence[str]) -> tuple[str, ...]:
    """The zones of these subnets, sorted. Raises HubError when one does not exist."""
    with doing("look up the zones of network.existing.data_plane_subnets"):
        return tuple(sorted({each["AvailabilityZone"] for each in pages(ec2, "describe_subnets", "Subnets", SubnetIds=list(subnets))}))


def _listing(ec2: Any, location: str, filters: list[dict[str, Any]]) -> Any:
    return pages(ec2, "describe_instance_type_offerings", "InstanceTypeOfferings", LocationType=location, Filters=filters)
