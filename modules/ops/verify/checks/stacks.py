"""The stacks: each has a state with resources in it, none of them half made, and no apply that ended without being read back."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout
from modules.ops.progress import short
from modules.ops.state import StackState
from modules.ops.status.stacks import stack_names
from modules.ops.verify.check import Check
from modules.ops.verify.scene import Scene

#: Of every env, whatever else it has.
_ALWAYS = ("data", "network", "cluster", "hub")


def _run(scene: Scene) -> str:
    env = scene.config.env
    names = sorted(
        {short(env, name) for name in stack_names(Layout(scene.root, env), scene.target.session, scene.config)} | _expected(scene.config)
    )
    states = {name: scene.state(name) for name in names}
    if missing := [name for name, state in states.items() if state is None or not state.resources]:
        raise HubError(f"not applied: {', '.join(missing)}", fix=f"./install.sh {env}")
    if tainted := [f"{name} {address}" for name, state in states.items() for address in _tainted(state)]:
        raise HubError(f"half made, so the next install replaces it: {', '.join(tainted)}", fix=f"./install.sh {env} --plan, then install")
    if unread := [name for name in names if Layout(scene.root, env).unsettled(f"{env}-{name}").exists()]:
        fix = f"./install.sh {env} reads it back"
        raise HubError(f"an apply of {', '.join(unread)} ended before its state was read back, so drift is not known", fix=fix)
    return f"{len(names)} applied: {', '.join(names)}"


def _expected(config: HubConfig) -> set[str]:
    """By what hub.yaml says: a stack that was never applied is in no list."""
    platform = {"platform"} if config.cluster.existing is None else set()
    optional = {"desktop": config.desktop, "ray": config.ray, "vault": config.vault, "launcher": config.launcher}
    return {*_ALWAYS, *platform, *(name for name, settings in optional.items() if settings)}


def _tainted(state: StackState | None) -> list[str]:
    return [resource.address for resource in state.resources if resource.tainted] if state else []


STACKS = Check("stacks", _run, patient=False)
