"""What the agent does beside publishing: entries of vanished nodes, idle stop, a changed password. Its failures are only logged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dcv_agent import accounts, logs
from dcv_agent.clock import Clock
from dcv_agent.entry import Mark, marks
from dcv_agent.errors import Conflict, Trouble
from dcv_agent.files import Facts
from dcv_agent.idle import IdleStop
from dcv_agent.settings import Settings
from dcv_agent.sinks import ConfigMapSink, ParameterSink
from dcv_agent.vault import Vault


class Keeper:
    """Three duties, each with its own interval; `idle` is None where desktops never stop by themselves."""

    def __init__(
        self,
        settings: Settings,
        config_map: ConfigMapSink,
        parameters: ParameterSink,
        idle: IdleStop | None,
        vault: Vault,
        facts: Facts,
        clock: Clock,
    ) -> None:
        self._settings, self._config_map, self._parameters = settings, config_map, parameters
        self._idle, self._vault, self._facts, self._clock = idle, vault, facts, clock
        self._due: dict[str, float] = {"password": clock.monotonic() + settings.pace.credentials}
        self._unreadable: dict[str, datetime] = {}
        self._told: dict[str, str] = {}

    def step(self) -> None:
        """Whatever is due; never raises Trouble."""
        pace = self._settings.pace
        self._duty("stale entries", pace.look, self._sweep)
        self._duty("idle stop", pace.heartbeat, self._stop_idle)
        self._duty("password", pace.credentials, self._password)

    def _duty(self, name: str, interval: float, work: Callable[[], None]) -> None:
        now = self._clock.monotonic()
        if now < self._due.get(name, 0.0):
            return
        self._due[name] = now + interval
        try:
            work()
        except Conflict:
            return  # Somebody else was faster: the next look sees what they made of it.
        except Trouble as trouble:
            if self._told.get(name) != trouble.sentence:
                logs.warn("a duty failed", duty=name, why=trouble.sentence)
            self._told[name] = trouble.sentence
        else:
            self._told.pop(name, None)

    def _sweep(self) -> None:
        now = self._clock.now()
        for mark in marks(self._config_map.data):
            if mark.node != self._settings.node and self._age(mark, now) > self._settings.pace.stale:
                # SSM first: the ConfigMap is the list of what is left to remove.
                self._parameters.remove(mark.node)
                self._config_map.remove_stale(mark.node)
                logs.info("removed the entry of a node that is gone", node=mark.node)

    def _stop_idle(self) -> None:
        if self._idle is None:
            return
        now = self._clock.now()
        live = [mark for mark in marks(self._config_map.data) if self._age(mark, now) <= self._settings.pace.stale]
        self._idle.check(live, now)

    def _password(self) -> None:
        credentials = self._vault.read()
        if credentials.version == self._facts.credentials_version:
            return
        accounts.ensure(credentials.user)
        accounts.set_password(credentials)
        self._facts.credentials_version = credentials.version
        logs.info("the desktop's password is the new one")

    def _age(self, mark: Mark, now: datetime) -> float:
        """Seconds since the node was heard of. A status that cannot be read is as old as our knowledge of it."""
        if mark.seen is None:
            return (now - self._unreadable.setdefault(mark.node, now)).total_seconds()
        self._unreadable.pop(mark.node, None)
        return (now - mark.seen).total_seconds()
