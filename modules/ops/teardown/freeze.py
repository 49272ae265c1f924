"""The part of a removal that comes before Terraform: nobody starts anything more, people's work ends, load balancers nobody planned go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.progress import Display
from modules.ops.sleep.patience import Patience
from modules.ops.sleep.work import Work
from modules.ops.state import StackState
from modules.ops.target import Target
from modules.ops.teardown import fronts, pools
from modules.ops.teardown.ground import Ground, ground
from modules.ops.teardown.namespaces import Stuck, explain, stuck
from modules.ops.teardown.workloads import Api, at_work, ending, told

#: On the hub's Deployment: its replicas before; whoever installs again finds it (recovery).
BEFORE = "hubsmith.io/replicas-before-teardown"
#: A pod has 30 s to end by itself, a server's up to some minutes; one on a lost node is collected within ten.
PATIENCE = Patience(seconds=600.0, pause=2.0)


@dataclass(frozen=True)
class Freeze:
    """api: of the cluster; None where there is nothing to do in one. session: for load balancers."""

    config: HubConfig
    session: boto3.Session
    display: Display
    ground: Ground
    api: Api | None = None
    work: tuple[Work, ...] = ()
    front: tuple[fronts.Front, ...] = ()
    patience: Patience = PATIENCE
    balancer_patience: Patience = fronts.PATIENCE
    pool_patience: Patience = pools.PATIENCE

    @property
    def lines(self) -> list[str]:
        """What people lose, for the question and the dry run."""
        return [*told(self.work), *(f"{each} (made by hand, with its load balancer)" for each in self.front)]

    def run(self) -> None:
        """Stop the hub, end people's work, take load balancers down. Raises HubError when one does not go in time; safe to repeat."""
        if self.api is None:
            return
        stopped = self.ground.hub and stop_hub(self.api, self.config.hub.namespace)
        ended = {each.path for each in self._end_work(self.api)}
        went = fronts.take_down(self.api, self.session, self.config, self.ground, self.display.note, self.balancer_patience)
        parts = ["the hub is stopped"] * stopped + [f"{len(ended)} things of people ended"] * bool(ended)
        parts += [f"{len(went)} load balancers gone: {', '.join(map(str, went))}"] * bool(went)
        if parts:
            self.display.step("freeze", "; ".join(parts))

    def _end_work(self, api: Api) -> tuple[Work, ...]:
        """Asked again at every look, for a controller may have been quicker. What hangs only goes on hanging where the cluster
        stays: one that goes takes it along, and every later run would stop at the same pod."""
        asked: dict[str, Work] = {}
        hangs = ""

        def left() -> str:
            nonlocal hangs
            hangs = ""  # for as long as the cluster has not told: what it refuses to tell is no reason to go on
            found = at_work(api, self.ground)
            for each in found:
                asked[each.path] = each
                api.ask("DELETE", each.path, f"end the {each.what} {each.who}")
            going = ending(api, self.ground)
            hangs = "; ".join([*told(found), *([f"{len(going)} servers are ending ({', '.join(going[:3])})"] if going else [])])
            return hangs

        fix = "kubectl describe says what holds them; then run the same command again"
        try:
            self.patience.until_nothing(left, self.display.note, fix=fix)
        except HubError as error:
            if not (self.ground.everywhere and hangs):
                raise
            self.display.note(f"{error.what}: they go with the cluster")
        return tuple(asked.values())

    def empty_pools(self) -> None:
        """Karpenter's nodes, before the stack of its controller goes. Raises HubError when one does not go in time."""
        if self.api is None:
            return
        count = pools.empty(self.api, self.config, self.ground, self.display.note, self.pool_patience)
        if count:
            self.display.step("nodes", f"{count} of Karpenter's nodes are gone")

    def explained(self) -> tuple[Stuck, ...]:
        """Why namespaces that go are still there; () where none is stuck, or the cluster does not tell."""
        if self.api is None:
            return ()
        try:
            found = [explain(self.api, each) for each in stuck(self.api, self.ground.namespaces)]
        except HubError:
            return ()
        return tuple(each for each in found if each is not None)


def look(config: HubConfig, session: boto3.Session, display: Display, states: Iterable[StackState], open_api: Callable[[], Api]) -> Freeze:
    """What a removal of the stacks with `states` has to do in the cluster. One that does not answer is noted, and done without."""
    what = ground(config, states)
    if what.is_empty:
        return Freeze(config, session, display, what)
    try:
        api = open_api()
        return Freeze(config, session, display, what, api, at_work(api, what), fronts.fronts(api, what))
    except HubError as error:
        display.note(f"nothing is stopped in the cluster first: {error.what}. Terraform and the sweep go on")
        return Freeze(config, session, display, what)


def opener(root: Path, config: HubConfig, target: Target) -> Callable[[], Api]:
    """Opens the env's cluster when it is asked to: the client of Kubernetes takes its time to load."""

    def open_api() -> Api:
        from modules.ops.cluster_api import open_cluster

        return open_cluster(root, config, target)

    return open_api


def stop_hub(api: Api, namespace: str) -> bool:
    """The hub's Deployment to no replica, and how many it had written on it; False when there is none, or it was stopped before."""
    path, what = f"/apis/apps/v1/namespaces/{namespace}/deployments/hub", f"stop the hub in {namespace}"
    found = api.read(path, "the hub") or {}
    replicas = int((found.get("spec") or {}).get("replicas", 1))
    if not found or not replicas:
        return False
    body = {"metadata": {"annotations": {BEFORE: str(replicas)}}, "spec": {"replicas": 0}}
    api.ask("PATCH", path, what, body=body, kind=pools.MERGE)
    return True
