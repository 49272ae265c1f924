"""What one server of each profile costs an hour."""

from __future__ import annotations

from modules.config.hub import Profile
from modules.config.models import HubConfig
from modules.config.place import Place, places
from modules.config.server_price import server_price
from modules.ops.cost.model import ProfileCost

#: Spot as a share of on-demand: a rule of thumb of 2026-11-21, no price. AWS promises up to 90 % off and publishes what it was of late
#: by type (https://aws.amazon.com/ec2/spot/instance-advisor/); types that hubs use were mostly 30 to 70 % off, and it changes hourly.
SPOT_SHARE = (0.3, 0.7)


def profile_costs(config: HubConfig) -> tuple[ProfileCost, ...]:
    """Every profile, in the order of the spawn page; without figures where the catalog does not know them."""
    known = places(config)
    return tuple(_cost(each, known.get(each.pool), config.region) for each in config.hub.profiles)


def _cost(profile: Profile, place: Place | None, region: str) -> ProfileCost:
    found = server_price(profile, place, region) if place else None
    if found is None or place is None:
        return ProfileCost(profile.name, profile.pool)
    spot = (found.usd * SPOT_SHARE[0], found.usd * SPOT_SHARE[1]) if place.spot else None
    return ProfileCost(profile.name, profile.pool, found.node, found.fits, found.usd, found.node_usd, spot, exact=found.exact)
