"""Has every secret that a person fills a value, or somebody who will be asked for it? No value is read here."""

from __future__ import annotations

import os

from modules.ops.preflight.check import Answer, Check, Context, Finding
from modules.ops.secrets import needs


def check_secrets(context: Context) -> Answer:
    """Name the secrets without a value. Raises HubError when the env cannot be synthesised, or AWS refuses to look at a secret."""
    config = context.config
    filled = [need for need in needs(context.stacks()) if need.readers and not need.made]
    lacking = context.secret_store().without_value(filled)
    coming = [need for need in lacking if os.environ.get(need.variable)]
    findings = []
    for need in lacking:
        if config.rehearsal or need in coming:
            continue
        command = f"./hub secrets set {config.env} {need.name}"
        if context.may_ask:
            findings.append(Finding("note", need.name, "has no value yet; an install asks for it before it makes anything", command))
        else:
            what = "has no value yet, and nobody can be asked in this run"
            findings.append(Finding("error", need.name, what, f"{command}, or give it in {need.variable}"))
    said = [f"{len(filled)} secret{'' if len(filled) == 1 else 's'}"]
    said += [f"{', '.join(need.name for need in coming)} from the environment"] if coming else []
    said += [f"the rehearsal makes up {len(lacking) - len(coming)}"] if config.rehearsal and len(lacking) > len(coming) else []
    return Answer(", ".join(said), findings)


SECRETS = Check("secrets", check_secrets)
