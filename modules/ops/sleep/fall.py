"""Falling asleep, step by step. Each looks at what is there first, so that a stopped run simply goes on.

The order: the hub (nobody starts a server any more), pools (no node comes), workloads (nothing holds a node), Karpenter's
nodes while Karpenter still runs, node groups, and on request the way out.
"""

from __future__ import annotations

from dataclasses import dataclass

from modules.common.errors import HubError
from modules.ops.sleep import way_out
from modules.ops.sleep.groups import NONE
from modules.ops.sleep.memory import ASLEEP, FALLING, Memory
from modules.ops.sleep.nodes import SHUT, give_up_claims, group_nodes, limit_pool, pool_limits
from modules.ops.sleep.scene import Scene
from modules.ops.sleep.work import Work, at_work, mortal, pods, said
from modules.ops.sleep.workloads import hub_key, scale, sizes


@dataclass
class Fall:
    """force: work is ended, not respected. remove_nat, remove_balancers: the network's way out, and the way in, go too.

    remove_addresses: and what the way out is seen by.
    """

    scene: Scene
    force: bool = False
    remove_nat: bool = False
    remove_balancers: bool = False
    remove_addresses: bool = False

    def run(self) -> Memory:
        """Put the env to sleep; what is remembered of it. Raises HubError when somebody works, or a step is refused or takes too long."""
        before = self.scene.memory()
        self._refuse_too_late(before)
        refuse_work(at_work(self.scene.api, self.scene.config), force=self.force)
        memory = self._remembered(before)
        self._close_the_door(memory, is_first=before is None)
        self._close_the_way_in(memory)
        self._stop(memory)
        self._end_nodes()
        self._empty_groups(memory)
        self._close_the_way_out(memory)
        memory.state = ASLEEP
        self.scene.drawer.write(memory)
        return memory

    def _remembered(self, before: Memory | None) -> Memory:
        """Everything's size, written down before the first of them changes. What a stopped run wrote counts: it saw them whole."""
        scene, memory = self.scene, before or self.scene.new_memory()
        memory.state = FALLING
        memory.without_nat = memory.without_nat or self.remove_nat
        memory.without_balancers = memory.without_balancers or self.remove_balancers
        memory.without_addresses = memory.without_addresses or self.remove_addresses
        for group in scene.groups.ours():
            if group.size != NONE:
                memory.groups.setdefault(group.name, group.size)
        for pool, cpu in pool_limits(scene.api).items():
            memory.pools.setdefault(pool, cpu)
        for key, replicas in sizes(scene.api).items():
            if replicas:
                memory.workloads.setdefault(key, replicas)
        scene.drawer.write(memory)
        return memory

    def _close_the_door(self, memory: Memory, *, is_first: bool) -> None:
        """Without its hub nobody starts a server. Who did in the last moment is respected: the hub comes back."""
        scene, hub = self.scene, hub_key(self.scene.config)
        if hub not in memory.workloads:
            return
        scale(scene.api, hub, 0)
        try:
            scene.patience.until_nothing(self._hub_pods, scene.display.note, fix="run the same command again")
            refuse_work(at_work(scene.api, scene.config), force=self.force)
        except HubError:
            if is_first:
                scale(scene.api, hub, memory.workloads[hub])
                scene.drawer.forget()
            raise
        scene.display.step("hub", "stopped: nobody can log in")

    def _hub_pods(self) -> str:
        namespace = self.scene.config.hub.namespace
        here = [each["metadata"] for each in pods(self.scene.api) if each["metadata"].get("namespace") == namespace]
        left = [each["name"] for each in here if (each.get("labels") or {}).get("component") == "hub"]
        return f"the hub is stopping ({', '.join(left)})" if left else ""

    def _stop(self, memory: Memory) -> None:
        api = self.scene.api
        for pool, cpu in pool_limits(api).items():
            if cpu != SHUT:
                limit_pool(api, pool, SHUT)
        asked = [key for key, replicas in sizes(api).items() if replicas]
        for key in asked:
            scale(api, key, 0)
        self.scene.display.step("workloads", f"{len(memory.workloads)} stopped, {len(memory.pools)} pools closed")

    def _end_nodes(self) -> None:
        fix = "run the same command again to wait on; kubectl describe nodeclaims and pods -A say what holds them"
        self.scene.patience.until_nothing(self._nodes_and_work, self.scene.display.note, fix=fix)
        self.scene.display.step("pools", "no node left")

    def _nodes_and_work(self) -> str:
        api = self.scene.api
        refuse_work(at_work(api, self.scene.config), force=self.force)
        for each in mortal(pods(api)):
            api.ask("DELETE", each.path, f"end the {each.what} {each.who}")
        claims = give_up_claims(api)
        return f"{len(claims)} of Karpenter's nodes are going ({', '.join(claims[:3])})" if claims else ""

    def _empty_groups(self, memory: Memory) -> None:
        scene, names = self.scene, frozenset(memory.groups)
        wanted = dict.fromkeys(names, NONE)

        def left() -> str:
            nodes = group_nodes(scene.api, names)
            return scene.groups.left(wanted) or (f"{len(nodes)} nodes are going ({', '.join(nodes[:3])})" if nodes else "")

        scene.patience.until_nothing(left, scene.display.note, fix="look at the groups in the EKS console, then run the same command again")
        scene.display.step("nodes", f"{len(names)} node groups at zero")

    def _refuse_too_late(self, before: Memory | None) -> None:
        """A load balancer goes by the hand of its controller, which sleeps already."""
        if self.remove_balancers and before is not None and not before.without_balancers:
            env = self.scene.config.env
            raise HubError(f"{env} is {before.state} with its load balancers", fix=f"./hub wake {env} first, then ask for it")

    def _close_the_way_in(self, memory: Memory) -> None:
        if memory.without_balancers:
            way_out.drop_balancers(self.scene.bench())
            self.scene.display.step("network", "without load balancers")

    def _close_the_way_out(self, memory: Memory) -> None:
        if memory.without_nat:
            way_out.close(self.scene.bench(), addresses=not memory.without_addresses)
            kept = "nor their addresses" if memory.without_addresses else "their addresses are kept"
            self.scene.display.step("network", f"without NAT gateways; {kept}")


def refuse_work(found: tuple[Work, ...], *, force: bool) -> None:
    """Raises HubError while somebody works, unless force."""
    if found and not force:
        raise HubError(f"not asleep: {said(found)} at work", fix="ask them to finish, or end it all with --force")
