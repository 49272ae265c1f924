"""Waking, step by step: the way out, nodes, pools, workloads with the hub last; each only where it is not yet as remembered."""

from __future__ import annotations

from dataclasses import dataclass

from modules.common.errors import HubError
from modules.ops.sleep import way_out
from modules.ops.sleep.memory import WAKING, Memory
from modules.ops.sleep.nodes import SHUT, limit_pool, pool_limits
from modules.ops.sleep.scene import Scene
from modules.ops.sleep.workloads import SYSTEM, hub_key, scale, sizes
from modules.ops.verify.scene import Scene as Web

_OK = 200
_CONTROLLER = "aws-load-balancer-controller"


@dataclass
class Waking:
    """One env on its way back."""

    scene: Scene

    def run(self) -> Memory | None:
        """Wake the env and wait until its hub answers; what was remembered, None when it was awake already.

        Raises HubError when a step is refused or takes too long. All sizes are back before the hub is waited for.
        """
        memory = self.scene.memory()
        if memory is not None:
            memory.state = WAKING
            self.scene.drawer.write(memory)
            self._open_the_way_out(memory)
            self._fill_groups(memory)
            self._start(memory)
            self._open_the_way_in(memory)
            self.scene.drawer.forget()
        self._wait_for_the_hub()
        return memory

    def _open_the_way_out(self, memory: Memory) -> None:
        """First: a node without it cannot join."""
        if memory.without_nat:
            way_out.reopen(self.scene.bench())
            memory.without_nat = memory.without_addresses = False
            self.scene.drawer.write(memory)
            self.scene.display.step("network", "NAT gateways are back")

    def _fill_groups(self, memory: Memory) -> None:
        scene = self.scene
        fix = "look at the groups in the EKS console, then run the same command again"
        scene.patience.until_nothing(lambda: scene.groups.left(memory.groups), scene.display.note, fix=fix)
        total = sum(each.desired for each in memory.groups.values())
        scene.display.step("nodes", f"{total} asked for in {len(memory.groups)} node groups, as before")

    def _start(self, memory: Memory) -> None:
        api, hub = self.scene.api, hub_key(self.scene.config)
        shut = [pool for pool, cpu in pool_limits(api).items() if cpu == SHUT and pool in memory.pools]
        for pool in shut:
            limit_pool(api, pool, memory.pools[pool])
        now = sizes(api)
        # Who came back since, by hand or by an autoscaler, has the size that somebody wanted.
        for key in sorted(memory.workloads, key=lambda key: (key == hub, key)):
            if now.get(key) == 0:
                scale(api, key, memory.workloads[key])
        self.scene.display.step("workloads", f"{len(memory.workloads)} started, {len(memory.pools)} pools open")

    def _open_the_way_in(self, memory: Memory) -> None:
        """Last: load balancers are made by their controller, which needs a node."""
        if memory.without_balancers:
            fix = "kubectl describe pods -n kube-system says what it waits for; then run the same command again"
            self.scene.patience.until_nothing(self._no_controller, self.scene.display.note, fix=fix)
            way_out.raise_balancers(self.scene.bench())
            self.scene.display.step("network", "load balancers are back, at new addresses")

    def _no_controller(self) -> str:
        if Web(self.scene.root, self.scene.config, self.scene.target).is_stand_in:
            return ""
        found = self.scene.api.replicas(SYSTEM, _CONTROLLER)
        return "" if found and found.ready else f"{_CONTROLLER} has no pod ready"

    def _wait_for_the_hub(self) -> None:
        scene, web = self.scene, Web(self.scene.root, self.scene.config, self.scene.target)
        if web.is_stand_in:
            scene.display.note("a rehearsal has no nodes, and nothing listens: the hub is not waited for")
            return
        if scene.api.replicas(scene.config.hub.namespace, "hub") is None:
            scene.display.note("there is no hub in this cluster to wait for")
            return
        fix = f"./hub verify {scene.config.env} says what is missing; sizes are as before, so there is nothing to wake any more"
        scene.patience.until_nothing(lambda: _silent(scene, web), scene.display.note, fix=fix)
        scene.display.step("hub", f"answers at {web.url}")


def _silent(scene: Scene, web: Web) -> str:
    """Why the hub does not answer yet; "" when it does."""
    found = scene.api.replicas(scene.config.hub.namespace, "hub")
    if found is None or not found.ready:
        return "the hub's pod is not ready"
    try:
        status = web.site.get("/hub/health").status
    except HubError as error:
        return f"the hub is silent: {error.what}"
    return "" if status == _OK else f"the hub answers {status}"
