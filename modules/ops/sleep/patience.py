"""Waiting for what takes minutes, with a word whenever something changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.ops.progress import human


@dataclass(frozen=True)
class Patience:
    """seconds: for each thing waited for. EKS gives a node 15 minutes to drain, then ends it with whatever runs on it:
    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html. pause: between two looks."""

    seconds: float = 1800.0
    pause: float = 10.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def until_nothing(self, left: Callable[[], str], note: Callable[[str], None], *, fix: str) -> None:
        """Look until `left` names nothing more. Raises HubError with what it named last, and `fix`, when time is up."""
        started, said = self.clock(), ""
        while text := left():
            spent = self.clock() - started
            if spent > self.seconds:
                raise HubError(f"after {human(spent)} still {text}", fix=fix)
            if text != said:
                said = text
                note(f"waits: {text}")
            self.sleep(self.pause)


USUAL = Patience()
