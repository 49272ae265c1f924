"""./install.sh <env>: from a checked file to an applied env, or a sentence that says what stands in the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modules.config.models import HubConfig
from modules.ops.bootstrap import ensure_state_backend
from modules.ops.cost.estimate import estimate, in_short
from modules.ops.desktop.report import report_rows
from modules.ops.homes.restore import HomesBack
from modules.ops.locks import repair_digests
from modules.ops.plan import Told, plan
from modules.ops.preflight.command import check_first
from modules.ops.progress import Display, human, make_display
from modules.ops.report import failure_lines, summary, tally
from modules.ops.results import RunResult
from modules.ops.say import headline, out, styled
from modules.ops.secret_delivery import collect
from modules.ops.secrets_command import ask_hidden
from modules.ops.sleep.asleep import refuse_asleep
from modules.ops.state import stack_state
from modules.ops.target import Target, cluster_summary
from modules.ops.teardown.freeze import opener
from modules.ops.teardown.recovery import Recovery
from modules.ops.verdicts import verdict_lines
from modules.ops.workbench import Workbench, only_one, open_workbench, place


@dataclass(frozen=True)
class InstallOptions:
    """plan_only: show what would happen. as_json: one object on the last line. yes: agree to plans that lose data.

    skip_preflight: do not ask AWS first whether it can work. told: who hears of a plan (modules.ops.plan). quiet: print nothing,
    because something else is printed.
    """

    plan_only: bool = False
    as_json: bool = False
    yes: bool = False
    skip_preflight: bool = False
    told: Told | None = None
    quiet: bool = False


def install(root: Path, config: HubConfig, options: InstallOptions) -> int:
    """Apply every stack of `config`, or plan it; the exit code of the command.

    Raises HubError for what stands in the way before Terraform starts.
    """
    started = time.monotonic()
    display = make_display(config.env, as_json=options.as_json or options.quiet)
    with only_one(root, config.env, "./install.sh"):
        target = place(root, config, display, lambda label: headline(display, config.env, label))
        display.step("config", describe(config))
        refuse_asleep(target.session, config)
        if not options.skip_preflight:
            check_first(root, config, target, display, may_ask=not options.as_json, stop=not options.plan_only)
        if options.plan_only:
            return plan(root, config, target, display, as_json=options.as_json, started=started, told=options.told)
        bench = open_workbench(root, config, target, display, agree=options.yes)
        # Nothing is made yet: who has to fetch a secret first has lost no time.
        delivery = collect(bench.secrets, config, bench.stacks, _asker(options), display.note)
        _bootstrap(target, config, display)
        for line in repair_digests(target.session, config, tuple(stack.name for stack in bench.stacks)):
            display.step("state", line)
        homes = HomesBack(root, config, target)
        recovery = Recovery(config, target.session, bench.stacks, opener(root, config, target), display.note)
        result = bench.engine(before=_in_turn(delivery.before, recovery.before, homes.before)).up(bench.stacks)
    bench.record("install", result.exit_code, result)
    for line in recovery.lines:
        display.step("recovered", line)
    for line in homes.lines:
        display.step("homes", line)
    _say(bench, result, time.monotonic() - started)
    if options.as_json:
        out(summary(config.env, "install", result.exit_code, result, seconds=time.monotonic() - started))
    return result.exit_code


def _in_turn(*acts: Callable[[str], None]) -> Callable[[str], None]:
    """What comes before a stack, one after the other."""

    def before(stack: str) -> None:
        for act in acts:
            act(stack)

    return before


def _asker(options: InstallOptions) -> Callable[[str], str | None]:
    """Who is asked for secrets: nobody where the output is for machines."""
    return (lambda question: None) if options.as_json else ask_hidden


def describe(config: HubConfig) -> str:
    """What the file says, in a line."""
    parts = [f"envs/{config.env}/hub.yaml: EKS {config.cluster.version}"]
    parts += [f"{number} {noun}{'s' if number > 1 else ''}" for noun, number in _things(config).items() if number]
    return ", ".join([*parts, f"{config.auth.kind} login"])


def _things(config: HubConfig) -> Counter[str]:
    return Counter({"pool": len(config.pools), "node group": len(config.node_groups), "profile": len(config.hub.profiles)})


def _bootstrap(target: Target, config: HubConfig, display: Display) -> None:
    made = ensure_state_backend(target.session, config)
    done = [*(f"made {each}" for each in made.created), *(f"repaired {each}" for each in made.repaired)]
    display.step("state", "; ".join(done) or f"bucket {config.state_bucket} and lock table ready")


def _say(bench: Workbench, result: RunResult, seconds: float) -> None:
    """The end of the report for a person; --json has its own."""
    config, display = bench.config, bench.display
    for failed in result.failures:
        styled(display, [("bad", line) for line in failure_lines(failed)])
    if result.exit_code == 0:
        display.step(config.env, f"is up in {human(seconds)} · {tally(result, done=True)}")
        rows = {
            "hub": _hub(config, bench),
            **report_rows(config, bench.target.session),
            "kubectl": f"aws eks update-kubeconfig --name {config.cluster_name} --region {config.region}",
            "cost": in_short(estimate(config)),
            "next": f"./hub verify {config.env} · ./hub status {config.env} · ./install.sh {config.env} --plan · ./cleanup.sh {config.env}",
        }
        styled(display, [("", f"  {name:<11} {text}") for name, text in rows.items() if text])
        styled(display, verdict_lines(cluster_summary(bench.layout.root, config)))
        _warn_of_drift(bench, result)
    else:
        verb = "interrupted" if result.interrupted else "stopped"
        again = f"./install.sh {config.env} goes on where this ended"
        display.step(config.env, f"{verb} after {human(seconds)}; what was made is kept and in the state. {again}", "bad")


def _hub(config: HubConfig, bench: Workbench) -> str:
    """Where people log in: the env's own name, else the load balancer's."""
    state = stack_state(bench.target.session, config, f"{config.env}-hub")
    address = state.outputs.get("hub_address") if state else None
    url = config.hub_url or (f"http://{address}" if address else "")
    if url and bench.target.is_rehearsal:
        return f"{url}   (rehearsal: nothing listens there)"
    return url


def _warn_of_drift(bench: Workbench, result: RunResult) -> None:
    """What was changed by hand and no plan undoes must not pass in silence."""
    for each in result.stacks:
        if each.drift and each.outcome == "unchanged":
            names = ", ".join(change.address for change in each.drift)
            bench.display.step(
                "drift", f"{names}: changed behind Terraform, and not undone. ./install.sh {bench.config.env} --plan shows it", "warn"
            )
