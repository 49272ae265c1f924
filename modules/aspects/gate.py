"""The last step of a synth: read what was written and refuse it when a rule is broken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from modules.aspects import engine_traps, security
from modules.common.errors import HubError


def check_output(outdir: Path, stacks: Mapping[str, bool]) -> None:
    """Check the stacks written below `outdir`.

    stacks: name → whether the stack's data must refuse destruction.
    Raises one HubError that lists each broken rule with its construct path.
    """
    found: list[str] = []
    for name, protect in stacks.items():
        document = json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text())
        found += engine_traps.broken_tokens(document)
        found += engine_traps.lost_keys(document)
        found += security.violations(document, protect=protect)
    if found:
        raise HubError(
            "\n  ".join([f"{len(found)} resources break a rule of modules/aspects", *found]),
            fix="change the construct named, then synthesise again",
        )
