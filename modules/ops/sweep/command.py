"""./hub sweep as a person types it: look, say, ask, remove, and say what is left and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import doing
from modules.ops.locks import held_locks
from modules.ops.progress import Display, make_display
from modules.ops.say import headline, out, styled
from modules.ops.state import has_backend, known_stacks, stack_state
from modules.ops.sweep import engine
from modules.ops.sweep.model import Remaining, Sweepable, Swept
from modules.ops.sweep.registry import LISTERS
from modules.ops.sweep.run import orphans
from modules.ops.sweep.scope import Held, Scope, held_by
from modules.ops.target import resolve_target, running_rehearsal
from modules.ops.workbench import only_one

#: Said of what is found beside a living cluster without a proof that it is unused.
UNDECIDED = "in use by the running cluster, or not decidable while it runs"
_NOTHING = Swept((), ())


@dataclass(frozen=True)
class SweepOptions:
    """dry_run: only look. yes: do not ask."""

    dry_run: bool = False
    yes: bool = False
    as_json: bool = False


def sweep_env(root: Path, config: HubConfig, options: SweepOptions) -> int:
    """Remove what no state knows and nothing uses. Exit 0 when nothing of that is left, 1 when something is; of a dry run 2 when
    something would go. Raises HubError when a run holds a state lock, when nobody agrees, and when AWS refuses to let us look."""
    display = make_display(config.env, as_json=options.as_json)
    if config.rehearsal and not running_rehearsal(root, config):
        display.step(config.env, "nothing is there: its rehearsal does not run")
        return _end(config, options, 0, (), (), _NOTHING)
    with only_one(root, config.env, "./hub sweep"):
        target = resolve_target(root, config)
        headline(display, config.env, target.label)
        return _Sweep(target.session, config, options, display).run()


class _Sweep:
    def __init__(self, session: boto3.Session, config: HubConfig, options: SweepOptions, display: Display) -> None:
        self._session = session
        self._config = config
        self._options = options
        self._display = display

    def run(self) -> int:
        config, options, display = self._config, self._options, self._display
        found, scope = self._look()
        goes = [item for item in found if _is_proven(item, scope)]
        stays = [item for item in found if not _is_proven(item, scope)]
        styled(display, [("", f"  would go    {item}{f' ({item.idle})' if item.idle else ''}") for item in goes])
        styled(display, [("warn", f"  left alone  {item}: {UNDECIDED}") for item in stays])
        if options.dry_run or not goes:
            display.step(config.env, f"{len(goes)} would go" if goes else "nothing to sweep")
            return _end(config, options, 2 if goes else 0, goes, stays, _NOTHING)
        self._agree(len(goes))
        # Once more: a run may have begun while the question stood.
        agreed = {item.key for item in goes}
        _, scope = self._look()
        with doing("sweep what no state knows"):
            swept = engine.run(
                Clients(self._session, config.region),
                scope,
                LISTERS,
                dry_run=False,
                note=display.note,
                choice=lambda item: item.key in agreed and _is_proven(item, scope),
            )
        code = int(bool(swept.remaining))
        styled(display, [("bad", f"  left        {item}") for item in swept.remaining])
        said = f"{len(swept.removed)} removed" + (f", {len(swept.remaining)} left; ./hub sweep {config.env} goes on" if code else "")
        display.step(config.env, said, "bad" if code else "ok")
        return _end(config, options, code, goes, stays, swept)

    def _look(self) -> tuple[tuple[Sweepable, ...], Scope]:
        held = self._held()
        return orphans(self._session, self._config, self._vpcs(held), held)

    def _held(self) -> Held | None:
        """What the states hold; None when there is no bucket, so that nobody can tell. A run that holds a lock makes things that no
        state knows yet, so it must end first."""
        if not has_backend(self._session, self._config):
            self._display.note(f"there is no state bucket {self._config.state_bucket}: what carries a Terraform address is left alone")
            return None
        names = known_stacks(self._session, self._config)
        locks = held_locks(self._session, self._config, names)
        if locks:
            env = self._config.env
            raise HubError(
                f"{locks[0].stack} is locked by {locks[0].who or 'another run'}: what it makes is in no state yet. Nothing was touched",
                fix=f"wait until that run ends; if it is dead, ./hub unlock {env}",
            )
        return held_by(state for name in names if (state := stack_state(self._session, self._config, name)) is not None)

    def _vpcs(self, held: Held | None) -> tuple[str, ...]:
        """VPCs of ours that no state holds. To lie in one that stays proves nothing: others may have put something there."""
        from modules.ops.inventory import Index

        if held is None:
            return ()
        with doing("look for the VPC"):
            found = Index(Clients(self._session, self._config.region), self._config).of_kind("ec2:vpc")
        return tuple(item.id for item in found if item.id not in held.ids)

    def _agree(self, number: int) -> None:
        env = self._config.env
        if not self._options.yes and self._display.ask(f"Remove these {number}? Type the env's name to go on ({env}): ") != env:
            raise HubError("nobody agreed; nothing was touched", fix="type the env's name, or say --yes")


def _is_proven(item: Sweepable, scope: Scope) -> bool:
    """Without a cluster nothing of it can be in use; beside one, only what carries a proof of its own may go."""
    return not scope.alive or bool(item.idle)


def _end(config: HubConfig, options: SweepOptions, code: int, goes: Sequence[Sweepable], stays: Sequence[Sweepable], swept: Swept) -> int:
    if options.as_json:
        left: Sequence[Remaining] = swept.remaining
        said = {
            "env": config.env,
            "command": "sweep",
            "exit": code,
            "dry_run": options.dry_run,
            "found": [str(item) for item in goes],
            "left_alone": [str(item) for item in stays],
            "removed": list(swept.removed),
            "left": [{"kind": item.kind, "id": item.id, "why": item.why} for item in left],
        }
        out(json.dumps(said))
    return code
