"""The verbs that read states and locks: unlock, status."""

from __future__ import annotations

from modules.ops.cli import parts


@parts.app.command(epilog="Example:  ./hub unlock dandi")
def unlock(env: parts.Env, yes: parts.Yes = False, as_json: parts.AsJson = False) -> int:
    """Show who holds the state locks of ENV, and release them if you say so."""
    from modules.ops.unlock import unlock as run

    return parts.run("unlock", env, as_json, lambda config: run(parts.ROOT, config, yes=yes, as_json=as_json), judged=False)


@parts.app.command(epilog="Example:  ./hub status demo --json")
def status(env: parts.Env, as_json: parts.AsJson = False) -> int:
    """Show the stacks of ENV as their states have them: resources and outputs."""
    from modules.ops.status.command import status as run

    return parts.run("status", env, as_json, lambda config: run(parts.ROOT, config, as_json=as_json), judged=False)
