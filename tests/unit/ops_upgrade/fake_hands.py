"""A stand-in for AWS, Terraform and the cluster at the executor's seam: steps change its facts, and one may fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from modules.common.errors import HubError
from modules.ops.upgrade.facts import Facts, Server


@dataclass
class FakeHands:
    """version: what hub.yaml says. fail_at: the call (as it stands in `calls`) that fails, before its work or after it.

    looks: what happens at each look at the facts, in turn: people leave, Karpenter replaces a node.
    """

    state: Facts
    version: str
    fail_at: str = ""
    fail_after: bool = False
    calls: list[str] = field(default_factory=list)
    looks: list[Callable[[Facts], Facts]] = field(default_factory=list)
    guarded: bool = False
    unsafe: list[str] = field(default_factory=list)

    def facts(self) -> Facts:
        if self.looks:
            self.state = self.looks.pop(0)(self.state)
        return self.state

    def apply(self, stack: str) -> None:
        def work() -> None:
            if stack == "cluster":
                self.state = replace(self.state, version=self.version)
            else:
                self.state = replace(self.state, controllers={**self.state.controllers, "cluster-autoscaler": f"{self.version}.0"})

        self._call(f"apply {stack}", work)

    def update_addon(self, name: str, version: str) -> None:
        addons = tuple(replace(each, version=version) if each.name == name else each for each in self.state.addons)
        self._call(f"addon {name} {version}", lambda: self._set(addons=addons))

    def update_group(self, name: str, version: str) -> None:
        here = self.state.nodes_of(name)
        if self.state.servers_on(here) and not self.guarded:
            self.unsafe.append(name)
        groups = tuple(replace(each, version=version) if each.name == name else each for each in self.state.groups)
        nodes = tuple(replace(each, kubelet=f"v{version}.1") if each.group == name else each for each in self.state.nodes)
        self._call(f"group {name} {version}", lambda: self._set(groups=groups, nodes=nodes))

    def hold(self, node: str) -> None:
        self._call(f"hold {node}", lambda: self._held(node, True))

    def release(self, node: str) -> None:
        self._call(f"release {node}", lambda: self._held(node, False))

    def end(self, server: Server) -> None:
        left = tuple(each for each in self.state.servers if each != server)
        self._call(f"end {server.user}", lambda: self._set(servers=left))

    def guard(self) -> None:
        self._call("guard", lambda: setattr(self, "guarded", True))

    def unguard(self) -> None:
        self._call("unguard", lambda: setattr(self, "guarded", False))

    def read_back(self) -> None:
        self._call("read back", lambda: None)

    def _held(self, node: str, held: bool) -> None:
        self._set(nodes=tuple(replace(each, is_held=held) if each.name == node else each for each in self.state.nodes))

    def _set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def _call(self, what: str, work: Callable[[], None]) -> None:
        self.calls.append(what)
        if what == self.fail_at and not self.fail_after:
            raise HubError(f"{what} was refused", fix="mend it")
        work()
        if what == self.fail_at:
            raise KeyboardInterrupt
