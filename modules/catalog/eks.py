"""EKS versions and the days their support ends.

Sources: the EKS user guide, "Understand the Kubernetes version lifecycle on EKS", and endoflife.date/amazon-eks, read 2026-11-21.
Standard support lasts 14 months from the release on EKS, extended support 12 more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Support = Literal["standard", "extended", "ended", "unknown"]

#: When the table below was last compared with its sources.
CHECKED = date(2026, 11, 21)


@dataclass(frozen=True)
class EksVersion:
    """One Kubernetes version on EKS. `exact` is False when AWS has given the month only; the first of it stands then."""

    version: str
    released: date
    standard_ends: date
    extended_ends: date
    exact: bool = True


VERSIONS: tuple[EksVersion, ...] = (
    EksVersion("1.30", date(2024, 5, 23), date(2025, 7, 23), date(2026, 7, 23)),
    EksVersion("1.31", date(2024, 9, 26), date(2025, 11, 26), date(2026, 11, 26)),
    EksVersion("1.32", date(2025, 1, 23), date(2026, 3, 23), date(2027, 3, 23)),
    EksVersion("1.33", date(2025, 5, 29), date(2026, 7, 29), date(2027, 7, 29)),
    EksVersion("1.34", date(2025, 10, 2), date(2026, 12, 2), date(2027, 12, 2)),
    EksVersion("1.35", date(2026, 1, 27), date(2027, 3, 27), date(2028, 3, 27)),
    EksVersion("1.36", date(2026, 6, 1), date(2027, 8, 1), date(2028, 8, 1), exact=False),
)


def find_version(version: str) -> EksVersion | None:
    """The catalog's entry of `version` ("1.35"), if it has one."""
    return next((each for each in VERSIONS if each.version == version), None)


def support_of(version: str, on: date) -> Support:
    """How AWS supports `version` on that day; the last day of a period still counts. "unknown" is a version the catalog lacks."""
    known = find_version(version)
    if known is None:
        return "unknown"
    if on <= known.standard_ends:
        return "standard"
    return "extended" if on <= known.extended_ends else "ended"


def supported_versions(on: date, *, extended: bool = False) -> tuple[str, ...]:
    """Versions in standard support on that day, with `extended` also those in extended support; oldest first."""
    accepted = {"standard", "extended"} if extended else {"standard"}
    return tuple(each.version for each in VERSIONS if support_of(each.version, on) in accepted)
