"""./hub launcher config: the settings file with which `hydroplane` runs outside the cluster, on an operator's machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modules.common import launcher as refs
from modules.config.models import HubConfig
from modules.ops.launcher.scene import Scene, open_scene
from modules.ops.say import out

_HEAD = """\
# Settings of hydroplane for {env}, outside the cluster. Save as eks.yml, then: hydroplane -c eks.yml --open
# --open lets in whoever is on this machine; add auth: for anything else (docs/launcher.md). It holds no secret.
"""
_OWN_CREDENTIALS = """\
# hub.yaml names no launcher.operators: whoever runs this needs an access entry of their own, with rights in the namespaces below.
"""


def print_settings(root: Path, config: HubConfig, *, as_json: bool) -> int:
    """Print the file, or with as_json the same as one object. Raises HubError when the launcher is not installed."""
    scene = open_scene(root, config)
    document = settings_of(scene)
    if as_json:
        out(json.dumps({"env": config.env, "command": "launcher", "action": "config", "exit": 0, "settings": document}))
        return 0
    import yaml

    head = _HEAD.format(env=config.env) + ("" if scene.outputs.get(refs.OPERATOR_OUTPUT) else _OWN_CREDENTIALS)
    out(head + yaml.safe_dump(document, sort_keys=False).rstrip())
    return 0


def settings_of(scene: Scene) -> dict[str, Any]:
    """The document, in the order of the seed's eks.yml."""
    config, settings = scene.config, scene.settings
    first, *others = settings.process_namespaces
    credentials: dict[str, Any] = {"ambient": True}
    if config.aws.profile:
        credentials = {"profile": config.aws.profile}
    role = scene.outputs.get(refs.OPERATOR_OUTPUT)
    if role:
        credentials["assume_role"] = {"role_arn": str(role)}
    runtime: dict[str, Any] = {
        "runtime_type": "eks",
        "credentials": credentials,
        "cluster_name": config.cluster_name,
        "region": config.region,
        "namespace": first,
        **({"namespaces": others} if others else {}),
        "public_allowed": bool(settings.public_cidrs),
        "run_as_non_root": settings.run_as_non_root,
    }
    # The server in the cluster ends what is too old whoever started it, so this one need not.
    return {"secret_store": {"secret_store_type": "none"}, "runtime": runtime}
