"""./hub preflight, and preflight as the first step of an install."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.layout import Layout
from modules.ops.preflight.check import Context, Result
from modules.ops.preflight.report import as_data, sentence, table
from modules.ops.preflight.run import run_checks
from modules.ops.preflight.spot_role import make_spot_role
from modules.ops.progress import Display, make_display
from modules.ops.say import headline, out, styled
from modules.ops.synth import synth
from modules.ops.target import Target, resolve_target


def preflight(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Ask everything and show it; exit 1 when something is red, 0 otherwise. Nothing is changed."""
    display = make_display(config.env, as_json=as_json)
    target = resolve_target(root, config)
    headline(display, config.env, target.label)
    results = run_checks(_context(root, config, target, display, may_ask=not as_json))
    code = int(any(each.state == "error" for each in results))
    styled(display, table(results))
    if as_json:
        out(json.dumps({"env": config.env, "command": "preflight", "exit": code, "checks": as_data(results)}))
    return code


def check_first(root: Path, config: HubConfig, target: Target, display: Display, *, may_ask: bool = False, stop: bool = True) -> None:
    """A step of an install: one line when all is well. Raises HubError when something is red, unless `stop` is False (a plan).

    may_ask: whether the install would ask a person at the terminal for missing secrets. When nothing is red, the role that spot
    nodes need is made where the account lacks it.
    """
    context = _context(root, config, target, display, may_ask=may_ask, may_create=stop)
    results = run_checks(context)
    red = [each for each in results if each.state == "error"]
    state = "bad" if red else "warn" if any(each.state != "ok" for each in results) else "ok"
    display.step("preflight", sentence(results), state)
    styled(display, [line for each in results if each.state != "ok" for line in table([each])])
    if red and stop:
        raise _refusal(config, red)
    # Only now: whoever is refused is told that nothing was made.
    if stop and (made := make_spot_role(context)):
        display.step("preflight", made)


def _context(root: Path, config: HubConfig, target: Target, display: Display, *, may_ask: bool, may_create: bool = False) -> Context:
    layout = Layout(root, config.env)
    return Context(
        config,
        Clients(target.session, config.region),
        is_rehearsal=target.is_rehearsal,
        stacks=lambda: synth(layout, os.environ, display.note).stacks,
        may_ask=may_ask and bool(sys.stdin and sys.stdin.isatty()),
        may_create=may_create,
        tools=layout.tools,
    )


def _refusal(config: HubConfig, red: Sequence[Result]) -> HubError:
    """All of it in one error, for --json, which has no table."""
    errors = [each for result in red for each in result.findings if each.severity == "error"]
    said = "; ".join(f"{each.where}: {each.what}" for each in errors)
    return HubError(
        f"preflight found {len(errors)} thing{'s' if len(errors) > 1 else ''} that would stop it; nothing was made. {said}",
        fix=f"see above, correct envs/{config.env}/hub.yaml and run it again; --skip-preflight goes on regardless",
    )
