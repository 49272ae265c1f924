"""The estimate of an env, from its file and the catalog alone: no network, no credentials."""

from __future__ import annotations

from modules.catalog import prices, rates
from modules.config.models import HubConfig
from modules.ops.cost.keeping import add_keys, add_logs, add_storage
from modules.ops.cost.model import Assumptions, Estimate
from modules.ops.cost.network import add_network
from modules.ops.cost.profiles import profile_costs
from modules.ops.cost.standing import add_nodes
from modules.ops.cost.tally import Tally

#: What an estimate assumes unless told otherwise.
DEFAULTS = Assumptions()


def estimate(config: HubConfig, assumed: Assumptions = DEFAULTS) -> Estimate:
    """What `config` costs a month while nobody works, asleep, and an hour for each profile, in USD. Pure: for plans and reports too."""
    tally = Tally(config.region)
    add_nodes(config, tally)
    add_network(config, assumed, tally)
    add_storage(config, assumed, tally)
    add_keys(config, tally)
    add_logs(config, assumed, tally)
    default = next((each.name for each in config.hub.profiles if each.default), config.hub.profiles[0].name)
    priced = min(prices.CHECKED, rates.CHECKED)
    return Estimate(config.env, config.region, priced, tuple(tally.lines), profile_costs(config), assumed, default)


def in_short(found: Estimate) -> str:
    """One line, as an install says it: `about $178 a month idle and $70 for data (10 users assumed), $0.06/h for the "Base" profile`."""
    about = "at least" if found.unknown else "about"
    said = f"{about} ${found.idle:.0f} a month idle and ${found.storage:.0f} for data ({found.assumed.users} users assumed)"
    default = found.default
    if default is not None and default.on_demand is not None:
        said += f', ${default.on_demand:.2f}/h for the "{default.name}" profile'
    if found.unknown:
        count = len(found.unknown)
        said += f" ({count} thing{'' if count == 1 else 's'} without a known price not counted)"
    return said
