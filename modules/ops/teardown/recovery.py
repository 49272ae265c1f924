"""What an install does in the cluster before a stack's plan: frees helm releases that a killed run left pending, and undoes what a
removal that was stopped did to the hub and to NodePools, which no plan would see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.cluster_access import is_in_cluster
from modules.ops.locks import held_locks
from modules.ops.synth import Stack
from modules.ops.teardown import freeze, pools
from modules.ops.teardown.helm_locks import let_go, releases_of
from modules.ops.teardown.workloads import Api


class Recovery:
    """note: hears why the cluster could not be asked; Terraform then says it as an error of its own."""

    def __init__(
        self,
        config: HubConfig,
        session: boto3.Session,
        stacks: Sequence[Stack],
        open_api: Callable[[], Api],
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._config, self._session, self._open, self._note = config, session, open_api, note
        self._stacks = {each.name: each for each in stacks}
        self._api: Api | None = None
        self._lock = Lock()
        #: What was done, for the report.
        self.lines: tuple[str, ...] = ()

    def before(self, stack: str) -> None:
        """Called when the turn of a stack comes. A cluster that does not answer stops nothing here."""
        document = self._stacks[stack].document() if stack in self._stacks else {}
        if not any(is_in_cluster(kind) for kind in document.get("resource") or {}):
            return
        try:
            # Stacks are made side by side.
            with self._lock:
                self._api = self._api or self._open()
                self.lines += (*self._freed(self._api, stack, document), *self._thawed(self._api, stack))
        except HubError as error:
            self._note(f"{stack}: what a killed run left in the cluster was not looked for: {error.what}")

    def _freed(self, api: Api, stack: str, document: dict[str, Any]) -> tuple[str, ...]:
        releases = releases_of(document)
        return let_go(api, releases, lambda: bool(held_locks(self._session, self._config, (stack,)))) if releases else ()

    def _thawed(self, api: Api, stack: str) -> tuple[str, ...]:
        if stack == f"{self._config.env}-hub":
            return start_hub(api, self._config.hub.namespace)
        return open_pools(api) if stack == f"{self._config.env}-platform" else ()


def start_hub(api: Api, namespace: str) -> tuple[str, ...]:
    """The hub as it was before a removal stopped it; a line, or nothing."""
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/hub"
    found = api.read(path, "the hub") or {}
    before = (found.get("metadata", {}).get("annotations") or {}).get(freeze.BEFORE)
    if before is None:
        return ()
    body = {"metadata": {"annotations": {freeze.BEFORE: None}}, "spec": {"replicas": int(before)}}
    api.ask("PATCH", path, f"start the hub in {namespace}", body=body, kind=pools.MERGE)
    return ("the hub runs again: a removal had stopped it",)


def open_pools(api: Api) -> tuple[str, ...]:
    """NodePools with the limits they had before a removal closed them; a line, or nothing."""
    opened = []
    for each in api.items(pools.POOLS, "the NodePools"):
        meta = each["metadata"]
        before = (meta.get("annotations") or {}).get(pools.BEFORE)
        if before is not None:
            # Null takes a field away in a merge patch.
            body = {"metadata": {"annotations": {pools.BEFORE: None}}, "spec": {"limits": {"cpu": before or None}}}
            api.ask("PATCH", f"{pools.POOLS}/{meta['name']}", f"open the NodePool {meta['name']}", body=body, kind=pools.MERGE)
            opened.append(meta["name"])
    return (f"NodePools may start nodes again: {', '.join(sorted(opened))}",) if opened else ()
