"""A plan without credentials: a real env laid out as a rehearsal of itself, so that Terraform plans it against the emulator.

It shows that the env's files are right, that its stacks synthesise and that Terraform and the AWS provider take them. It
cannot show what would change in an account: to the emulator, everything is new.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from modules.config.load import ENVS, FILE
from modules.config.models import HubConfig
from modules.ops.bootstrap import ensure_state_backend
from modules.ops.layout import Layout, private_dir, write_private
from modules.ops.target import Target, resolve_target

_ORIGINAL = "as-written.yaml"
#: Laid over the env's own file. An account and a profile are what a rehearsal refuses to have.
_OVERLAY = f"""extends: {_ORIGINAL}
rehearsal: true
aws:
  account: null
  profile: null
"""
_SHARED = ("modules", "helm")
NOTE = "Planned without credentials, against an emulator that knows nothing of the account: everything counts as new."


def lay_out(root: Path, env: str) -> Path:
    """A checkout below `root` in which `env` is a rehearsal; the sources are linked, the envs are copied."""
    place = private_dir(Layout(root, env).home / "offline")
    for name in _SHARED:
        (place / name).unlink(missing_ok=True)
        (place / name).symlink_to(root / name, target_is_directory=True)
    # Copied: the synth takes the folder of this file for the repository, and a link would lead it back to the real one.
    shutil.copyfile(root / "main.py", place / "main.py")
    shutil.rmtree(place / ENVS, ignore_errors=True)
    shutil.copytree(root / ENVS, place / ENVS)
    file = place / ENVS / env / FILE
    file.rename(file.with_name(_ORIGINAL))
    write_private(file, _OVERLAY)
    return place


def prepare(place: Path, config: HubConfig) -> Target:
    """Start the emulator and make the state's home in it, without which nothing could be planned by Terraform."""
    target = resolve_target(place, config)
    ensure_state_backend(target.session, config)
    return target
