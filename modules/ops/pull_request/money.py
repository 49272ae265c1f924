"""What a change costs, for a report: a month while nobody works, and an hour of each profile, before and after."""

from __future__ import annotations

from pathlib import Path

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.ops.cost.estimate import estimate
from modules.ops.cost.model import Estimate
from modules.ops.pull_request.markdown import folded, sentence, table

#: Less than this, in USD, is no difference that a reviewer looks at.
_CENT = 0.005


def lines(config: HubConfig, base: Path | None) -> list[str]:
    """The cost of `config` from the catalog, and of the same env in the checkout `base`; None compares with nothing."""
    return compared(_of(base, config.env), estimate(config))


def compared(old: Estimate | None, new: Estimate) -> list[str]:
    """One sentence, and below it, folded, every line and profile that differs. old: None for an env that is new."""
    if old is None:
        return [f"**Cost**: about ${new.idle:,.0f} a month idle, ${new.asleep:,.0f} asleep (prices of {new.priced})."]
    rows = _differing(
        {each.key: (each.label, each.month) for each in old.lines}, {each.key: (each.label, each.month) for each in new.lines}, "/month"
    )
    rows += _differing(
        {each.name: (each.name, each.on_demand) for each in old.profiles},
        {each.name: (each.name, each.on_demand) for each in new.profiles},
        "/h",
    )
    change = new.idle - old.idle
    if abs(change) < _CENT:
        said = f"**Cost**: about ${new.idle:,.0f} a month idle, as before (prices of {new.priced})."
        return [said, *folded("What differs", _rows(rows))]
    idle = f"idle about ${old.idle:,.0f} → ${new.idle:,.0f} a month ({_signed(change)})"
    said = f"**Cost**: {idle}, asleep ${old.asleep:,.0f} → ${new.asleep:,.0f} (prices of {new.priced})."
    return [said, *folded("What differs", _rows(rows))]


def _of(base: Path | None, env: str) -> Estimate | None:
    """None where the env is new, or its old file is no longer understood."""
    try:
        return estimate(load_env(base, env, judged=False)) if base else None
    except HubError:
        return None


_Amounts = dict[str, tuple[str, float | None]]


def _differing(old: _Amounts, new: _Amounts, unit: str) -> list[list[str]]:
    rows = []
    for key in dict.fromkeys([*old, *new]):
        label = (new.get(key) or old[key])[0]
        before, after = _amount(old, key, unit), _amount(new, key, unit)
        if before != after:
            rows.append([sentence(label), before, after])
    return rows


def _rows(rows: list[list[str]]) -> list[str]:
    return table(["line", ">before", ">after"], rows) if rows else []


def _amount(found: _Amounts, key: str, unit: str) -> str:
    if key not in found:
        return "none"
    amount = found[key][1]
    return "not known" if amount is None else f"${amount:,.2f}{unit}"


def _signed(amount: float) -> str:
    return f"{'+' if amount >= 0 else '-'}${abs(amount):,.0f}"
