"""./hub schemas: which charts' values can be checked here, and what was fetched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from modules.ops.say import out


@dataclass(frozen=True)
class Known:
    """One foreign chart. file: of its values' schema, "" for none. inferred: made from its defaults, and so lenient."""

    chart: str
    version: str
    file: str = ""
    inferred: bool = False


def say_known(rows: Sequence[Known], *, as_json: bool) -> int:
    """Print each chart and its schema. Exit 0, also where some have none: a run says loudly what it could not check."""
    if as_json:
        found = [{"chart": row.chart, "version": row.version, "schema": row.file or None, "inferred": row.inferred} for row in rows]
        out(json.dumps({"command": "schemas", "exit": 0, "charts": found}))
        return 0
    for row in rows:
        how = "from its default values" if row.inferred else "its own"
        out(f"{row.chart:<32} {row.version:<12} {f'{row.file} ({how})' if row.file else 'none: its values go unchecked'}")
    if not all(row.file for row in rows):
        out("./hub schemas fetch gets what is missing from the charts' own repositories")
    return 0


def say_fetched(folder: str, written: Sequence[str], there: Sequence[str], failed: Sequence[str], *, as_json: bool) -> int:
    """Print what came and what did not; exit 1 when a chart could not be had."""
    code = 1 if failed else 0
    if as_json:
        data = {"folder": folder, "written": list(written), "there": list(there), "failed": list(failed)}
        out(json.dumps({"command": "schemas", "exit": code, **data}))
        return code
    for each in failed:
        out(f"✖ {each}")
    out(f"{len(written)} files written to {folder}; {len(there)} charts were there already; {len(failed)} could not be had")
    return code
