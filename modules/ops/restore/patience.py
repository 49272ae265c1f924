"""Waiting for a job of AWS Backup, which goes on whether or not somebody waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.ops.progress import human


@dataclass(frozen=True)
class Watch:
    """seconds: until this command stops waiting; AWS Backup itself gives a backup seven days by default,
    https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html. pause: between two looks."""

    seconds: float = 86_400.0
    pause: float = 15.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def until(self, look: Callable[[], tuple[bool, str]], note: Callable[[str], None], *, job: str, again: str) -> None:
        """Look until it is done; `look` says whether, and how far. Raises HubError, with `again`, when time is up or on Ctrl-C:
        the job goes on in both cases."""
        started, said = self.clock(), ""
        try:
            while True:
                done, text = look()
                if text != said:
                    said = text
                    note(f"{job}: {text}")
                if done:
                    return
                spent = self.clock() - started
                if spent > self.seconds:
                    raise HubError(f"{job} is not done after {human(spent)} ({text}); it goes on in AWS", fix=f"{again} waits on")
                self.sleep(self.pause)
        except KeyboardInterrupt:
            raise HubError(f"interrupted; {job} goes on in AWS", fix=f"{again} waits on", exit_code=130) from None
