"""What a rehearsal's cluster was checked for, in words: a run must not look better judged than it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from modules.ops.say import out

_NOUNS = {"values": "charts' values", "manifests": "manifests", "rules": "rules"}


def verdict_lines(summary: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """(style, line): what was checked, each thing that was not, and what was taken on trust.

    summary: of the rehearsal's clusters; None for none.
    """
    if not summary:
        return []
    checked = ", ".join(f"{summary['checked'].get(key, 0)} {noun}" for key, noun in _NOUNS.items())
    unchecked = [str(each) for each in summary.get("unchecked", ())]
    end = f"; {len(unchecked)} unchecked:" if unchecked else ""
    lines = [("", f"  {'checked':<11} {checked}{end}")]
    lines += [("warn", f"  {'UNCHECKED':<11} {each}") for each in unchecked]
    lines += [("", f"  {'on trust':<11} {each}") for each in summary.get("trusted", ())]
    if unchecked:
        lines.append(("warn", f"  {'what to do':<11} ./hub schemas fetch gets the schemas of other projects' charts"))
    return lines


def say_cluster(env: str, summary: Mapping[str, Any] | None, dump: Mapping[str, Any] | None, *, as_json: bool) -> None:
    """Print what a rehearsal's cluster holds; --json ends with everything in it. None for both: no rehearsal runs."""
    if as_json:
        out(json.dumps({"env": env, "command": "rehearsal", "exit": 0, "summary": summary, "clusters": dump}))
        return
    if not summary:
        out(f"{env}: not running")
        return
    releases = ", ".join(str(each) for each in summary.get("releases", ())) or "none"
    out(f"{env}: {summary.get('objects', 0)} objects; releases: {releases}")
    for _, line in verdict_lines(summary):
        out(line)
