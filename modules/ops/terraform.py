"""Terraform on one stack: init, plan, apply and what a saved plan says, as values and events."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.ops import details
from modules.ops.children import Children
from modules.ops.events import Diagnostic, Drifted, Event, Planned, parse
from modules.ops.ignored import ignored
from modules.ops.layout import Layout, Run, private_dir, write_private
from modules.ops.plugins import Plugins
from modules.ops.results import Change
from modules.ops.synth import Stack
from modules.ops.tools import Terraform

#: Names of the files we lay beside a stack's document; Terraform merges *_override files over it.
OVERRIDE, ADOPT = "hubsmith_override.tf.json", "adopt.tf.json"
#: The folder of our own charts, beside a stack's document.
CHARTS = "charts"
_STAMP = "hubsmith-init.sha256"
_SHOW_SECONDS = 300
#: How the first line of an error begins; "Error reading source state ..." comes without the colon.
_HEAD, _BARE_HEAD = "Error: ", "Error "
#: How a push over a state of another lineage, or of the same or a later serial, is refused.
_NEWER = ("cannot import state with", "cannot overwrite existing state with")
#: Said before and after a command that takes its time with the lock; no part of what went wrong.
_LOCK_CHATTER = ("Acquiring state lock", "Releasing state lock")
#: Why an unsaved state is put aside instead of being pushed; its file is then called so.
SUPERSEDED, BROKEN = "superseded", "broken"
_INIT = threading.Lock()


class Interrupted(Exception):
    """Somebody asked to stop, and Terraform has saved what there was to save."""


class TerraformFailed(Exception):
    """A command ended with errors."""

    def __init__(self, errors: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(each.summary for each in errors))
        self.errors = errors


@dataclass(frozen=True)
class Plan:
    """A saved plan. has_changes: applying it would do something, if only to outputs."""

    planned: tuple[Planned, ...]
    has_changes: bool
    changes: tuple[Change, ...]
    drift: tuple[Change, ...]

    def count(self, action: str) -> int:
        """How many resources the plan gives this action: create, update, replace or delete."""
        return sum(each.action == action for each in self.planned)

    @property
    def lost(self) -> tuple[Change, ...]:
        """What the plan takes away that nobody may lose unasked: people's data, and what was found after a crash."""
        found = {each.address for each in self.planned if each.imported}
        return tuple(each for each in self.changes if each.loses_data or (each.address in found and each.action in ("replace", "delete")))

    @property
    def adopted(self) -> int:
        """How many existing resources the plan takes over."""
        return sum(each.imported for each in self.planned)

    @property
    def steps(self) -> int:
        """How many resources an apply will report on."""
        return sum(each.action in ("create", "update", "replace", "delete") for each in self.planned)


@dataclass
class Workspace:
    """One stack's working directory and the commands on it. on_event hears every event as it happens."""

    stack: Stack
    layout: Layout
    run: Run
    terraform: Terraform
    plugins: Plugins
    environment: Mapping[str, str]
    children: Children
    on_event: Callable[[Event], None] = field(default=lambda event: None)

    @property
    def folder(self) -> Path:
        """Where Terraform runs."""
        return self.layout.work(self.stack.name)

    def lay_out(self, extra: Mapping[str, Mapping[str, Any]]) -> None:
        """Put the stack's document and the `extra` ones (by file name, empty ones left out) into the working directory."""
        folder = private_dir(self.folder)
        wanted = {name: json.dumps(document, indent=1, sort_keys=True) for name, document in extra.items() if document}
        wanted["cdk.tf.json"] = self.stack.path.read_text(encoding="utf-8")
        for stale in folder.glob("*.tf.json"):
            if stale.name not in wanted:
                stale.unlink()
        for name, text in wanted.items():
            write_private(folder / name, text)
        self._lay_out_charts()

    def _lay_out_charts(self) -> None:
        """Charts of our own, which the document names relative to where Terraform runs; those of an earlier synth go."""
        theirs, ours = self.stack.path.parent / CHARTS, self.folder / CHARTS
        shutil.rmtree(ours, ignore_errors=True)
        for source in sorted(path for path in theirs.rglob("*") if path.is_file()):
            write_private(ours / source.relative_to(theirs), source.read_text(encoding="utf-8"))

    def init(self) -> None:
        """Prepare backend and providers, unless they are as they were."""
        stamp = self.layout.data(self.stack.name) / _STAMP
        wanted = self._digest()
        if stamp.is_file() and stamp.read_text() == wanted and self._providers_are_there():
            return
        stamp.unlink(missing_ok=True)
        private_dir(stamp.parent)
        # The lock file only says what this machine's mirror held; the pinned version in the document is the promise.
        (self.folder / ".terraform.lock.hcl").unlink(missing_ok=True)
        with self._one_at_a_time():
            self._run("init", "-reconfigure", "-input=false", "-no-color", "-json")
        write_private(stamp, wanted)

    def plan(self, *, destroy: bool = False, refresh: bool = True) -> Plan:
        """Make and save a plan. Details are read from it only where there is something to compare: that costs two seconds.

        refresh: False takes the state at its word and reads nothing, not even what the stack is built from.
        """
        path = self.layout.plan(self.stack.name)
        private_dir(path.parent)
        planned: list[Planned] = []
        drifted: list[Drifted] = []

        def collect(event: Event) -> None:
            if isinstance(event, Planned):
                planned.append(event)
            elif isinstance(event, Drifted):
                drifted.append(event)

        options = [*(["-destroy"] if destroy else []), *([] if refresh else ["-refresh=false"])]
        code = self._run("plan", "-json", "-input=false", "-detailed-exitcode", f"-out={path}", *options, collect=collect, fine=(0, 2))
        if destroy:
            gone = tuple(Change(each.address, each.type, "delete") for each in planned if each.action == "delete")
            return Plan(tuple(planned), code == 2, gone, ())
        compared = any(each.imported or each.action in ("update", "replace", "delete") for each in planned)
        document = self.show() if drifted or compared else {}
        drift = details.drifted(document, ignored(self.stack.document())) if drifted else ()
        return Plan(tuple(planned), code == 2, details.planned(document), drift)

    def apply(self) -> None:
        """Apply exactly the saved plan."""
        path = self.layout.plan(self.stack.name)
        try:
            self._run("apply", "-json", "-input=false", str(path))
        finally:
            # It holds values in clear, and is of no use a second time.
            path.unlink(missing_ok=True)

    @property
    def unsaved(self) -> Path:
        """Where Terraform leaves a state that its backend would not take; it holds secrets."""
        return self.folder / "errored.tfstate"

    def unfit(self, saved_at: float) -> str:
        """Why `unsaved` must not be pushed: BROKEN, SUPERSEDED, or "" when it may. saved_at: when the backend's state was
        written last, in seconds since 1970, 0.0 for none.

        Terraform's own look at lineage and serial is not enough: it lets anything over a state that holds nothing, which is
        what a removal from elsewhere leaves, and saves that failed have counted the serial up.
        """
        try:
            json.loads(self.unsaved.read_bytes())
        except ValueError:
            return BROKEN
        return SUPERSEDED if saved_at > self.unsaved.stat().st_mtime else ""

    def put_aside(self, why: str) -> Path:
        """Give `unsaved` another name, so that nobody pushes it; the name it has now."""
        aside = self.folder / f"{why}-{time.time_ns()}.tfstate"
        self.unsaved.replace(aside)
        return aside

    def save_unsaved(self) -> bool:
        """Push what `unsaved` holds; False when Terraform knows that the backend has a newer state by now.

        Terraform itself refuses a push over another lineage or a later serial,
        https://developer.hashicorp.com/terraform/cli/commands/state/push
        """
        try:
            self._run("state", "push", "-no-color", self.unsaved.name)
        except TerraformFailed as error:
            if not any(words in each.summary for each in error.errors for words in _NEWER):
                raise
            return False
        self.unsaved.unlink()
        return True

    def untaint(self, address: str) -> None:
        """Keep a resource that a stopped run left tainted; the next plan brings what it lacks."""
        self._run("untaint", "-no-color", address)

    def forget(self, addresses: Sequence[str]) -> None:
        """Drop resources from the state that are known not to exist, and whose provider could not say so."""
        self._run("state", "rm", *addresses)

    def settle(self) -> None:
        """Write into the state what AWS added to the resources since they were made, so that it is no drift later."""
        self._run("apply", "-refresh-only", "-auto-approve", "-json", "-input=false")

    def show(self) -> dict[str, Any]:
        """The saved plan as JSON. It holds sensitive values: it goes into no log."""
        answer = subprocess.run(
            [str(self.terraform.path), "show", "-json", str(self.layout.plan(self.stack.name))],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SHOW_SECONDS,
            start_new_session=True,
        )
        if answer.returncode:
            raise HubError(f"terraform could not read its own plan of {self.stack.name}", fix="run the same command again")
        document: dict[str, Any] = json.loads(answer.stdout)
        return document

    def _run(self, command: str, *options: str, collect: Callable[[Event], None] = lambda event: None, fine: tuple[int, ...] = (0,)) -> int:
        errors: list[Diagnostic] = []
        spoken: list[str] = []

        def on_line(line: str) -> None:
            event = parse(line)
            if event is None:
                if not line.startswith("{"):
                    spoken.append(line.strip())
                return
            if isinstance(event, Diagnostic) and event.severity == "error":
                errors.append(event)
            collect(event)
            self.on_event(event)

        argv = [str(self.terraform.path), command, *options]
        log = self.run.log(self.stack.name)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"# {command} {' '.join(options)}\n")
        code = self.children.follow(argv, cwd=self.folder, env=self._environment(), log=log, on_line=on_line)
        if code is None or (code not in fine and self.children.interrupted):
            raise Interrupted
        if code not in fine:
            raise TerraformFailed(
                tuple(errors) or (_said(spoken) or Diagnostic("error", f"terraform {command} ended with {code} and no word", "", ""),)
            )
        return code

    def _environment(self) -> dict[str, str]:
        return {
            **self.environment,
            "TF_DATA_DIR": str(self.layout.data(self.stack.name)),
            "TF_CLI_CONFIG_FILE": str(self.plugins.cli_config),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }

    def _digest(self) -> str:
        document = self.stack.document().get("terraform", {})
        text = json.dumps([document.get("backend"), document.get("required_providers")], sort_keys=True)
        config = self.plugins.cli_config.read_text(encoding="utf-8")
        parts = [text, config, self.plugins.stamp, str(self.terraform.path), self.terraform.version]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _providers_are_there(self) -> bool:
        """Whether what init linked or unpacked still stands: a mirror may have moved since."""
        found = list((self.layout.data(self.stack.name) / "providers").glob("*/*/*/*/*"))
        wanted = len(self.stack.document().get("terraform", {}).get("required_providers", {}))
        whole = all(each.is_dir() and any(each.iterdir()) for each in found)
        return len(found) >= wanted and whole and (self.folder / ".terraform.lock.hcl").is_file()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Terraform's provider cache cannot take two inits at once, https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache"""
        if not self.plugins.from_registry:
            yield
            return
        descriptor = os.open(private_dir(self.layout.plugins) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with _INIT:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
        finally:
            os.close(descriptor)


def _said(lines: Sequence[str]) -> Diagnostic | None:
    """The error in lines that are no events, as the state commands print it: from its head on, or the last line for want of one."""
    there = [line for line in lines if line and not line.startswith(_LOCK_CHATTER)]
    heads = [number for number, line in enumerate(there) if line.startswith((_HEAD, _BARE_HEAD))]
    if heads:
        return Diagnostic("error", there[heads[0]].removeprefix(_HEAD), "\n".join(there[heads[0] + 1 :]), "")
    return Diagnostic("error", there[-1], "", "") if there else None
