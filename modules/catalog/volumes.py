"""What an EBS volume costs a month, as far as the catalog knows."""

from __future__ import annotations

from modules.catalog.rates import rate


def month(gib: int, region: str) -> float | None:
    """About how many USD a gp3 volume of `gib` costs a month: outside us-east-1 by the factor of instances. None for an unknown region."""
    found = rate("gp3", region)
    return None if found is None else gib * found.amount
