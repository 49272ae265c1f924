"""./hub ray status: the Ray clusters of an env, one line each."""

from __future__ import annotations

import json
from pathlib import Path

from modules.config.models import HubConfig
from modules.ops.ray.images import findings, sentence
from modules.ops.ray.report import answer, table
from modules.ops.ray.scene import open_scene
from modules.ops.say import out


def status(root: Path, config: HubConfig, name: str, *, as_json: bool) -> int:
    """Print the clusters, how many pods of each are ready, and what notebooks' images do not fit. Exit 0 also when none is up."""
    scene = open_scene(root, config, name)
    seen = {each.key: each.look() for each in scene.clusters}
    if as_json:
        out(json.dumps(answer(config.env, "status", scene.clusters, seen)))
        return 0
    up = sum(each.is_up for each in seen.values())
    out(f"{config.env}: {up} of {len(seen)} Ray cluster{'' if len(seen) == 1 else 's'} up")
    for line in table(scene.clusters, seen):
        out(line)
    for found in findings(scene, seen, ask=False):
        if found.fits is False:
            out(f"  {sentence(found)}")
    if config.rehearsal:
        out("  a rehearsal runs no pod: what is ready here is what a cluster would have made ready")
    return 0
