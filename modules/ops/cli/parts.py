"""What all verbs share: the app, their common arguments, and how an early end becomes a sentence and an exit code."""

from __future__ import annotations

import time
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modules.common.errors import HubError

if TYPE_CHECKING:
    from modules.config.models import HubConfig

#: The repository. Read as `parts.ROOT`, so that a test can put another in its place.
ROOT = Path(__file__).resolve().parents[3]
_EXAMPLES = """\b
./install.sh demo              a rehearsal: no AWS account needed
./install.sh dandi --plan      what an install would change
./hub validate --all           check every envs/<env>/hub.yaml
./cleanup.sh demo --dry-run    what a cleanup would remove
"""
app = typer.Typer(
    help="Research computing hubs on AWS EKS, one file per env.",
    epilog=f"Examples:\n\n{_EXAMPLES}",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Env = Annotated[str, typer.Argument(help="A folder of envs/, such as demo.", metavar="ENV")]
AsJson = Annotated[bool, typer.Option("--json", help="End with one JSON object, and print nothing else.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer yes to questions; needed where nobody can type.")]


def run(
    command: str,
    env: str,
    as_json: bool,
    body: Callable[[HubConfig], int],
    *,
    judged: bool = True,
    failed: Callable[[str], None] = lambda said: None,
) -> int:
    """`body` on the env's config; whatever ends it early becomes a sentence, an exit code and, if asked, the JSON object.

    judged: False for commands that build nothing (see load_env). failed: hears the sentence too.
    """
    from modules.config.load import load_env
    from modules.ops.failures.disk import disk_is_full, is_full
    from modules.ops.say import err, out

    started = time.monotonic()
    try:
        _known(env)
        return body(load_env(ROOT, env, judged=judged))
    except HubError as error:
        code, said = error.exit_code, str(error)
    except OSError as error:
        if not is_full(error):
            raise
        code, said = 1, str(disk_is_full(error.filename or ROOT))
    except KeyboardInterrupt:
        code, said = 130, _interrupted(command, env)
    err(said)
    failed(said)
    if as_json:
        from modules.ops.report import summary

        out(summary(env, command, code, None, seconds=time.monotonic() - started, error=said))
    return code


def _interrupted(command: str, env: str) -> str:
    if command == "users":
        return f"interrupted; what was done stays: ./hub users list {env} shows it, and the same command goes on from here"
    if command in ("cost", "launcher", "preflight", "roles", "shell", "status", "support-bundle"):
        return "interrupted"
    if command == "restore":
        return f"interrupted; a job that was started goes on in AWS: ./hub restore {env} --list shows its point"
    if command == "sweep":
        return f"interrupted; what was removed is gone: the same ./hub sweep {env} goes on"
    if command == "verify":
        return "interrupted; a server that --spawn had started is stopped by the next --spawn, or by the hub once it is idle"
    if command == "upgrade":
        return f"interrupted; nothing is half done: the same ./hub upgrade {env} looks at the cluster and goes on"
    if command in ("sleep", "wake"):
        return f"interrupted; what was done is remembered: the same ./hub {command} {env} goes on"
    if command in ("desktop", "ray"):
        return f"interrupted; what was asked for stays asked for: ./hub {command} status {env}"
    if command == "vault":
        return f"interrupted; what was done stays: the same ./hub vault command looks at {env} and goes on from there"
    return f"interrupted; what was done is in the state: ./{'cleanup' if command == 'cleanup' else 'install'}.sh {env} goes on from here"


def _known(env: str) -> None:
    from modules.config.load import list_envs

    envs = list_envs(ROOT)
    if env in envs:
        return
    close = get_close_matches(env, envs, n=1, cutoff=0.6)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    raise HubError(f'there is no env "{env}"{hint} Envs: {", ".join(envs) or "none"}', fix="name one of them, or make envs/<env>/hub.yaml")
