"""Writing lines: the one place that multiplies a quantity by a rate."""

from __future__ import annotations

from modules.catalog.prices import price
from modules.catalog.rates import MONTH_HOURS, RATES, rate
from modules.config.nodes import Disk
from modules.ops.cost.model import Line

#: What each gp3 volume has for its price a GiB.
_FREE_IOPS, _FREE_MIB = 3000, 125


class Tally:
    """The lines of one env, in the order they were added."""

    def __init__(self, region: str) -> None:
        self._region = region
        self.lines: list[Line] = []

    def add(
        self, key: str, label: str, rate_key: str, quantity: float, *, asleep: float | None = None, storage: bool = False, note: str = ""
    ) -> None:
        """`quantity` units of a row of the catalog: things of a rate by the hour stand the whole month. Nothing for a quantity of 0.

        asleep: how many of them stay while the env sleeps; None for all.
        """
        if not quantity:
            return
        found = rate(rate_key, self._region)
        unit = RATES[rate_key].unit
        hours = MONTH_HOURS if unit == "hour" else 1
        month = None if found is None else quantity * hours * found.amount
        kept = month if asleep is None or month is None else month * asleep / quantity
        exact = found is not None and found.exact
        self.lines.append(Line(key, label, quantity, unit, rate_key, month, kept, storage, exact, note))

    def nodes(self, key: str, label: str, instance_type: str, count: int, disk: Disk, *, stays: bool = False, note: str = "") -> None:
        """`count` nodes of one type the whole month, and a line for their root volumes. stays: while the env sleeps."""
        if not count:
            return
        found = price(instance_type, self._region)
        month = None if found is None else count * MONTH_HOURS * found.amount
        exact = found is not None and found.exact
        kept = month if stays else 0.0
        self.lines.append(Line(key, f"{label}: {count} {instance_type}", count, "hour", instance_type, month, kept, False, exact, note))
        self._disks(f"{key}-disks", f"{label}: root volumes, {disk.size_gib} GiB each", disk, count, stays)

    def _disks(self, key: str, label: str, disk: Disk, count: int, stays: bool) -> None:
        rows = (
            ("gp3", key, label, disk.size_gib),
            ("gp3-iops", f"{key}-iops", f"{label}, operations above {_FREE_IOPS}", disk.iops - _FREE_IOPS),
            ("gp3-throughput", f"{key}-throughput", f"{label}, throughput above {_FREE_MIB}", disk.throughput_mib - _FREE_MIB),
        )
        for rate_key, name, said, each in rows:
            self.add(name, said, rate_key, count * each, asleep=None if stays else 0)
