"""./hub secrets: which secrets an env has, whether they have a value, and giving them one."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout
from modules.ops.say import out
from modules.ops.secret_store import SecretStore
from modules.ops.secrets import Need, check_value, needs
from modules.ops.synth import synth
from modules.ops.target import resolve_target, running_rehearsal

#: What stands for standard input where a name of a file would.
STDIN = "-"


def list_secrets(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print each secret, who fills it and since when it has its value; never the value. Exit 0."""
    found = needs(synth(Layout(root, config.env), os.environ).stacks)
    if config.rehearsal and not running_rehearsal(root, config):
        days: dict[str, str | None] = {}
    else:
        store = SecretStore(resolve_target(root, config).session, config)
        days = {need.id: store.changed(need.id) for need in found}
    if as_json:
        rows = [{"name": each.name, "id": each.id, "by": each.by, "changed": days.get(each.id)} for each in found]
        out(json.dumps({"env": config.env, "command": "secrets", "exit": 0, "secrets": rows}))
        return 0
    for each in found:
        day = days.get(each.id)
        state = "no value" if day is None else f"set {day}".rstrip()
        hint = f"   ./hub secrets set {config.env} {each.name}" if day is None and not each.made else ""
        out(f"{each.name:<28} {state:<15} by {each.by}{hint}")
    if not found:
        out(f"{config.env} reads no secret")
    return 0


def set_secret(root: Path, config: HubConfig, name: str, source: str, *, as_json: bool) -> int:
    """Give one secret a value: typed where nobody sees it, from standard input, or from its TF_VAR_ variable. Exit 0.

    Raises HubError for a name the env does not use, one that no person fills, and a value that cannot be right.
    """
    need = _chosen(config, name, needs(synth(Layout(root, config.env), os.environ).stacks))
    value = check_value(config, need.name, read_value(need, source, os.environ))
    SecretStore(resolve_target(root, config).session, config).put(need, value)
    if as_json:
        out(json.dumps({"env": config.env, "command": "secrets", "exit": 0, "set": need.name}))
    else:
        out(f"{need.name}: set. ./install.sh {config.env} takes it over")
    return 0


def read_value(need: Need, source: str, environ: Mapping[str, str]) -> str:
    """The value as it comes: `source` is "-" for standard input. Raises HubError when nobody gives one."""
    if source not in ("", STDIN):
        # Not repeated: it may well be the secret itself.
        raise HubError("a secret is not given on the command line, where others see it", fix="type it when asked, or pipe it and say -")
    if source == STDIN or (not sys.stdin.isatty() and need.variable not in environ):
        return sys.stdin.read()
    return environ.get(need.variable) or ask_hidden(f"Value of {need.name} (not shown): ") or ""


def ask_hidden(question: str) -> str | None:
    """What a person types without being seen; None where nobody can be asked."""
    if not (sys.stdin and sys.stdin.isatty()):
        return None
    try:
        return getpass.getpass(question)
    except EOFError:
        return None


def _chosen(config: HubConfig, name: str, found: tuple[Need, ...]) -> Need:
    need = next((each for each in found if name in (each.name, each.id)), None)
    if need is None:
        names = ", ".join(each.name for each in found if not each.made) or "none"
        raise HubError(f'{config.env} reads no secret "{name}"', fix=f"name one of them: {names}")
    if need.made:
        why = "a new value would end every session" if need.by == "Terraform" else "Vault and what is kept here have to agree"
        raise HubError(f"{need.by} fills {name} by itself, once", fix=f"leave it alone: {why}")
    return need
