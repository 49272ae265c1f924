"""Trying a stack again when what stopped it is likely to pass by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from modules.ops.children import Children
from modules.ops.failures.terraform import TRANSIENT, Failure, worst
from modules.ops.progress import Display
from modules.ops.results import StackResult
from modules.ops.synth import Stack
from modules.ops.terraform import Interrupted, TerraformFailed

RETRIES = 3
_TICK_SECONDS = 0.25


@dataclass(frozen=True)
class Retrier:
    """pause: multiplies the waits between tries. children: an interrupt ends a wait."""

    env: str
    display: Display
    children: Children
    pause: float

    def run(self, stack: Stack, work: Callable[[Stack], StackResult]) -> StackResult:
        """`work` on `stack`, up to RETRIES times more. Every try makes a new plan: a saved one is void once a part of it was applied."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: bool((found := self._failure(error)) and found.is_transient)),
            stop=stop_after_attempt(RETRIES + 1),
            wait=self._seconds,
            before_sleep=lambda state: self._say(stack, state),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(work, stack)

    def _seconds(self, state: RetryCallState) -> float:
        failure = self._failure(state.outcome.exception() if state.outcome else None)
        return TRANSIENT[failure.kind] * 2 ** (state.attempt_number - 1) * self.pause if failure else 0.0

    def _say(self, stack: Stack, state: RetryCallState) -> None:
        failure = self._failure(state.outcome.exception() if state.outcome else None)
        if failure:
            pause = state.next_action.sleep if state.next_action else 0.0
            again = f"trying again in {pause:.0f} s ({state.attempt_number} of {RETRIES})"
            self.display.note(f"{stack.name}: {failure.what}: {failure.why}; {again}")

    def _failure(self, error: BaseException | None) -> Failure | None:
        return worst(error.errors, self.env) if isinstance(error, TerraformFailed) else None

    def _sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.children.interrupted:
                raise Interrupted
            time.sleep(min(_TICK_SECONDS, seconds))
