"""The hands of the executor on a real env: Terraform for what hub.yaml says, EKS for what it leaves to EKS, the cluster's API for people.

Terraform moves the control plane, because cluster.version is in hub.yaml. Versions of add-ons that hub.yaml does not fix, and
of node groups, are not in Terraform's configuration at all: it keeps what it finds. So EKS is asked to move those, and
Terraform reads them back at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import write_private
from modules.ops.upgrade import guard
from modules.ops.upgrade.facts import Facts, Server
from modules.ops.upgrade.gather import Gatherer
from modules.ops.upgrade.updates import Updates
from modules.ops.workbench import Workbench

#: The stacks whose resources an upgrade moves outside Terraform.
_TOUCHED = ("cluster", "platform")


@dataclass(frozen=True)
class EnvHands:
    """bench: opened when Terraform is first needed, for that takes a synth."""

    config: HubConfig
    gatherer: Gatherer
    updates: Updates
    target: str
    bench: Callable[[], Workbench]

    def facts(self) -> Facts:
        """As they are now."""
        return self.gatherer.facts(self.target)

    def apply(self, stack: str) -> None:
        """Apply one stack as hub.yaml has it. Raises HubError when it fails; what it did is in the state."""
        self._up((stack,))

    def update_addon(self, name: str, version: str) -> None:
        """Move an add-on."""
        self.updates.addon(name, version)

    def update_group(self, name: str, version: str) -> None:
        """Move a node group."""
        self.updates.group(name, version)

    def hold(self, node: str) -> None:
        """Keep Karpenter off a node."""
        guard.hold(self.gatherer.api, node)

    def release(self, node: str) -> None:
        """Let Karpenter at it again."""
        guard.release(self.gatherer.api, node)

    def end(self, server: Server) -> None:
        """End a server; only --force does."""
        guard.end(self.gatherer.api, server)

    def guard(self) -> None:
        """Refuse evictions of servers."""
        guard.guard(self.gatherer.api, self.config.hub.namespace)

    def unguard(self) -> None:
        """Let evictions through again."""
        guard.unguard(self.gatherer.api, self.config.hub.namespace)

    def read_back(self) -> None:
        """Have Terraform read what EKS moved into its states; else the next plan would call it drift."""
        layout = self.bench().layout
        for stack in _TOUCHED:
            # The mark by which the engine reads a stack back after its apply (engine.Engine.up).
            mark = layout.unsettled(self._name(stack))
            if not mark.exists():
                write_private(mark, "")
        self._up(_TOUCHED)

    def _up(self, stacks: tuple[str, ...]) -> None:
        bench = self.bench()
        wanted = {self._name(each) for each in stacks}
        result = bench.engine().up([each for each in bench.stacks if each.name in wanted])
        bench.record("upgrade", result.exit_code, result)
        if result.interrupted:
            raise KeyboardInterrupt
        for failed in result.failures:
            failure = failed.failure
            assert failure is not None  # a failed stack has one
            raise HubError(f"{failure.what}: {failure.why}", where=failed.stack, fix=failure.fix)

    def _name(self, stack: str) -> str:
        return f"{self.config.env}-{stack}"
