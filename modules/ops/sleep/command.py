"""./hub sleep and ./hub wake as a person types them: look, ask, do, and say how to go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.say import out
from modules.ops.sleep.fall import Fall, refuse_work
from modules.ops.sleep.groups import NONE
from modules.ops.sleep.memory import Memory
from modules.ops.sleep.nodes import claims, pool_limits
from modules.ops.sleep.patience import USUAL, Patience
from modules.ops.sleep.scene import Scene, open_scene
from modules.ops.sleep.waking import Waking
from modules.ops.sleep.work import at_work, said
from modules.ops.sleep.workloads import sizes
from modules.ops.workbench import only_one

Result = TypeVar("Result")


@dataclass(frozen=True)
class SleepOptions:
    """force: end what people do. remove_nat, remove_balancers: take those away too. dry_run: only say what would be done.

    deep: all that costs by the hour and comes back: load balancers, and NAT with its addresses where the network is ours.
    """

    force: bool = False
    remove_nat: bool = False
    remove_balancers: bool = False
    yes: bool = False
    as_json: bool = False
    dry_run: bool = False
    deep: bool = False

    def for_env(self, config: HubConfig) -> SleepOptions:
        """With what `deep` means for this env written out. Raises HubError for NAT gateways that are not its own."""
        ours = config.network.existing is None
        if self.remove_nat and not ours:
            what = f"the network of {config.env} is somebody else's: its NAT gateways stay"
            raise HubError(what, where="network.existing", fix="leave it out")
        if not self.deep:
            return self
        return replace(self, remove_nat=ours, remove_balancers=True)


def sleep(root: Path, config: HubConfig, options: SleepOptions, *, patience: Patience = USUAL) -> int:
    """Stop everything that costs by the hour and comes back; exit 0. Data and cluster stay, and unless asked load balancers and NAT.

    Raises HubError while somebody works, when nobody agrees, and when a step fails: the same command goes on from there.
    """
    options = options.for_env(config)
    if options.dry_run:
        return _dry_run(open_scene(root, config, as_json=options.as_json, patience=patience), options)
    with only_one(root, config.env, "./hub sleep"):
        scene = open_scene(root, config, as_json=options.as_json, patience=patience)
        work = at_work(scene.api, config)
        refuse_work(work, force=options.force)
        _agree(scene, options, said(work))
        if options.remove_nat or options.remove_balancers:
            # What Terraform lacks shows now, and not when the hub is gone.
            scene.bench()
        fall = Fall(scene, options.force, options.remove_nat, options.remove_balancers, options.deep and options.remove_nat)
        memory = _going_on(scene, fall.run, "sleep")
    scene.display.step(config.env, f"is asleep. Its control plane and storage still cost; ./hub wake {config.env} brings it back")
    return _end(scene, options.as_json, "sleep", memory)


def wake(root: Path, config: HubConfig, *, as_json: bool, patience: Patience = USUAL) -> int:
    """Bring an env back to the size it had, and wait until its hub answers; exit 0. One that is awake is only waited for.

    Raises HubError when a step fails: the same command goes on from there.
    """
    with only_one(root, config.env, "./hub wake"):
        scene = open_scene(root, config, as_json=as_json, patience=patience)
        memory = _going_on(scene, Waking(scene).run, "wake")
    scene.display.step(config.env, f"is awake as it was before {memory.since}" if memory else "was not asleep")
    return _end(scene, as_json, "wake", memory)


def _agree(scene: Scene, options: SleepOptions, work: str) -> None:
    if options.yes:
        return
    env = scene.config.env
    loss = f"This ends {work} for good. " if work else ""
    question = f"{loss}Nobody can use {env} until ./hub wake {env}. Type the env's name to go on: "
    if scene.display.ask(question) != env:
        raise HubError("nobody agreed; nothing was touched", fix="type the env's name, or say --yes")


def _going_on(scene: Scene, work: Callable[[], Result], command: str) -> Result:
    env = scene.config.env
    again = f"./hub {command} {env} goes on where this ended" + (f"; ./hub wake {env} brings it back" if command == "sleep" else "")
    try:
        return work()
    except KeyboardInterrupt:
        raise HubError(f"interrupted; what was done is done. {again}", exit_code=130) from None
    except HubError as error:
        fix = f"{error.fix}. {again}" if error.fix else again
        raise HubError(error.what, where=error.where, fix=fix, exit_code=error.exit_code) from error


def _dry_run(scene: Scene, options: SleepOptions) -> int:
    """Say what would be done; exit 1 when it would be refused."""
    work = said(at_work(scene.api, scene.config))
    groups = {each.name: asdict(each.size) for each in scene.groups.ours() if each.size != NONE}
    running = [key for key, replicas in sizes(scene.api).items() if replicas]
    others = [each.name for each in scene.groups.all() if not each.is_ours]
    pools, nodes = pool_limits(scene.api), claims(scene.api)
    code = int(bool(work) and not options.force)
    display = scene.display
    display.step("work", f"{work or 'nobody works'}" + (", so this would be refused" if code else ""), "bad" if code else "ok")
    display.step("workloads", f"{len(running)} would be stopped, {len(pools)} pools closed, {len(nodes)} of Karpenter's nodes ended")
    display.step("nodes", "; ".join(f"{name}: {size['desired']} to 0" for name, size in groups.items()) or "node groups are at zero")
    if others:
        display.note(f"not ours, left as they are: {', '.join(others)}")
    if options.remove_nat:
        display.step("network", f"NAT gateways would go; their addresses would {'go too' if options.deep else 'be kept'}")
    if options.remove_balancers:
        display.step("network", "load balancers would go, and come back at new addresses")
    found: dict[str, Any] = {"work": work, "groups": groups, "workloads": sorted(running), "pools": sorted(pools), "nodes": list(nodes)}
    if options.as_json:
        out(json.dumps({"env": scene.config.env, "command": "sleep", "exit": code, "dry_run": True, **found}))
    return code


def _end(scene: Scene, as_json: bool, command: str, memory: Memory | None) -> int:
    if as_json:
        found = asdict(memory) if memory else {}
        state = {"sleep": "asleep", "wake": "awake"}[command]
        out(json.dumps({**found, "env": scene.config.env, "command": command, "exit": 0, "state": state}))
    return 0
