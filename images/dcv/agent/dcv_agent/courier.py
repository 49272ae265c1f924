"""Brings the entry to one sink, again and again, at its own pace: the other sink never waits for this one."""

from __future__ import annotations

from dcv_agent import logs
from dcv_agent.clock import Clock, backoff
from dcv_agent.entry import Entry
from dcv_agent.errors import Trouble
from dcv_agent.settings import Pace
from dcv_agent.sinks import Sink


class Courier:
    """One sink's schedule: at once when the entry changed, at every look to undo foreign edits, later after a failure."""

    def __init__(self, sink: Sink, clock: Clock, pace: Pace) -> None:
        self._sink, self._clock, self._pace = sink, clock, pace
        self._delivered: Entry | None = None
        self._trouble: Trouble | None = None
        self._failures, self._next, self._failing_since = 0, 0.0, 0.0
        # An agent that was killed left its entry behind, so it may be there before the first of ours.
        self._holds = True

    def carry(self, entry: Entry) -> None:
        """One attempt, when one is due. Never raises Trouble: `problem` says what came of it."""
        now = self._clock.monotonic()
        if now < self._next and (self._trouble or entry == self._delivered):
            return
        self._holds = True
        try:
            wrote = self._sink.sync(entry)
        except Trouble as trouble:
            self._failed(trouble, now)
        else:
            self._succeeded(entry, wrote, now)

    def problem(self, entry: Entry) -> str:
        """Why the desktop is not ready as far as this sink goes; empty when it is.

        A display that is published stays ready while its heartbeat fails for a while: a short outage of an API must not
        cut people off their desktops.
        """
        if self._trouble is None:
            return ""
        published = self._delivered is not None and self._delivered.place == entry.place
        if published and self._clock.monotonic() - self._failing_since < self._pace.grace:
            return ""
        return self._trouble.sentence

    def withdraw(self, node: str, at_once: bool = False) -> None:
        """Removes the node's keys, if it may still hold some; a failure is tried again later. Never raises Trouble.

        `at_once` does not wait until the next attempt is due: there will be no other.
        """
        now = self._clock.monotonic()
        if not self._holds or (self._trouble and now < self._next and not at_once):
            return
        self._delivered = None
        try:
            self._sink.remove(node)
        except Trouble as trouble:
            self._failed(trouble, now, "cannot remove this node's entry")
        else:
            self._holds, self._trouble, self._failures, self._next = False, None, 0, 0.0
            logs.info("this node has no entry any more", sink=self._sink.name)

    def _failed(self, trouble: Trouble, now: float, what: str = "cannot publish") -> None:
        if self._trouble is None:
            self._failing_since = now
        if self._trouble is None or self._trouble.sentence != trouble.sentence:
            logs.warn(what, sink=self._sink.name, why=trouble.sentence)
        self._trouble, self._failures = trouble, self._failures + 1
        self._next = now + backoff(self._failures, self._pace.patience)

    def _succeeded(self, entry: Entry, wrote: bool, now: float) -> None:
        if self._trouble is not None:
            logs.info("publishes again", sink=self._sink.name, attempts=self._failures + 1)
        if wrote and (self._delivered is None or self._delivered.place != entry.place):
            logs.info("published", sink=self._sink.name, display=entry.display, socket=entry.socket_path)
        elif wrote and self._delivered == entry:
            logs.warn("somebody else had changed this node's entry; it is right again", sink=self._sink.name)
        self._delivered, self._trouble, self._failures = entry, None, 0
        self._next = now + self._pace.look
