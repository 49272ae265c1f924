"""./hub status: what the states say is there, read from S3 without Terraform or a provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout
from modules.ops.progress import short
from modules.ops.say import out
from modules.ops.state import StackState, known_stacks, stack_state
from modules.ops.synth import read_stacks
from modules.ops.target import resolve_target, running_rehearsal


def status(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print stacks, resource counts and outputs; sensitive outputs are named, not shown. Exit 0 also when nothing is there."""
    if config.rehearsal and not running_rehearsal(root, config):
        found: dict[str, StackState | None] = {}
    else:
        session = resolve_target(root, config).session
        names = stack_names(Layout(root, config.env), session, config)
        found = {name: stack_state(session, config, name) for name in names}
    declared = _open_outputs(Layout(root, config.env).out)
    outputs = {name: _shown(state, declared.get(name, frozenset())) for name, state in found.items()}
    if as_json:
        stacks = {name: {"resources": len(state.resources) if state else 0, "outputs": outputs[name]} for name, state in found.items()}
        out(json.dumps({"env": config.env, "command": "status", "exit": 0, "stacks": stacks}))
        return 0
    if not any(found.values()):
        out(f"{config.env}: nothing is applied. ./install.sh {config.env}")
    for name, state in found.items():
        out(f"{short(config.env, name):<12} {f'{len(state.resources)} resources' if state else 'not applied'}")
        for key, value in outputs[name].items():
            out(f"  {key:<30} {value}")
    return 0


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


def _shown(state: StackState | None, open_outputs: frozenset[str]) -> dict[str, Any]:
    """Outputs made for people: those between stacks are internal and left out."""
    return {
        name: value if name in open_outputs else "(sensitive)"
        for name, value in (state.outputs if state else {}).items()
        if not name.startswith("cross-stack-output-")
    }
