"""Amounts as Kubernetes writes them."""

from __future__ import annotations

import re
from decimal import Decimal

#: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_SUFFIXES = {
    "": Decimal(1),
    **{suffix: Decimal(1000) ** power for power, suffix in ((-3, "n"), (-2, "u"), (-1, "m"), (1, "k"), (2, "M"), (3, "G"))},
    **{suffix: Decimal(1000) ** power for power, suffix in ((4, "T"), (5, "P"), (6, "E"))},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?")


def quantity(text: object) -> Decimal | None:
    """The number a quantity stands for ("500m" is 0.5); None when it is no quantity."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None:
        return None
    if found[3]:
        return Decimal(found[1]) * Decimal(10) ** int(found[3])
    return Decimal(found[1]) * _SUFFIXES[found[2] or ""]
