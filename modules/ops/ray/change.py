"""./hub ray up, down and scale: how many pods a cluster is asked to have. Helm's release stays as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.progress import Display, make_display
from modules.ops.ray.leave import agree_to_end
from modules.ops.ray.model import Seen
from modules.ops.ray.report import answer
from modules.ops.ray.scene import Cluster, Scene, open_scene
from modules.ops.ray.waiting import DOWN, UP, Goal, Patience, line_of, wait
from modules.ops.say import out


@dataclass(frozen=True)
class Manner:
    """How a change is made and told. yes: whatever runs may end. dry_run: nothing is changed."""

    wait: bool = True
    yes: bool = False
    dry_run: bool = False
    as_json: bool = False
    patience: Patience = field(default_factory=Patience)


def up(root: Path, config: HubConfig, name: str, workers: int | None, manner: Manner) -> int:
    """Ask for the clusters that are down, with the workers of hub.yaml or `workers`; those that are up keep their size unless
    `workers` says another. Exit 0.

    Raises HubError when there is nothing to bring up, a number does not fit, or the clusters are not up in time.
    """
    scene = open_scene(root, config, name)
    wishes = {each.key: _fitting(each, each.settings.workers if workers is None else workers) for each in scene.clusters}
    seen = {each.key: each.look() for each in scene.clusters}
    change = [each for each in scene.clusters if not seen[each.key].is_asked_for or (workers is not None and _differs(seen, wishes, each))]
    display = make_display(config.env, as_json=manner.as_json)
    for each in scene.clusters:
        if each not in change:
            display.step(each.key, f"is asked for already: {line_of(seen[each.key])}")
            continue
        _ask(each, wishes[each.key], display, manner)
    return _end(scene, "up", UP, display, manner)


def scale(root: Path, config: HubConfig, name: str, workers: int, manner: Manner) -> int:
    """Ask for `workers` workers of a cluster that is up; `name` may be left out where there is one cluster. Exit 0.

    Raises HubError for a cluster that is down, a number that does not fit, or workers that are not there in time.
    """
    scene = open_scene(root, config, name)
    cluster = _the_one(scene)
    wanted, seen = _fitting(cluster, workers), cluster.look()
    if not seen.is_asked_for:
        raise HubError(
            f"the Ray cluster {cluster.key} is down, so it has no workers to scale",
            fix=f"./hub ray up {config.env} {cluster.key} --workers {workers}",
        )
    display = make_display(config.env, as_json=manner.as_json)
    if wanted == seen.workers.wanted:
        display.step(cluster.key, f"has this size already: {line_of(seen)}")
    else:
        _ask(cluster, wanted, display, manner)
        if wanted < seen.workers.wanted:
            display.note("Kubernetes chooses the workers that go: Ray runs their tasks again elsewhere, actors on them end")
    return _end(scene, "scale", UP, display, manner)


def down(root: Path, config: HubConfig, name: str, manner: Manner) -> int:
    """Ask for no pod of the clusters any more, so that their nodes can go. Exit 0.

    Raises HubError when nobody agrees that what runs on them ends, or pods are left when time is up.
    """
    scene = open_scene(root, config, name)
    display = make_display(config.env, as_json=manner.as_json)
    running = [each for each in scene.clusters if each.look().is_asked_for]
    if running and not (manner.yes or manner.dry_run):
        agree_to_end(scene, running, can_ask=not manner.as_json)
    for each in scene.clusters:
        if each not in running:
            display.step(each.key, "is not asked for already")
            continue
        if not manner.dry_run:
            each.ask_for_none()
        display.step(each.key, "would be asked to end" if manner.dry_run else "asked to end; its release and its token stay")
    return _end(scene, "down", DOWN, display, manner)


def _ask(cluster: Cluster, workers: int, display: Display, manner: Manner) -> None:
    if not manner.dry_run:
        cluster.ask_for(workers)
    display.step(cluster.key, f"{'would be ' if manner.dry_run else ''}asked for: a head and {_count(workers)}")


def _end(scene: Scene, action: str, goal: Goal, display: Display, manner: Manner) -> int:
    """Wait where that is wanted and means something, and say how it is."""
    clusters = scene.clusters
    operated = [each.key for each in clusters if each.settings.kind == "kuberay"]
    waits = manner.wait and not manner.dry_run
    if waits and scene.config.rehearsal and operated:
        display.note(f"a rehearsal runs no KubeRay operator: nobody makes or ends pods of {', '.join(operated)} here")
        clusters = tuple(each for each in clusters if each.key not in operated)
    if waits and clusters:
        wait(clusters, goal, display, manner.patience)
    seen = {each.key: each.look() for each in scene.clusters}
    if manner.as_json:
        out(json.dumps(answer(scene.config.env, action, scene.clusters, seen, dry_run=manner.dry_run)))
        return 0
    _say(scene, seen, display, manner)
    return 0


def _say(scene: Scene, seen: Mapping[str, Seen], display: Display, manner: Manner) -> None:
    for each in scene.clusters:
        found = seen[each.key]
        if found.is_up:
            display.step(each.key, f"up, {_count(found.workers.ready)}. Notebooks reach it at {each.address}")
        elif found.is_gone:
            display.step(each.key, "down; ./hub ray up brings it back")
    if not manner.wait:
        display.note(f"nobody waits for them: ./hub ray status {scene.config.env} tells when")


def _the_one(scene: Scene) -> Cluster:
    if len(scene.clusters) > 1:
        names = ", ".join(each.key for each in scene.clusters)
        fix = f"name one: ./hub ray scale {scene.config.env} <name> <workers>"
        raise HubError(f"{scene.config.env} has several Ray clusters: {names}", fix=fix)
    return scene.clusters[0]


def _fitting(cluster: Cluster, workers: int) -> int:
    """`workers`, when the cluster may have so many. Raises HubError."""
    most = cluster.settings.max_workers
    if workers < 0 or (most is not None and workers > most):
        allowed = "0 or more" if most is None else f"from 0 to {most} (ray.{cluster.key}.max_workers)"
        raise HubError(f"{workers} workers do not fit {cluster.key}: it takes {allowed}", fix="give a number that fits, or change hub.yaml")
    return workers


def _differs(seen: Mapping[str, Seen], wishes: Mapping[str, int], cluster: Cluster) -> bool:
    return seen[cluster.key].workers.wanted != wishes[cluster.key]


def _count(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"
