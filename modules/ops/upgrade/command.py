"""./hub upgrade <env> --to <version>: look, say, and with a person's word do one round."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.progress import Display, make_display
from modules.ops.say import headline, out, styled
from modules.ops.target import Target, resolve_target, running_rehearsal
from modules.ops.upgrade.executor import Executor, Patience, StillWaiting
from modules.ops.upgrade.gather import Gatherer
from modules.ops.upgrade.hands import EnvHands
from modules.ops.upgrade.hub_file import write_version
from modules.ops.upgrade.journal import open_journal
from modules.ops.upgrade.model import Plan
from modules.ops.upgrade.planner import plan as make_plan
from modules.ops.upgrade.report import plan_lines, plan_object
from modules.ops.upgrade.updates import Updates
from modules.ops.upgrade.versions import is_kubernetes
from modules.ops.workbench import Workbench, only_one, open_workbench


@dataclass(frozen=True)
class UpgradeOptions:
    """to: the Kubernetes version. write: may change hub.yaml. force: people's servers are not waited for. wait: minutes."""

    to: str
    plan_only: bool = False
    write: bool = False
    force: bool = False
    yes: bool = False
    as_json: bool = False
    wait: float = 60.0


def upgrade(root: Path, config: HubConfig, options: UpgradeOptions, *, pause: float = Patience.pause) -> int:
    """Plan an upgrade, or do its next round; the exit code: 0 done or possible, 1 refused, 2 something is needed or left, 130 stopped.

    Raises HubError for what stands in the way before the cluster was looked at, and when a step fails.
    """
    if not is_kubernetes(options.to):
        raise HubError(f'"{options.to}" is no Kubernetes version of EKS', where="--to", fix="write it like 1.36")
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run, so there is nothing to upgrade", fix=f"./install.sh {config.env}")
    command = _Upgrade(root, config, options, pause)
    if options.plan_only:
        return command.show(command.plan())
    with only_one(root, config.env, "./hub upgrade"):
        return command.run()


@dataclass
class _Upgrade:
    root: Path
    config: HubConfig
    options: UpgradeOptions
    pause: float
    display: Display = field(init=False)
    target: Target = field(init=False)

    def __post_init__(self) -> None:
        self.display = make_display(self.config.env, as_json=self.options.as_json)
        self.target = resolve_target(self.root, self.config)
        headline(self.display, self.config.env, self.target.label)

    def plan(self) -> Plan:
        """As things are now."""
        return make_plan(self._gatherer().facts(self.options.to), self.options.to)

    def show(self, plan: Plan) -> int:
        """Print a plan; its exit code."""
        styled(self.display, plan_lines(self.config.env, plan))
        return self._end(plan, plan.exit_code)

    def run(self) -> int:
        """One round, if nothing speaks against it and somebody agrees."""
        journal = open_journal(self.root, self.config.env)
        if journal.unfinished:
            self.display.note(journal.unfinished)
        plan = self._written(self._rested())
        styled(self.display, plan_lines(self.config.env, plan))
        if plan.exit_code or not plan.rounds:
            return self._end(plan, plan.exit_code)
        self._agree(plan)
        version = plan.rounds[0].version
        patience = Patience(self.options.wait * 60, self.pause)
        try:
            Executor(self._hands(version), version, self.display, journal, patience, self.options.force).run()
        except StillWaiting as waiting:
            self.display.step("waits", f"{waiting}. Nothing is broken, and their servers stay protected; {self._again()}", "warn")
            return self._end(plan, 2)
        except KeyboardInterrupt:
            raise HubError(f"interrupted; what was done is done. {self._again()}", exit_code=130) from None
        except HubError as error:
            raise HubError(error.what, where=error.where, fix=f"{error.fix}. {self._again()}", exit_code=error.exit_code) from error
        return self._done(plan)

    def _done(self, plan: Plan) -> int:
        left = len(plan.rounds) - 1
        self.display.step(
            self.config.env, f"is on EKS {plan.rounds[0].version}. Commit hub.yaml; ./hub verify {self.config.env} looks at it whole"
        )
        if left:
            self.display.step("next", f"{left} round{'s' if left > 1 else ''} left to {plan.target}: {self._again()}", "warn")
        return self._end(plan, 2 if left else 0)

    def _rested(self) -> Plan:
        """The plan, once updates that EKS is at have ended: those of a run that was stopped, for instance."""
        deadline = time.monotonic() + self.options.wait * 60
        plan = self.plan()
        while any(each.rule == "busy" for each in plan.findings) and plan.exit_code == 2 and time.monotonic() < deadline:
            self.display.note("; ".join(each.what for each in plan.findings if each.rule == "busy"))
            time.sleep(self.pause)
            plan = self.plan()
        return plan

    def _written(self, plan: Plan) -> Plan:
        """The plan with hub.yaml at the version of this round, when that is all that is missing and --write was said."""
        needs = {each.rule for each in plan.of("needs")}
        if not self.options.write or needs != {"file-version"} or plan.exit_code == 1:
            return plan
        version = plan.rounds[0].version if plan.rounds else plan.target
        file = write_version(self.root, self.config.env, version)
        self.display.step("hub.yaml", f'cluster.version: "{version}" in {file}')
        self.config = load_env(self.root, self.config.env, judged=False)
        return self.plan()

    def _agree(self, plan: Plan) -> None:
        if self.options.yes:
            return
        env = self.config.env
        question = f"Upgrade {env} to {plan.rounds[0].version}? EKS takes it back for seven days at most. Type the env's name to go on: "
        if self.display.ask(question) != env:
            raise HubError("nobody agreed to the upgrade; nothing was changed", fix="type the env's name, or say --yes")

    def _hands(self, version: str) -> EnvHands:
        config, gatherer = self.config, self._gatherer()
        return EnvHands(config, gatherer, Updates(gatherer.clients, config.cluster_name, self.pause), version, self._bench())

    def _bench(self) -> Callable[[], Workbench]:
        # Unjudged: the version of a round on the way may be out of support by itself.
        return cache(lambda: open_workbench(self.root, self.config, self.target, self.display, agree=self.options.yes, judged=False))

    def _gatherer(self) -> Gatherer:
        from modules.ops.cluster_api import open_cluster

        api = open_cluster(self.root, self.config, self.target)
        return Gatherer(self.root, self.config, Clients(self.target.session, self.config.region), api)

    def _again(self) -> str:
        return f"./hub upgrade {self.config.env} --to {self.options.to} goes on where this ended"

    def _end(self, plan: Plan, code: int) -> int:
        if self.options.as_json:
            out(json.dumps(plan_object(self.config.env, plan, code), ensure_ascii=False))
        return code
