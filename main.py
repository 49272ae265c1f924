"""Synthesise: read envs/<env>/hub.yaml and write Terraform for it. HUB_ENV names one env; unset means every env.
HUB_JUDGED=no leaves out the checks of whether an env is a good one to build, for its removal.

The runner (modules/ops) starts this as a child process; `cdktf synth` and `cdktf diff` start it through cdktf.json.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from modules.common.errors import HubError
from modules.config.load import list_envs, load_env

ROOT = Path(__file__).resolve().parent


def main() -> int:
    """Exit 0 when every stack was written and passed the checks; 1 with a sentence on standard error otherwise."""
    try:
        chosen = os.environ.get("HUB_ENV")
        judged = os.environ.get("HUB_JUDGED") != "no"
        configs = [load_env(ROOT, env, judged=judged) for env in ([chosen] if chosen else list_envs(ROOT))]
        # After the files have been read: a wrong file answers at once, without waiting for the engine to start.
        from modules.aspects.gate import check_output
        from modules.cdk import App
        from modules.stacks.app import build

        app = App(outdir=os.environ.get("CDKTF_OUTDIR"))
        stacks = [stack for config in configs for stack in build(app, config)]
        app.synth()
        check_output(Path(app.outdir), {stack.name: stack.protected for stack in stacks})
    except HubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
