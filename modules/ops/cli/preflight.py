"""./hub preflight: what would stop an install."""

from __future__ import annotations

from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub preflight dandi      ./hub preflight dandi --json")
def preflight(env: parts.Env, as_json: parts.AsJson = False) -> int:
    """Ask AWS whether ENV can be built as it is written: credentials, permissions, versions, room, names. Changes nothing."""
    from modules.ops.preflight.command import preflight as run

    return parts.run("preflight", env, as_json, lambda config: run(parts.ROOT, config, as_json=as_json))
