"""./hub verify: every check that concerns this env, and one verdict."""

from __future__ import annotations

import time
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.progress import make_display
from modules.ops.say import headline, out
from modules.ops.verify.checks import chosen
from modules.ops.verify.report import as_json as as_object
from modules.ops.verify.report import say, say_end
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options, open_scene


def verify(root: Path, config: HubConfig, options: Options, *, as_json: bool) -> int:
    """Look at everything and say it; exit 1 when something is red, else 0: what could not be looked at is no fault.

    Changes nothing, but with options.spawn, which starts and stops one server. Raises HubError when there is nothing to look at.
    """
    _check(config, options)
    started, display = time.monotonic(), make_display(config.env, as_json=as_json)
    scene = open_scene(root, config, options)
    headline(display, config.env, scene.target.label)
    results = run_checks(scene, chosen(config, options), lambda result: say(display, result))
    code = int(any(each.state == "failed" for each in results))
    took = time.monotonic() - started
    say_end(display, config.env, results, took)
    if as_json:
        out(as_object(config.env, code, results, took))
    return code


def _check(config: HubConfig, options: Options) -> None:
    if options.dask and config.dask is None:
        raise HubError(f"{config.env} has no Dask", where=f"envs/{config.env}/hub.yaml", fix="add a section `dask`, or leave --dask out")
    if options.profile and not (options.spawn or options.dask):
        raise HubError("--profile says nothing without --spawn or --dask", fix="add --spawn")
