"""Checks across fields. Each is a generator of findings over a HubConfig; none of them asks AWS or the clock.

A check names the sections of the config it reads. When pydantic refused some sections, the checks whose sections are whole
still run, so that one round shows everything.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, create_model

from modules.config._base import Model
from modules.config.aliases import as_written
from modules.config.checks import (
    access,
    autoscaler,
    core,
    dask,
    desktop_door,
    desktops,
    hub,
    launcher,
    limits,
    network,
    nodes,
    places,
    pools,
    ray,
    role_sizes,
    roles,
    vault,
    versions,
)
from modules.config.checks._check import Check
from modules.config.checks.text import run_text_checks
from modules.config.models import HubConfig
from modules.config.problems import Problem, problem

if TYPE_CHECKING:
    from modules.config.load import Loaded

ALL: tuple[Check, ...] = (
    *access.CHECKS,
    *autoscaler.CHECKS,
    *core.CHECKS,
    *dask.CHECKS,
    *desktops.CHECKS,
    *desktop_door.CHECKS,
    *hub.CHECKS,
    *launcher.CHECKS,
    *limits.CHECKS,
    *network.CHECKS,
    *nodes.CHECKS,
    *pools.CHECKS,
    *places.CHECKS,
    *ray.CHECKS,
    *role_sizes.CHECKS,
    *roles.CHECKS,
    *vault.CHECKS,
    *versions.CHECKS,
)

#: Without these even a removal would not know whose account it touches.
ESSENTIAL: tuple[Check, ...] = (access.account,)


def run_checks(config: HubConfig, sections: frozenset[str], loaded: Loaded, today: date, checks: tuple[Check, ...] = ALL) -> list[Problem]:
    """What the cross-field `checks` find, for those whose sections are all in `sections`."""
    found = []
    for check in checks:
        if check.reads <= sections:
            for path, message in check.run(config, today):
                path = as_written(path, loaded.document.sources)
                source = loaded.source(path)
                found.append(problem(source.file, path, message, source.line))
    return found


def valid_sections(data: dict[str, Any], error: ValidationError) -> tuple[HubConfig, frozenset[str]]:
    """A HubConfig of the sections pydantic accepted, and their names; the other sections must not be read."""
    broken = {str(each["loc"][0]) for each in error.errors(include_url=False) if each["loc"]}
    whole: dict[str, Any] = {name: (info.annotation, info) for name, info in HubConfig.model_fields.items() if name not in broken}
    part = create_model("Part", __base__=Model, **whole).model_validate({name: data[name] for name in whole if name in data})
    values = {name: getattr(part, name) for name in whole}
    return HubConfig.model_construct(**values), frozenset(values)


__all__ = ["ALL", "run_checks", "run_text_checks", "valid_sections"]
