"""An estimate as values: lines of a month, prices of servers, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: What AWS bills besides, and no line holds: it hangs on use, or is too small to see.
NOT_COUNTED = (
    "nodes while servers, Dask or more Ray workers run, and their root volumes (200 GiB: about 0.02 an hour)",
    "data out to the internet, between zones, and read from EFS or S3",
    "requests, queues, Terraform's state and its locks (cents)",
    "a key's rotations (1 USD more a month after each of the first two years)",
    "tax and support",
)


@dataclass(frozen=True)
class Assumptions:
    """What a file does not say. Nobody measured these: they are there to be replaced by one's own. All GB are of one month.

    users: with a home. home_gb: each home on EFS (on EBS a home is its whole volume). tree_gb: of each shared tree.
    bucket_gb: of each bucket. nat_gb: through the NAT gateway while nobody works, for updates and telemetry.
    control_logs_gb: what EKS writes, most of it the audit log; asleep_logs_gb: the same with no node up. pod_logs_gb, flow_logs_gb: of
    the standing parts.
    """

    users: int = 10
    home_gb: int = 10
    tree_gb: int = 50
    bucket_gb: int = 50
    nat_gb: int = 10
    control_logs_gb: int = 5
    asleep_logs_gb: int = 1
    pod_logs_gb: int = 1
    flow_logs_gb: int = 1


@dataclass(frozen=True)
class Line:
    """One line of a month. key: stable, for machines and comparison. month: USD; None where the catalog knows no price.

    asleep: the same while the env sleeps. storage: whether it pays for kept data. exact: False for another region's price by a factor.
    rate: where the price stands, a key of the catalog's RATES or an instance type. note: what to know of it.
    """

    key: str
    label: str
    quantity: float
    unit: str
    rate: str
    month: float | None
    asleep: float | None
    storage: bool = False
    exact: bool = True
    note: str = ""


@dataclass(frozen=True)
class ProfileCost:
    """One server an hour, USD. fits: servers on one node. alone: of a node that nobody else uses.

    spot: least and most, by rule of thumb; None where its pool has no spot. Without `node` the catalog does not know.
    """

    name: str
    pool: str
    node: str = ""
    fits: int = 0
    on_demand: float | None = None
    alone: float | None = None
    spot: tuple[float, float] | None = None
    exact: bool = True


@dataclass(frozen=True)
class Estimate:
    """A month of an env that nobody uses, and an hour of each profile. priced: the day of the catalog's older table."""

    env: str
    region: str
    priced: date
    lines: tuple[Line, ...]
    profiles: tuple[ProfileCost, ...]
    assumed: Assumptions
    default_profile: str = ""

    @property
    def idle(self) -> float:
        """USD a month while nobody works, kept data aside; of the lines whose price is known."""
        return _sum(each.month for each in self.lines if not each.storage)

    @property
    def asleep(self) -> float:
        """USD a month that `./hub sleep` leaves, kept data aside."""
        return _sum(each.asleep for each in self.lines if not each.storage)

    @property
    def storage(self) -> float:
        """USD a month for kept data: the same idle, asleep, and after a cleanup that keeps them."""
        return _sum(each.month for each in self.lines if each.storage)

    @property
    def nat(self) -> float:
        """USD of `asleep` that go too when the NAT gateways do (`./hub sleep --remove-nat`); their addresses stay."""
        return self._asleep("nat")

    @property
    def balancers(self) -> float:
        """USD of `asleep` for load balancers and their addresses; they go with `--remove-load-balancers`, and come back at others."""
        return self._asleep("hub-balancer", "hub-balancer-ipv4", "desktop-balancer", "desktop-balancer-ipv4")

    @property
    def asleep_without_nat(self) -> float:
        """USD a month that `./hub sleep --remove-nat` leaves, kept data aside."""
        return self.asleep - self.nat

    @property
    def asleep_deep(self) -> float:
        """USD a month that `./hub sleep --deep` leaves, kept data aside: no NAT, none of its addresses, no load balancers."""
        return self.asleep_without_nat - self._asleep("nat-ipv4") - self.balancers

    def _asleep(self, *keys: str) -> float:
        return _sum(each.asleep for each in self.lines if each.key in keys)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Labels of lines without a price."""
        return tuple(each.label for each in self.lines if each.month is None)

    @property
    def default(self) -> ProfileCost | None:
        """The profile that people get unless they choose."""
        return next((each for each in self.profiles if each.name == self.default_profile), None)


def _sum(amounts: Iterable[float | None]) -> float:
    return sum(each for each in amounts if each is not None)
