"""EKS's own updates: started, waited for, and their errors in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modules.common.errors import HubError
from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import doing

#: A node group of many nodes takes hours; EKS itself gives up on a node after a quarter of one.
_DEADLINE_SECONDS = 4 * 3600.0
_PAUSE_SECONDS = 10.0
_GOING = "InProgress"


@dataclass(frozen=True)
class Updates:
    """Updates of one cluster."""

    clients: Clients
    cluster: str
    pause: float = _PAUSE_SECONDS
    sleep: Callable[[float], None] = time.sleep

    def addon(self, name: str, version: str) -> None:
        """Move an add-on and wait. What somebody changed in its objects stays, as stack cluster says too (PRESERVE)."""
        with doing(f"update add-on {name} to {version}"):
            eks = self.clients.get("eks")
            answer = eks.update_addon(clusterName=self.cluster, addonName=name, addonVersion=version, resolveConflicts="PRESERVE")
            self._wait(f"add-on {name}", answer["update"]["id"], addonName=name)

    def group(self, name: str, version: str) -> None:
        """Replace a node group's nodes by nodes of `version`, and wait. EKS stops at a pod that may not be evicted; it is not forced."""
        with doing(f"update node group {name} to {version}"):
            answer = self.clients.get("eks").update_nodegroup_version(
                clusterName=self.cluster, nodegroupName=name, version=version, force=False
            )
            self._wait(f"node group {name}", answer["update"]["id"], nodegroupName=name)

    def _wait(self, what: str, id: str, **of: str) -> None:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while (update := self._look(id, of))["status"] == _GOING:
            if time.monotonic() > deadline:
                raise HubError(
                    f"the update of {what} is still going on after four hours", fix="wait until it is ACTIVE, then run this again"
                )
            self.sleep(self.pause)
        if update["status"] != "Successful":
            raise _failed(what, update)

    def _look(self, id: str, of: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = self.clients.get("eks").describe_update(name=self.cluster, updateId=id, **of)["update"]
        return found


def _failed(what: str, update: dict[str, Any]) -> HubError:
    errors = update.get("errors") or [{}]
    code = str(errors[0].get("errorCode", update["status"]))
    words = str(errors[0].get("errorMessage", "")).strip()
    fix = "mend what it names, then run the same command again: it goes on here"
    if code == "PodEvictionFailure":
        fix = "a pod may not be evicted: a server that has just started, or a PodDisruptionBudget. Run the same command again later"
    return HubError(f"EKS could not update {what}: {code}" + (f" ({words})" if words else ""), fix=fix)
