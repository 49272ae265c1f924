"""The shape of a check of ./hub verify, and of what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from modules.config.models import HubConfig
from modules.ops.verify.scene import Scene

#: `skipped`: it could not be looked at, which is neither good nor bad.
State = Literal["ok", "failed", "skipped"]


class Skipped(Exception):
    """A check that cannot say anything here; the text says why."""


@dataclass(frozen=True)
class Check:
    """run: says in a few words what is well; raises HubError for a fault and Skipped where it cannot look.

    seconds: its deadline. after: checks without which it makes no sense. wanted: whether the env has what it looks at.
    patient: time may cure it, so it is asked again until the run's patience ends. waits: seconds of patience without --wait.
    """

    name: str
    run: Callable[[Scene], str]
    seconds: float = 60.0
    after: tuple[str, ...] = ()
    wanted: Callable[[HubConfig], bool] = lambda config: True
    patient: bool = True
    waits: float = 0.0


@dataclass(frozen=True)
class Result:
    """One line. fix: what to do about it, "" when all is well. blocked: skipped because another check failed."""

    name: str
    state: State
    said: str
    fix: str = ""
    seconds: float = 0.0
    blocked: bool = False

    @property
    def stops(self) -> bool:
        """Whether checks that come after it make no sense."""
        return self.state == "failed" or self.blocked
