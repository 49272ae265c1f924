"""The command line. Each verb imports what it needs when it runs: --help and validate must answer at once."""

from __future__ import annotations

import io
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from modules.common.errors import HubError

if TYPE_CHECKING:
    from modules.config.models import HubConfig

ROOT = Path(__file__).resolve().parents[2]
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


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Only defects of ours leave a traceback."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    command = typer.main.get_command(app)
    try:
        code = command.main(args=list(arguments), prog_name="./hub", standalone_mode=False)
    except typer.TyperException as error:
        # Typer's own exit code, 2, would read as "changes pending".
        print(f"./hub: {_sentence(error)}\n  what to do  ./hub --help, or ./hub <command> --help", file=sys.stderr)
        return 1
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return int(code) if isinstance(code, int) else 0


def _sentence(error: typer.TyperException) -> str:
    """What was wrong with the command line."""
    words: Any = getattr(error, "format_message", None)
    return str(words() if words else error)


def _as_interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _run(command: str, env: str, as_json: bool, body: Callable[[HubConfig], int], *, judged: bool = True) -> int:
    """`body` on the env's config; whatever ends it early becomes a sentence, an exit code and, if asked, the JSON object.

    judged: False for commands that build nothing (see load_env).
    """
    from modules.config.load import load_env
    from modules.ops.say import err, out

    started = time.monotonic()
    try:
        _known(env)
        return body(load_env(ROOT, env, judged=judged))
    except HubError as error:
        code, said = error.exit_code, str(error)
    except KeyboardInterrupt:
        code, said = (
            130,
            f"interrupted; what was done is in the state: ./{'cleanup' if command == 'cleanup' else 'install'}.sh {env} goes on from here",
        )
    err(said)
    if as_json:
        from modules.ops.report import summary

        out(summary(env, command, code, None, seconds=time.monotonic() - started, error=said))
    return code


def _known(env: str) -> None:
    from modules.config.load import list_envs

    envs = list_envs(ROOT)
    if env in envs:
        return
    close = get_close_matches(env, envs, n=1, cutoff=0.6)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    raise HubError(f'there is no env "{env}"{hint} Envs: {", ".join(envs) or "none"}', fix="name one of them, or make envs/<env>/hub.yaml")


def _show_version(value: bool) -> None:
    if value:
        from modules.ops.say import VERSION

        print(f"Hubsmith {VERSION}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command(epilog="Example:  ./install.sh dandi --plan")
def install(
    env: Env,
    plan_only: Annotated[bool, typer.Option("--plan", help="Show what would change; exit 0 for nothing, 2 for changes.")] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> int:
    """Build ENV, or bring it up to date. The same as ./install.sh ENV."""
    from modules.ops.install import InstallOptions
    from modules.ops.install import install as run

    return _run("plan" if plan_only else "install", env, as_json, lambda config: run(ROOT, config, InstallOptions(plan_only, as_json, yes)))


@app.command(epilog="Example:  ./hub plan dandi --json | tail -1")
def plan(env: Env, as_json: AsJson = False) -> int:
    """Show what an install would change. Exit 0 for nothing, 2 for changes, 1 for an error."""
    return install(env, plan_only=True, as_json=as_json)


@app.command(epilog="Examples:  ./cleanup.sh dandi --dry-run      ./cleanup.sh demo --delete-data --confirm demo")
def cleanup(
    env: Env,
    stack: Annotated[str, typer.Argument(help="Only this stack, such as hub; default: all of them.", metavar="[STACK]")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go and what would stay.")] = False,
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Remove file systems, buckets and users too.")] = False,
    purge_state: Annotated[bool, typer.Option("--purge-state", help="Remove Terraform's states and their bucket too.")] = False,
    confirm: Annotated[str, typer.Option("--confirm", help="The env's name, where nobody can type it.", metavar="ENV")] = "",
    as_json: AsJson = False,
) -> int:
    """Take ENV away; data is kept unless told otherwise. The same as ./cleanup.sh ENV."""
    from modules.ops.cleanup import CleanupOptions
    from modules.ops.cleanup import cleanup as run

    options = CleanupOptions(dry_run, delete_data, purge_state, confirm, as_json, stack)
    return _run("cleanup", env, as_json, lambda config: run(ROOT, config, options), judged=False)


@app.command(epilog="Examples:  ./hub validate dandi      ./hub validate --all      ./hub validate dandi --explain")
def validate(
    env: Annotated[str, typer.Argument(help="A folder of envs/.", metavar="[ENV]")] = "",
    every: Annotated[bool, typer.Option("--all", help="Check every env.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show each value and the file and line it comes from.")] = False,
    as_json: AsJson = False,
) -> int:
    """Check hub.yaml: every mistake at once, with what to do about it. Needs no network and no account."""
    from modules.ops.check import check

    if bool(env) == every:
        raise typer.BadParameter("name one ENV, or say --all")
    return check(ROOT, None if every else env, explain=explain, as_json=as_json)


@app.command(epilog="Example:  ./hub schema > envs/schema.json")
def schema() -> int:
    """Print the JSON schema of hub.yaml, for editors."""
    from modules.config.schema import schema_text

    print(schema_text(), end="")
    return 0


@app.command("import-tfvars", epilog="Example:  ./hub import-tfvars ../dandihub/envs/dandi/terraform.tfvars > envs/mine/hub.yaml")
def import_tfvars(file: Annotated[Path, typer.Argument(help="A dandihub terraform.tfvars.")]) -> int:
    """Print the hub.yaml that says what a dandihub terraform.tfvars says; what has no place in it is listed on stderr."""
    from modules.config.tfvars import import_tfvars as read

    try:
        imported = read(file.read_text(encoding="utf-8"), file.name)
    except OSError as error:
        print(f"{file}: cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"{file}: is not UTF-8 text", file=sys.stderr)
        return 1
    except HubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(imported.yaml, end="")
    for each in imported.unmapped:
        print(f"not mapped: {each.name}: {each.reason}", file=sys.stderr)
    return 0


@app.command("iam-policy", epilog="Example:  ./hub iam-policy dandi > deployer.json")
def iam_policy(env: Env) -> int:
    """Print the least-privilege policy of the role that installs ENV."""

    def body(config: HubConfig) -> int:
        from modules.iam.provisioning import provisioning_policy

        make: Callable[[Any], dict[str, Any]] = provisioning_policy
        print(json.dumps(make(config), indent=2))
        return 0

    return _run("iam-policy", env, False, body)


@app.command(epilog="Examples:  ./hub schemas list      ./hub schemas fetch")
def schemas(action: Annotated[str, typer.Argument(help="list or fetch.", metavar="list|fetch")], as_json: AsJson = False) -> int:
    """List or fetch the schemas of other projects' charts, by which a rehearsal checks their values."""
    if action not in ("list", "fetch"):
        raise typer.BadParameter(f'"{action}" is none of list, fetch')
    from modules.ops.schemas_command import Known, say_fetched, say_known
    from modules.rehearsal.verdicts.fetch import fetch, foreign_charts
    from modules.rehearsal.verdicts.schemas import known_schemas

    try:
        if action == "fetch":
            got = fetch(ROOT, lambda text: print(text, file=sys.stderr))
            return say_fetched(str(got.folder), got.written, got.there, got.failed, as_json=as_json)
        known = known_schemas(ROOT)
        found = [(each, known.values(each.chart, each.version)) for each in foreign_charts(ROOT)]
    except HubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    rows = [Known(each.chart, each.version, schema.name if schema else "", bool(schema and schema.inferred)) for each, schema in found]
    return say_known(rows, as_json=as_json)


@app.command("secrets", epilog="Examples:  ./hub secrets list dandi      ./hub secrets set dandi oauth-client-secret < file")
def secrets(
    action: Annotated[str, typer.Argument(help="list or set.", metavar="list|set")],
    env: Env,
    name: Annotated[str, typer.Argument(help="Which one to set.", metavar="[NAME]")] = "",
    source: Annotated[str, typer.Argument(help="- for standard input; default: a hidden question.", metavar="[-]")] = "",
    as_json: AsJson = False,
) -> int:
    """List the secrets of ENV, or set one: typed where nobody sees it, piped, or from TF_VAR_<name>."""
    if action not in ("list", "set"):
        raise typer.BadParameter(f'"{action}" is none of list, set')
    if (action == "set") is not bool(name):
        raise typer.BadParameter("say which secret: ./hub secrets set ENV NAME" if action == "set" else "list takes no NAME")

    def body(config: HubConfig) -> int:
        from modules.ops.secrets_command import list_secrets, set_secret

        return list_secrets(ROOT, config, as_json=as_json) if action == "list" else set_secret(ROOT, config, name, source, as_json=as_json)

    return _run("secrets", env, as_json, body)


@app.command("eks-token", epilog="Example:  ./hub eks-token dandi")
def eks_token(env: Env) -> int:
    """Print a credential for ENV's cluster, as kubectl and Terraform ask for it (ExecCredential)."""

    def body(config: HubConfig) -> int:
        import os

        from modules.ops.eks_token import credential

        environ: Mapping[str, str] = os.environ
        if config.rehearsal and "AWS_ENDPOINT_URL" not in environ:
            from modules.ops.target import rehearsal_environment

            environ = rehearsal_environment(ROOT, config)
            os.environ.update(environ)
        print(credential(config, environ))
        return 0

    return _run("eks-token", env, False, body, judged=False)


@app.command(epilog="Example:  ./hub unlock dandi")
def unlock(env: Env, yes: Yes = False, as_json: AsJson = False) -> int:
    """Show who holds the state locks of ENV, and release them if you say so."""
    from modules.ops.unlock import unlock as run

    return _run("unlock", env, as_json, lambda config: run(ROOT, config, yes=yes, as_json=as_json), judged=False)


@app.command(epilog="Example:  ./hub status demo --json")
def status(env: Env, as_json: AsJson = False) -> int:
    """Show the stacks of ENV as their states have them: resources and outputs."""
    from modules.ops.status import status as run

    return _run("status", env, as_json, lambda config: run(ROOT, config, as_json=as_json), judged=False)


@app.command(epilog="Examples:  ./hub rehearsal status      ./hub rehearsal cluster demo      ./hub rehearsal stop demo")
def rehearsal(
    action: Annotated[str, typer.Argument(help="status, cluster, stop or reset.", metavar="status|cluster|stop|reset")],
    env: Annotated[str, typer.Argument(help="A rehearsal env.", metavar="[ENV]")] = "demo",
    as_json: AsJson = False,
) -> int:
    """Show, end or empty the emulated account of a rehearsal; `cluster` shows what is in its cluster."""
    if action not in ("status", "cluster", "stop", "reset"):
        raise typer.BadParameter(f'"{action}" is none of status, cluster, stop, reset')

    def body(config: HubConfig) -> int:
        from modules.rehearsal import session

        if action == "status":
            running = session.status(ROOT, config.env)
            print(f"{env}: running on {running.url} (process {running.pid})" if running else f"{env}: not running")
        elif action == "cluster":
            from modules.ops.verdicts import say_cluster

            say_cluster(env, session.cluster(ROOT, config.env), session.cluster_dump(ROOT, config.env), as_json=as_json)
        elif action == "stop":
            print(f"{env}: stopped; its account is gone" if session.stop(ROOT, config.env) else f"{env}: was not running")
        else:
            print(f"{env}: its account is empty" if session.reset(ROOT, config.env) else f"{env}: was not running")
        return 0

    return _run("rehearsal", env, False, body)
