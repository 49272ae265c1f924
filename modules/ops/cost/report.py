"""The estimate for people, in sentences and columns, and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from modules.ops.cost.model import NOT_COUNTED, Estimate, Line, ProfileCost
from modules.ops.cost.refresh import Compared


def lines(found: Estimate, profiles: Sequence[ProfileCost]) -> Iterator[str]:
    """One screen: the month line by line, asleep, servers, and what the figures rest on."""
    about = "at least" if found.unknown else "about"
    yield f"{found.env}: {about} ${found.idle:.0f} a month while nobody works, and ${found.storage:.0f} for kept data"
    yield from _month(found)
    yield from _asleep(found)
    yield ""
    yield from _servers(profiles)
    yield ""
    yield from _basis(found)


def _month(found: Estimate) -> Iterator[str]:
    yield f"  {'':<58} {'USD a month':>11} {'asleep':>8}"
    standing, kept = [each for each in found.lines if not each.storage], [each for each in found.lines if each.storage]
    yield from map(_row, standing)
    yield f"  {'together':<58} {found.idle:>11.2f} {found.asleep:>8.2f}"
    yield from map(_row, kept)
    yield f"  {'kept data':<58} {found.storage:>11.2f} {found.storage:>8.2f}"


def _row(line: Line) -> str:
    note = f"  {line.note}" if line.note else ""
    return f"  {line.label[:58]:<58} {_amount(line.month):>11} {_amount(line.asleep):>8}{note}"


def _asleep(found: Estimate) -> Iterator[str]:
    text = f"asleep: about ${found.asleep:.0f} a month and the data (./hub sleep {found.env})"
    if found.nat:
        text += f"; ${found.asleep_without_nat:.0f} without NAT (--remove-nat)"
    text += f"; ${found.asleep_deep:.0f} without load balancers and addresses besides (--deep)"
    yield f"  {text}"


def _servers(profiles: Sequence[ProfileCost]) -> Iterator[str]:
    yield f"  {'server, USD an hour':<30} {'on a full node':>14} {'alone':>7}  {'spot, about':<13} node"
    for each in profiles:
        if each.on_demand is None or each.alone is None:
            yield f"  {each.name[:30]:<30} {'not known':>14}"
            continue
        spot = f"{each.spot[0]:.2f} to {each.spot[1]:.2f}" if each.spot else "no spot"
        yield f"  {each.name[:30]:<30} {each.on_demand:>14.3f} {each.alone:>7.3f}  {spot:<13} {each.fits} on {each.node}"


def _basis(found: Estimate) -> Iterator[str]:
    yield f"  prices of {found.priced} or later, on demand, {_exactness(found)}; ./hub cost {found.env} --refresh asks AWS"
    assumed = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in asdict(found.assumed).items())
    yield f"  assumed: {assumed} (--users and --home-gb change the first two)"
    yield f"  not counted: {'; '.join(NOT_COUNTED)}"
    if found.unknown:
        yield f"  not known, and not in the sums: {', '.join(found.unknown)}"


def _exactness(found: Estimate) -> str:
    if all(each.exact for each in found.lines):
        return f"as listed for {found.region}"
    return f"some of {found.region} by a factor from us-east-1, mostly within 6 percent"


def _amount(amount: float | None) -> str:
    return "not known" if amount is None else f"{amount:.2f}"


def comparison(compared: Sequence[Compared]) -> Iterator[str]:
    """What AWS says now: differences, rows it does not have, or that all agree."""
    known = [each for each in compared if each.there is not None]
    differing = [each for each in known if each.differs or each.here is None]
    yield f"  AWS's price list: {len(known)} of {len(compared)} prices found, {len(differing)} differ from the catalog"
    for each in differing:
        here = "not known" if each.here is None else f"{each.here:g}"
        yield f"    {each.name:<16} catalog {here}, AWS {each.there:g} USD per {each.unit}"
    missing = [each.name for each in compared if each.there is None]
    if missing:
        yield f"    not found there, or not one price: {', '.join(missing)}"


def as_data(found: Estimate, profiles: Sequence[ProfileCost]) -> dict[str, Any]:
    """The same for machines; amounts in USD, rounded to a hundredth of a cent."""
    data: dict[str, Any] = _rounded(
        {
            "region": found.region,
            "priced": found.priced.isoformat(),
            "month": {
                "idle": found.idle,
                "asleep": found.asleep,
                "asleep_without_nat": found.asleep_without_nat,
                "asleep_deep": found.asleep_deep,
                "storage": found.storage,
            },
            "lines": [asdict(each) for each in found.lines],
            "profiles": [asdict(each) for each in profiles],
            "assumed": asdict(found.assumed),
            "not_counted": list(NOT_COUNTED),
            "unknown": list(found.unknown),
        }
    )
    return data


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
