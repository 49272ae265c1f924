"""./hub plan: the plan of an install, as lines, as one JSON object or as Markdown, with an exit code for lost data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.ops.install import InstallOptions, install
from modules.ops.plan import CHANGES
from modules.ops.pull_request import money, offline
from modules.ops.pull_request.differences import differences
from modules.ops.pull_request.report import Context, loses_data, report, unplanned
from modules.ops.results import RunResult
from modules.ops.say import out
from modules.ops.target import Target, end_rehearsal

#: What ./hub plan ends with when the plan replaces or destroys what people made, and nobody allowed it.
LOSES_DATA = 3


@dataclass(frozen=True)
class PlanOptions:
    """markdown: whether a report is wanted; file: where it goes, None for standard output. base: a checkout to compare with.

    without_account: plan against an emulator. allow_loss: data may be lost. as_json: end with one object.
    """

    markdown: bool = False
    file: Path | None = None
    base: Path | None = None
    without_account: bool = False
    allow_loss: bool = False
    as_json: bool = False

    @property
    def silent(self) -> bool:
        """Whether standard output is for the report alone."""
        return self.markdown and self.file is None

    def check(self) -> None:
        """Raises HubError for wishes that exclude each other."""
        if self.silent and self.as_json:
            raise HubError("--markdown and --json both write to standard output", fix="name a file: --markdown --out report.md")


def plan_env(root: Path, config: HubConfig, options: PlanOptions) -> int:
    """Plan `config`: 0 nothing to do, 2 changes, 3 data would be lost, 1 an error. Raises HubError as install does."""
    if not options.without_account:
        return _plan(root, root, config, options, ())
    place = offline.lay_out(root, config.env)
    try:
        rehearsed = load_env(place, config.env)
        offline.prepare(place, rehearsed)
        return _plan(root, place, rehearsed, options, (offline.NOTE,))
    finally:
        end_rehearsal(place, config.env)


def write(options: PlanOptions, text: str) -> None:
    """The report where it belongs."""
    if options.file is None:
        out(text.rstrip())
    else:
        options.file.write_text(text, encoding="utf-8")


def write_failure(options: PlanOptions, env: str, said: str) -> None:
    """A report all the same when there is no plan: what stood in its way."""
    if options.markdown and not (options.silent and options.as_json):
        write(options, unplanned(env, said))


def judged(result: RunResult, code: int, *, allow_loss: bool) -> int:
    """The exit code of ./hub plan, from that of a plan. An error stays an error: what could not be planned is not allowed either."""
    return LOSES_DATA if code == CHANGES and loses_data(result) and not allow_loss else code


def _plan(root: Path, place: Path, config: HubConfig, options: PlanOptions, notes: Sequence[str]) -> int:
    def told(result: RunResult, target: Target, code: int) -> int:
        if options.markdown:
            base = options.base
            lines = differences(base, root, config.env) if base else ()
            cost = money.lines(config, base)
            # A rehearsal's port would differ from one comment to the next.
            where = "No account" if target.is_rehearsal else target.label.capitalize()
            context = Context(f"{where}.", cost, notes, lines, options.allow_loss)
            write(options, report(config.env, result, context))
        return judged(result, code, allow_loss=options.allow_loss)

    # A report is of changes, and is made by a role that may not do what an install needs.
    chosen = InstallOptions(plan_only=True, as_json=options.as_json, skip_preflight=options.markdown, told=told, quiet=options.silent)
    return install(place, config, chosen)
