"""The `watch` command: one step asks DCV, then brings files, ConfigMap and SSM in line with what it said."""

from __future__ import annotations

from datetime import datetime

from dcv_agent import dcv, door, logs
from dcv_agent.clock import Clock
from dcv_agent.courier import Courier
from dcv_agent.entry import Entry
from dcv_agent.errors import NoSession, Trouble
from dcv_agent.files import Facts
from dcv_agent.keeper import Keeper
from dcv_agent.settings import Settings


class Watch:
    """The loop. `couriers` publish; `keeper` does what others depend on less: stale entries, idle stop, password."""

    def __init__(self, settings: Settings, couriers: list[Courier], keeper: Keeper, facts: Facts, clock: Clock) -> None:
        self._settings, self._couriers, self._keeper, self._facts, self._clock = settings, couriers, keeper, facts, clock
        self._said = ""
        self._seen: datetime | None = None
        self._first_seen: datetime | None = None
        self._warned: tuple[str, ...] = ()

    def run(self) -> None:
        """Steps until the agent is told to stop, then takes this node's entries away."""
        self._not_ready(f"waiting for session {self._settings.session}")
        while True:
            self.step()
            if self._clock.wait(self._settings.pace.poll):
                break
        self._withdraw(at_once=True)
        self._not_ready("the agent was told to stop")

    def step(self) -> None:
        """One look at DCV and what follows from it; trouble ends in a sentence, never in an exception."""
        try:
            entry = self._observe()
        except NoSession as trouble:
            self._withdraw()
            known = self._facts.session_trouble
            self._not_ready(f"waiting for session {self._settings.session}: {known or trouble.sentence}")
            return
        except Trouble as trouble:
            self._not_ready(trouble.sentence)
            return
        self._publish(entry)
        self._keeper.step()

    def _observe(self) -> Entry:
        session = dcv.describe(self._settings.session)
        door.check_socket(self._settings.sockets, session)
        door.share_cookie(self._settings.auth, session)
        held = door.keep_door(self._settings.sockets, session)
        warnings = (*(f"DCV licence not valid: {one}" for one in session.unlicensed), *filter(None, [held]))
        self._warn(warnings)
        self._first_seen = self._first_seen or self._clock.now()
        return Entry(
            node=self._settings.node,
            display=session.display,
            session=session.name,
            connections=session.connections,
            last_disconnection=session.last_disconnection,
            since=session.created or self._first_seen,
            seen=self._heartbeat(),
            socket_path=self._settings.socket_path,
            warnings=warnings,
        )

    def _publish(self, entry: Entry) -> None:
        for courier in self._couriers:
            courier.carry(entry)
        problems = [problem for courier in self._couriers if (problem := courier.problem(entry))]
        if problems:
            self._not_ready("; ".join(problems))
        else:
            self._ready(entry.display)

    def _heartbeat(self) -> datetime:
        now = self._clock.now()
        if self._seen is None or (now - self._seen).total_seconds() >= self._settings.pace.heartbeat:
            self._seen = now
        return self._seen

    def _withdraw(self, at_once: bool = False) -> None:
        door.close_door(self._settings.sockets)
        for courier in self._couriers:
            courier.withdraw(self._settings.node, at_once)
        self._first_seen = None

    def _warn(self, warnings: tuple[str, ...]) -> None:
        for sentence in set(warnings) - set(self._warned):
            logs.warn(sentence)
        self._warned = warnings

    def _ready(self, display: str) -> None:
        self._facts.ready(display)
        if self._said:
            logs.info("ready", display=display)
        self._said = ""

    def _not_ready(self, sentence: str) -> None:
        self._facts.not_ready(sentence)
        if sentence != self._said:
            logs.warn("not ready", why=sentence)
        self._said = sentence
