"""./hub cost: what an env costs, before it is there and without asking anybody."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from difflib import get_close_matches
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.cost.estimate import DEFAULTS, estimate
from modules.ops.cost.model import Estimate, ProfileCost
from modules.ops.cost.refresh import Compared
from modules.ops.cost.report import as_data, comparison, lines
from modules.ops.say import out


def cost(
    root: Path,
    config: HubConfig,
    *,
    profile: str | None = None,
    users: int | None = None,
    home_gb: int | None = None,
    refresh: bool = False,
    as_json: bool = False,
) -> int:
    """Print the estimate; exit 0, also where AWS's prices differ. profile: this one's server alone. Raises HubError for one that is
    not there, and with `refresh` when AWS refuses."""
    given = {"users": users, "home_gb": home_gb}
    found = estimate(config, replace(DEFAULTS, **{name: value for name, value in given.items() if value is not None}))
    profiles = found.profiles if profile is None else (_named(found, profile),)
    compared = _asked(root, config, found) if refresh else None
    if as_json:
        prices = {} if compared is None else {"prices": [{**asdict(each), "differs": each.differs} for each in compared]}
        out(json.dumps({"env": config.env, "command": "cost", "exit": 0, **as_data(found, profiles), **prices}))
        return 0
    for line in [*lines(found, profiles), *(comparison(compared) if compared is not None else ())]:
        out(line)
    return 0


def _named(found: Estimate, name: str) -> ProfileCost:
    names = {each.name.lower(): each for each in found.profiles}
    if name.lower() in names:
        return names[name.lower()]
    close = get_close_matches(name.lower(), names, n=1)
    hint = f'; did you mean "{names[close[0]].name}"?' if close else ""
    raise HubError(
        f'{found.env} has no profile "{name}"{hint}', where="hub.profiles", fix=f"one of: {', '.join(p.name for p in found.profiles)}"
    )


def _asked(root: Path, config: HubConfig, found: Estimate) -> tuple[Compared, ...]:
    from modules.ops.cost.refresh import compare
    from modules.ops.target import resolve_target

    if config.rehearsal:
        raise HubError(
            f"{config.env} is a rehearsal: its emulator has no price list",
            where="--refresh",
            fix="ask for an env with an account, in the same region for the same prices",
        )
    return compare(resolve_target(root, config).session, found)
