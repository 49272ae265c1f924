"""What the states say is there, read from S3 without Terraform or a provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout
from modules.ops.state import StackState, known_stacks, stack_state
from modules.ops.synth import read_stacks


@dataclass(frozen=True)
class Stacks:
    """states: by stack, None for one never applied. unread: by stack, why its state cannot be read. open: by stack, the outputs
    that the last synth declared as not sensitive."""

    states: dict[str, StackState | None] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    open: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def applied(self) -> dict[str, StackState]:
        """The stacks that have a state."""
        return {name: state for name, state in self.states.items() if state is not None}

    def shown(self, name: str) -> dict[str, Any]:
        """Outputs of one stack made for people: those between stacks are internal and left out, sensitive ones are named only."""
        state, declared = self.states.get(name), self.open.get(name, frozenset())
        return {
            key: value if key in declared else "(sensitive)"
            for key, value in (state.outputs if state else {}).items()
            if not key.startswith("cross-stack-output-")
        }

    def output(self, env: str, stack: str, key: str) -> Any:
        """One output by the stack's short name, None where it is not. Only for keys that are known to hold no secret."""
        state = self.states.get(f"{env}-{stack}")
        return state.outputs.get(key) if state else None


def read_all(root: Path, config: HubConfig, session: boto3.Session) -> Stacks:
    """Every stack of the env. A state that cannot be read is named in `unread`; HubError only where their list is refused."""
    layout = Layout(root, config.env)
    found = Stacks(open=_open_outputs(layout.out))
    for name in stack_names(layout, session, config):
        try:
            found.states[name] = stack_state(session, config, name)
        except HubError as error:
            found.unread[name] = error.what
    return found


def stack_names(layout: Layout, session: boto3.Session, config: HubConfig) -> tuple[str, ...]:
    """The stacks of the last synth; where there was none, those that have a state or a lock."""
    try:
        return tuple(stack.name for stack in read_stacks(layout.out))
    except HubError:
        return known_stacks(session, config)


def _open_outputs(folder: Path) -> dict[str, frozenset[str]]:
    """By stack, the outputs that the last synth declared as not sensitive; what is not known to be open stays unsaid."""
    try:
        stacks = read_stacks(folder)
    except HubError:
        return {}
    return {
        stack.name: frozenset(name for name, output in stack.document().get("output", {}).items() if output.get("sensitive") is False)
        for stack in stacks
    }
