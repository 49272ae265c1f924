"""Other programs, run without a shell, within a time, with their words kept for the sentence."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from dcv_agent.errors import Trouble

_TIMEOUT = 20.0


@dataclass(frozen=True)
class Answer:
    """How a program ended: its exit code, its output, and the first line of its complaint."""

    code: int
    output: str
    complaint: str


def run(*words: str, stdin: str | None = None) -> Answer:
    """Runs one program; Trouble when it is not installed or does not end in time. `stdin` is never logged."""
    try:
        done = subprocess.run(words, input=stdin, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT, check=False)
    except FileNotFoundError:
        raise Trouble(f"the program {words[0]} is not installed in this image", code="ENOENT") from None
    except subprocess.TimeoutExpired:
        raise Trouble(f"{' '.join(words[:2])} did not answer within {_TIMEOUT:.0f} s", code="timeout") from None
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return Answer(done.returncode, done.stdout, lines[0][:200] if lines else "")
