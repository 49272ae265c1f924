"""What could be had instead of an instance type: another size of its family, or its size of a newer family."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from modules.catalog.instances import Shape, families, find_shape
from modules.config.problems import did_you_mean

#: `g4dn` is series g, generation 4, attributes dn, https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
_FAMILY = re.compile(r"([a-z]+)(\d+)([a-z-]*)")
_MOST = 3


@dataclass(frozen=True)
class _Family:
    name: str
    series: str
    generation: int
    attributes: str


def alternatives(instance_type: str, offered: Collection[str]) -> tuple[str, ...]:
    """Of `offered`, at most three sizes of the family that lie nearest and at most three newer families in the same size.

    A type the catalog does not know is never proposed: whether its architecture and cards fit is not known.
    """
    return (*_other_sizes(instance_type, offered), *_newer(instance_type, offered))


def close_name(name: str, known: Collection[str]) -> str:
    """`; did you mean "m5.xlarge"?` for a name that nothing has, "" when none of `known` comes close."""
    said = did_you_mean(name, known)
    # Without a close one the list would be of hundreds.
    return said if said.startswith("; ") else ""


def _other_sizes(instance_type: str, offered: Collection[str]) -> list[str]:
    family = instance_type.partition(".")[0]
    wanted = find_shape(instance_type)
    same = [shape for each in offered if each.startswith(f"{family}.") and (shape := find_shape(each))]
    return [shape.type for shape in sorted(same, key=lambda shape: _distance(shape, wanted))[:_MOST]]


def _distance(shape: Shape, wanted: Shape | None) -> tuple[float, int]:
    """How far two sizes lie apart; of two as far, the larger comes first, for the pods fit it."""
    if wanted is None:
        return (0.0, shape.vcpu)
    ratio = shape.vcpu / wanted.vcpu
    return (max(ratio, 1 / ratio), -shape.vcpu)


def _newer(instance_type: str, offered: Collection[str]) -> list[str]:
    name, _, size = instance_type.partition(".")
    wanted = _family(name)
    if wanted is None:
        return []
    found = []
    for each in offered:
        other, _, other_size = each.partition(".")
        family = _family(other)
        if family and other_size == size and _succeeds(family, wanted) and _alike(instance_type, each):
            found.append((family.attributes != wanted.attributes, family.generation, each))
    return [each for *_, each in sorted(found)[:_MOST]]


def _family(name: str) -> _Family | None:
    match = _FAMILY.fullmatch(name)
    return _Family(name, match[1], int(match[2]), match[3]) if match else None


def _succeeds(family: _Family, old: _Family) -> bool:
    return family.series == old.series and family.generation > old.generation


def _alike(one: str, other: str) -> bool:
    """Same architecture and the same maker of accelerators, so that the same image starts on both."""
    first, second = find_shape(one) or _sibling(one), find_shape(other)
    if first is None or second is None:
        return False
    return first.arch == second.arch and first.accelerator.partition(":")[0] == second.accelerator.partition(":")[0]


def _sibling(instance_type: str) -> Shape | None:
    """Any size of the family, for a size that does not exist."""
    return next(iter(families().get(instance_type.partition(".")[0], {}).values()), None)
