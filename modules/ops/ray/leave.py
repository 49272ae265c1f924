"""Nobody's work ends unasked: what may run on a cluster that is to go down."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.ops.progress import ask
from modules.ops.ray.asking import head_of
from modules.ops.ray.notebooks import running_notebooks
from modules.ops.ray.scene import Cluster, Scene


def agree_to_end(scene: Scene, clusters: list[Cluster], *, can_ask: bool) -> None:
    """Raises HubError unless nothing runs there or a person agrees. can_ask: whether one may be asked."""
    words = [sentence for each in clusters if (sentence := _at_work(scene, each))]
    if not words:
        return
    env, warning = scene.config.env, f"{'; '.join(words)} ({_notebooks(scene)})"
    if can_ask and ask(f"{warning}. It ends. Type the env's name to go on ({env}): ") == env:
        return
    raise HubError(f"{warning}. Nothing was changed", fix="wait for them, or say --yes when they may end")


def _at_work(scene: Scene, cluster: Cluster) -> str:
    """What runs on a cluster, or why nobody knows; "" for nothing."""
    try:
        head = head_of(scene, cluster)
        running = head.running() if head else ()
    except HubError as error:
        # A head that cannot be asked is no head with nothing to do.
        return f"whether anything runs on {cluster.key} is not known: {error.what}"
    return f"on {cluster.key} runs: {', '.join(running)}" if running else ""


def _notebooks(scene: Scene) -> str:
    count = len(running_notebooks(scene))
    if not count:
        return "no notebook runs now"
    return f"{count} notebook{' runs' if count == 1 else 's run'} now"
