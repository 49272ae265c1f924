"""What falling asleep and waking work with: one env, its cluster, its node groups, its memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi, open_cluster
from modules.ops.locks import held_locks
from modules.ops.progress import Display, make_display
from modules.ops.say import headline
from modules.ops.sleep.asleep import asleep, cluster_birth
from modules.ops.sleep.groups import Groups
from modules.ops.sleep.memory import Drawer, Memory
from modules.ops.sleep.patience import USUAL, Patience
from modules.ops.state import known_stacks
from modules.ops.target import Target, resolve_target, running_rehearsal
from modules.ops.workbench import Workbench, open_workbench


@dataclass(frozen=True)
class Scene:
    """One env. bench: opened when Terraform is first needed, for that takes a synth."""

    root: Path
    config: HubConfig
    target: Target
    display: Display
    api: ClusterApi
    bench: Callable[[], Workbench]
    patience: Patience = USUAL
    groups: Groups = field(init=False)
    drawer: Drawer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", Groups(self.target.session, self.config))
        object.__setattr__(self, "drawer", Drawer(self.target.session, self.config))

    def memory(self) -> Memory | None:
        """What was remembered when the env fell asleep; None while it is awake."""
        return asleep(self.target.session, self.config)

    def new_memory(self) -> Memory:
        """An empty one, for the cluster as it is."""
        return Memory(cluster_birth(self.target.session, self.config))


def open_scene(root: Path, config: HubConfig, *, as_json: bool, patience: Patience) -> Scene:
    """The scene of one env. Raises HubError for an env that is not ours to stop, that is not there, or that Terraform works on."""
    if config.cluster.existing is not None:
        what = f"the cluster of {config.env} is somebody else's: its nodes are not ours to stop"
        raise HubError(what, where="cluster.existing", fix="ask its owner")
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run", fix=f"./install.sh {config.env} starts it")
    display, target = make_display(config.env, as_json=as_json), resolve_target(root, config)
    headline(display, config.env, target.label)
    api = open_cluster(root, config, target)
    _refuse_locked(target, config)
    bench = cache(lambda: open_workbench(root, config, target, display, agree=True, judged=False))
    return Scene(root, config, target, display, api, bench, patience)


def _refuse_locked(target: Target, config: HubConfig) -> None:
    locks = held_locks(target.session, config, known_stacks(target.session, config))
    if locks:
        who = ", ".join(f"{each.stack} ({each.who}, {each.operation})" for each in locks)
        fix = f"wait until it ends; ./hub unlock {config.env} frees a lock that was left behind"
        raise HubError(f"Terraform works on {who}. Nothing was touched", fix=fix)
