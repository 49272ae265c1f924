"""Everything of one env that helps to help: each part as text without secrets, or the reason why it is not there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout
from modules.ops.status.gather import Status
from modules.ops.status.inside import Api
from modules.ops.status.looks import look_around
from modules.ops.status.stacks import Stacks
from modules.ops.support import inside, logs, versions
from modules.ops.support.redaction import Redactor, secrets_in, secrets_of

#: Lists of people, by their names, in sections of hub.yaml.
_PEOPLE = ("admins", "allowed")


@dataclass(frozen=True)
class Part:
    """One file of a bundle. text: redacted. what: in a few words. missing: why there is nothing in it, "" when there is."""

    name: str
    what: str
    text: str
    missing: str = ""


@dataclass(frozen=True)
class Sources:
    """Where the parts come from. status: of the env. cluster: gives its API. Both raise HubError when they cannot."""

    root: Path
    config: HubConfig
    status: Callable[[], Status]
    cluster: Callable[[], Api]

    @cached_property
    def seen(self) -> dict[str, Any]:
        """What was looked at over the network, by part; a HubError where it could not be."""
        looked = look_around({"status": _only_hub_errors(self.status)})
        # The cluster comes after: asking for the status is what finds the account.
        inner = {"pods": lambda: inside.pods(self.cluster()), "events": lambda: inside.events(self.cluster())}
        around = look_around({name: _only_hub_errors(look) for name, look in inner.items()})
        unread = looked.unread | around.unread
        return looked.found | around.found | {name: HubError(why) for name, why in unread.items()}

    @property
    def stacks(self) -> Stacks:
        """As the states have them; none where the status could not be read."""
        found = self.seen["status"]
        return found.stacks if isinstance(found, Status) else Stacks()


def collect(sources: Sources, *, mask_account: bool) -> tuple[Part, ...]:
    """Every part. mask_account: whether AWS account ids go as well. No failure to read something ends it."""
    redactor = _redactor(sources, mask_account=mask_account)
    people = inside.People()
    parts = (
        _part("versions.json", "versions of the program and its tools", lambda: versions.versions(sources.root, os.environ), redactor),
        _part("variables.json", "names of variables that are set, no value", lambda: versions.variables(os.environ), redactor),
        _part("config.json", "the env's settings, defaults included, people counted", lambda: _config(sources.config), redactor),
        _part("status.json", "./hub status --json", lambda: _raised(sources.seen["status"]).document(), redactor),
        _part("states.json", "addresses of what is in the states, no attribute", lambda: _states(sources.stacks), redactor),
        _part("pods.json", "pods of the cluster, people as numbers", lambda: people.hide(_raised(sources.seen["pods"])), redactor),
        _part("events.json", "its newest events, people as numbers", lambda: people.hide(_raised(sources.seen["events"])), redactor),
    )
    return (*parts, *_logs(sources, redactor))


def _redactor(sources: Sources, *, mask_account: bool) -> Redactor:
    """Knows the secrets of this process's variables, and what states hold under telling names or as sensitive outputs."""
    known = secrets_of(os.environ)
    for name, state in sources.stacks.applied.items():
        for resource in state.resources:
            known |= secrets_in(resource.attributes)
        known |= secrets_in(state.outputs)
        if name in sources.stacks.open:
            closed = {key: value for key, value in state.outputs.items() if sources.stacks.shown(name).get(key) == "(sensitive)"}
            known |= secrets_in(closed, secret=True)
    accounts = [sources.config.aws.account or ""] if mask_account else None
    return Redactor(known, accounts)


def _part(name: str, what: str, make: Callable[[], Any], redactor: Redactor) -> Part:
    try:
        return Part(name, what, json.dumps(redactor.data(make()), indent=1) + "\n")
    except Exception as error:  # a bundle is asked for where something is broken, be it in us
        why = redactor.text(error.what if isinstance(error, HubError) else f"{type(error).__name__}: {error}")
        return Part(name, what, f"not collected: {why}\n", why)


def _logs(sources: Sources, redactor: Redactor) -> Iterator[Part]:
    try:
        for name, text in logs.last_runs(Layout(sources.root, sources.config.env), redactor):
            yield Part(name, "log of a run: what happened to what", text)
    except OSError as error:
        yield Part("runs/unread.txt", "logs of the last runs", f"not collected: {error.strerror}\n", str(error.strerror))


def _config(config: HubConfig) -> Any:
    """The settings, with a count instead of each list of people."""
    return _uncounted(config.model_dump(mode="json"))


def _uncounted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: f"({len(inner)} people)" if _is_people(key, inner) else _uncounted(inner) for key, inner in value.items()}
    return [_uncounted(each) for each in value] if isinstance(value, list) else value


def _is_people(key: str, value: Any) -> bool:
    """Whether these are people by name. Roles and users of AWS, as cluster.admins has them, are ARNs and stay."""
    return key in _PEOPLE and isinstance(value, list) and not any(str(each).startswith("arn:") for each in value)


def _states(stacks: Stacks) -> dict[str, Any]:
    return {
        name: {"serial": state.serial, "resources": [each.address + (" (tainted)" if each.tainted else "") for each in state.resources]}
        for name, state in stacks.applied.items()
    }


def _raised(seen: Any) -> Any:
    if isinstance(seen, HubError):
        raise seen
    return seen


def _only_hub_errors(look: Callable[[], Any]) -> Callable[[], Any]:
    """`look` whose defects, too, are a line: a bundle must come about where the program itself fails."""

    def safe() -> Any:
        try:
            return look()
        except HubError:
            raise
        except Exception as error:
            raise HubError(f"{type(error).__name__}: {error}") from error

    return safe
