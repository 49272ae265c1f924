"""./hub ray check: whether the notebooks' images fit the Ray clusters, as far as anybody can tell."""

from __future__ import annotations

import json
from pathlib import Path

from modules.config.models import HubConfig
from modules.ops.ray.images import Finding, findings, sentence
from modules.ops.ray.scene import open_scene
from modules.ops.say import out

_HOW = (
    "A head that runs was asked; notebooks were compared by their images' names, because nothing is run in one. "
    "Ray itself refuses a client of another version."
)


def check(root: Path, config: HubConfig, name: str, *, as_json: bool) -> int:
    """Print what fits, what does not and what cannot be told. Exit 1 when something does not fit."""
    scene = open_scene(root, config, name)
    found = findings(scene, {each.key: each.look() for each in scene.clusters})
    code = int(any(each.fits is False for each in found))
    if as_json:
        rows = [_row(each) for each in found]
        out(
            json.dumps(
                {
                    "env": config.env,
                    "command": "ray",
                    "action": "check",
                    "exit": code,
                    "compared": "heads that run, image names",
                    "pairs": rows,
                }
            )
        )
        return code
    for each in found:
        out(f"  {sentence(each)}")
    out(f"  {_HOW}")
    return code


def _row(found: Finding) -> dict[str, object]:
    return {
        "cluster": found.cluster,
        "who": found.who,
        "image": found.image,
        "other": found.other,
        "fits": found.fits,
        "why": found.why,
    }
