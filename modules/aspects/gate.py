"""The last step of a synth: read what was written and refuse it when a rule is broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from modules.aspects import engine_traps, security
from modules.common.errors import HubError
from modules.config import HubConfig


def check_output(outdir: Path, configs: Sequence[HubConfig]) -> None:
    """Check every stack of `configs` below `outdir`. Raises one HubError that lists each broken rule with its construct path."""
    found: list[str] = []
    for config in configs:
        documents = sorted(outdir.glob(f"stacks/{config.env}-*/cdk.tf.json"))
        if not documents:
            raise HubError(
                f"no stack of {config.env} was written", where=str(outdir), fix="this is a defect of ours; report it with hub.yaml"
            )
        for path in documents:
            document = json.loads(path.read_text())
            found += engine_traps.broken_tokens(document)
            found += engine_traps.lost_keys(document)
            found += security.violations(document, protect=config.storage.protect and path.parent.name.endswith("-data"))
    if found:
        raise HubError(
            "\n  ".join([f"{len(found)} resources break a rule of modules/aspects", *found]),
            fix="change the construct named, then synthesise again",
        )
