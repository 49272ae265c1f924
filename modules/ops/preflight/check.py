"""The shape of a preflight check: what it is given, what it finds, and what its row says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.secret_store import SecretStore
from modules.ops.synth import Stack

_T = TypeVar("_T")

#: `error` stops an install; `note` is said and passed over.
Severity = Literal["error", "note"]
#: `unchecked`: AWS did not let the check look, which stops nothing, for the install may well be let.
State = Literal["ok", "note", "error", "unchecked"]


@dataclass(frozen=True)
class Finding:
    """One thing a check found. where: the field of hub.yaml, such as `node_groups.gpu`; fix: what to do about it."""

    severity: Severity
    where: str
    what: str
    fix: str = ""


class Context:
    """What checks are given. They run side by side, and boto3 makes clients only one at a time.

    stacks: synthesises the env, when a check needs to know what it is made of. may_ask: whether somebody sits there whom an
    install can ask for what is missing. may_create: whether this is an install, so that a check may make what the account lacks.
    tools: where programs lie that were fetched because the machine had none.
    """

    def __init__(
        self,
        config: HubConfig,
        clients: Clients,
        *,
        is_rehearsal: bool = False,
        stacks: Callable[[], Sequence[Stack]] | None = None,
        may_ask: bool = False,
        may_create: bool = False,
        tools: Path = Path(),
    ) -> None:
        self.config = config
        self.is_rehearsal = is_rehearsal
        self.may_ask = may_ask
        self.may_create = may_create
        self.tools = tools
        self._clients = clients
        self._stacks = stacks
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._known: dict[str, Any] = {}
        self._refused: dict[str, HubError] = {}

    def client(self, service: str) -> Any:
        """The client of one service in the env's region."""
        with self._lock:
            return self._clients.get(service)

    def secret_store(self) -> SecretStore:
        """The env's secrets."""
        with self._lock:
            return SecretStore(self._clients.session, self.config)

    def stacks(self) -> Sequence[Stack]:
        """The env's stacks, synthesised once for all checks. Raises HubError when they cannot be."""
        if self._stacks is None:
            raise HubError("the stacks of this env are not known here", fix=f"./hub preflight {self.config.env} synthesises them")
        return self.once("stacks", self._stacks)

    def once(self, what: str, ask: Callable[[], _T]) -> _T:
        """The answer of `ask`, which the first check that needs `what` asks for and every other one shares; so is its HubError.

        Else Ctrl-C, which ends the first one's synth, would have the next begin another.
        """
        with self._lock:
            lock = self._locks.setdefault(what, threading.Lock())
        with lock:
            if what in self._refused:
                raise self._refused[what]
            if what not in self._known:
                try:
                    self._known[what] = ask()
                except HubError as error:
                    self._refused[what] = error
                    raise
            found: _T = self._known[what]
            return found


@dataclass(frozen=True)
class Answer:
    """What a check says: its findings, and in a few words what it looked at (`7 types in 2 zones`).

    unchecked: what of it could not be looked at, such as a name where no resolver answers.
    """

    said: str
    findings: Sequence[Finding] = ()
    unchecked: str = ""


@dataclass(frozen=True)
class Check:
    """name: of its row. run: raises HubError when it cannot look."""

    name: str
    run: Callable[[Context], Answer]


@dataclass(frozen=True)
class Result:
    """One row of the table. seconds: what the check took."""

    name: str
    said: str
    findings: tuple[Finding, ...] = field(default=())
    unchecked: str = ""
    seconds: float = 0.0

    @property
    def state(self) -> State:
        """The worst of what was found."""
        severities = {each.severity for each in self.findings}
        if "error" in severities:
            return "error"
        if self.unchecked:
            return "unchecked"
        return "note" if severities else "ok"
