"""What ./hub verify says: a line a check, and one object for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from modules.ops.progress import Display, human
from modules.ops.say import styled
from modules.ops.verify.check import Result

_MARKS = {"ok": "ok", "failed": "bad", "skipped": "warn"}


def say(display: Display, result: Result) -> None:
    """One check, as it ends."""
    took = f" · {human(result.seconds)}" if result.seconds >= 1 else ""
    display.step(result.name, f"{result.said}{took}", _MARKS[result.state])
    if result.state == "failed" and result.fix:
        styled(display, [("bad", f"    what to do  {result.fix}")])


def say_end(display: Display, env: str, results: Sequence[Result], seconds: float) -> None:
    """The last line: how many of which."""
    failed = [each.name for each in results if each.state == "failed"]
    skipped = sum(each.state == "skipped" for each in results)
    good = sum(each.state == "ok" for each in results)
    parts = [f"{good} of {len(results)} checks are well"]
    parts += [f"failed: {', '.join(failed)}"] if failed else []
    parts += [f"{skipped} not looked at"] if skipped else []
    display.step(env, f"{'; '.join(parts)} · {human(seconds)}", "bad" if failed else "warn" if skipped else "ok")


def as_json(env: str, code: int, results: Sequence[Result], seconds: float) -> str:
    """The object; seconds are rounded to thousandths."""
    checks = [
        {"name": each.name, "state": each.state, "said": each.said, "fix": each.fix, "seconds": round(each.seconds, 3)} for each in results
    ]
    return json.dumps({"env": env, "command": "verify", "exit": code, "checks": checks, "seconds": round(seconds, 3)})
