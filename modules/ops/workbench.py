"""Everything a command on one env needs before Terraform can run: account, state home, stacks, programs, an engine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import plugins
from modules.ops.adopt import adoptions
from modules.ops.aws_clients import client
from modules.ops.engine import Adoption, Engine
from modules.ops.failures.aws import doing, missing_is_fine
from modules.ops.layout import Layout, Run, private_dir, write_json
from modules.ops.progress import Display, human
from modules.ops.results import Change, RunResult
from modules.ops.secret_delivery import lacking
from modules.ops.secret_store import SecretStore
from modules.ops.secrets import needs
from modules.ops.state import stack_state, state_saved_at
from modules.ops.synth import Stack, Synthesised, synth
from modules.ops.target import Target, resolve_target
from modules.ops.tools import Terraform, find_terraform


@dataclass(frozen=True)
class Workbench:
    """One env, ready to run. agree: whether plans that lose data are applied without asking."""

    config: HubConfig
    layout: Layout
    target: Target
    display: Display
    terraform: Terraform
    synthesised: Synthesised
    plugins: plugins.Plugins
    run: Run
    agree: bool = False
    stacks: tuple[Stack, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacks", self.synthesised.stacks)

    def engine(self, *, adopt: bool = True, before: Callable[[str], None] = lambda stack: None) -> Engine:
        """A runner over this env's stacks, with its eyes on the account. adopt: take over what exists and is in no state.

        before: see Engine.
        """
        return Engine(
            layout=self.layout,
            target=self.target,
            display=self.display,
            terraform=self.terraform,
            plugins=self.plugins,
            run=self.run,
            adopt=self._adoptions if adopt else lambda stack, document: (),
            in_state=self._in_state,
            tainted=self._tainted,
            approve=self._approve,
            before=before,
            lacks=self._lacks,
            cluster_is_gone=self._cluster_is_gone,
            saved_at=lambda stack: state_saved_at(self.target.session, self.config, stack),
        )

    @property
    def secrets(self) -> SecretStore:
        """The env's secrets."""
        return SecretStore(self.target.session, self.config)

    def record(self, command: str, exit_code: int, result: RunResult) -> None:
        """Leave run.json beside the logs."""
        stacks = {each.stack: {"outcome": each.outcome, "seconds": round(each.seconds, 1)} for each in result.stacks}
        write_json(
            self.run.folder / "run.json", {"command": command, "exit": exit_code, "seconds": round(result.seconds, 1), "stacks": stacks}
        )

    def _adoptions(self, stack: str, document: dict[str, Any]) -> Sequence[Adoption]:
        state = stack_state(self.target.session, self.config, stack)
        return adoptions(self.target.session, self.config, stack, document, state.addresses if state else frozenset())

    def _in_state(self, stack: str) -> frozenset[str] | None:
        state = stack_state(self.target.session, self.config, stack)
        return state.addresses if state and (state.addresses or state.outputs) else None

    def _tainted(self, stack: str) -> frozenset[str]:
        state = stack_state(self.target.session, self.config, stack)
        return frozenset(each.address for each in state.resources if each.tainted) if state else frozenset()

    def _cluster_is_gone(self) -> bool:
        name = self.config.cluster_name
        with doing(f"look for the cluster {name}"), missing_is_fine():
            client(self.target.session, "eks", self.config.region).describe_cluster(name=name)
            return False
        return True

    def _lacks(self, stack: Stack) -> Sequence[str]:
        return lacking(self.secrets, stack, needs(self.stacks))

    def _approve(self, stack: str, lost: Sequence[Change]) -> bool:
        if self.agree:
            return True
        names = "\n".join(f"  {'DATA ' if each.loses_data else 'FOUND'} {each.action} {each.address}" for each in lost)
        answer = self.display.ask(f"The plan of {stack} takes away:\n{names}\nType the env's name to go on: ")
        return answer is not None and answer == self.config.env


def place(root: Path, config: HubConfig, display: Display, headline: Callable[[str], None]) -> Target:
    """The account, checked and announced."""
    target = resolve_target(root, config)
    headline(target.label)
    return target


def open_workbench(
    root: Path, config: HubConfig, target: Target, display: Display, *, agree: bool = False, judged: bool = True
) -> Workbench:
    """Find the programs, synthesise, and prepare Terraform's configuration. Raises HubError when something is missing.

    judged: False for a removal (see modules.config.load.load_env).
    """
    layout = Layout(root, config.env)
    terraform = find_terraform(layout.tools, os.environ)
    synthesised = synth(layout, {**os.environ, "HUB_JUDGED": "yes" if judged else "no"}, display.note)
    count = len(synthesised.stacks)
    how = "unchanged since the last run" if synthesised.reused else f"in {human(synthesised.seconds)}"
    display.step("synth", f"{count} stacks, {synthesised.resources} resources {how}")
    documents = [stack.document() for stack in synthesised.stacks]
    wanted = plugins.requirements(documents, terraform.flavour)
    found = plugins.prepare(layout.plugins, wanted, terraform, os.environ, standins=target.mirror, config=layout.cli_config)
    if found.from_registry:
        display.note(f"{', '.join(found.from_registry)} comes from the registry: the first run downloads some hundred MB")
    return Workbench(config, layout, target, display, terraform, synthesised, found, layout.start_run(), agree)


@contextmanager
def only_one(root: Path, env: str, command: str) -> Iterator[None]:
    """Refuse a second command on the same env of this checkout: two would share Terraform's working directories."""
    path = private_dir(Layout(root, env).home) / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text(encoding="utf-8").strip() or "another command"
            raise HubError(f"{holder} works on {env} in this checkout", fix="wait until it ends, or stop it with Ctrl-C") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{command} (process {os.getpid()})".encode())
        yield
    finally:
        os.close(descriptor)
