"""The runtime `eks`: processes as Deployments and Services of one cluster, whoever runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from kubernetes.client import ApiClient

from modules.launcher import names
from modules.launcher.errors import Conflict, Forbidden, LauncherError, NotFound
from modules.launcher.models import ProcessInfo, ProcessSpec
from modules.launcher.protocols import Principal, Rules, Store
from modules.launcher.runtime import addresses, culling, labels, listing, states
from modules.launcher.runtime.addresses import Nodes
from modules.launcher.runtime.calls import Calls, Thing
from modules.launcher.runtime.placing import place
from modules.launcher.runtime.quota import Quota
from modules.launcher.runtime.starting import start
from modules.launcher.runtime.undo import KINDS, Undo, delete_all, insist

#: Of a log: a mebibyte is as much as a person reads, and as much as each of many callers may make the server hold.
_LOG_BYTES = 2**20
_Found = list[tuple[str, str, Thing]]


class EksRuntime:
    """See runtime.interface.Runtime. api: renews its own token. now, sleep: for tests."""

    def __init__(
        self,
        api: ApiClient,
        store: Store,
        rules: Rules,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._calls, self._store, self._rules = Calls(api), store, rules
        self._now, self._sleep = now, sleep
        self._undo, self._quota = Undo(self._calls, sleep), Quota(rules.quota)

    def start(self, spec: ProcessSpec, who: Principal) -> None:
        """Make the process, wholly or not at all."""
        launch = place(spec, who.name, self._rules, self._now())
        with self._quota.room(who, spec.process_name, lambda: self._names_of(who)):
            self._refuse_in_another_namespace(spec.process_name, launch.namespace)
            start(self._calls, self._undo, self._store, launch)

    def find(self, who: Principal, group: str | None = None) -> list[ProcessInfo]:
        """The caller's processes; three lists a namespace, and one of nodes when a process is public."""
        if group is not None and not names.is_label_value(group):
            return []
        wanted = labels.selector(group=group, who=who)
        deployments, services, pods = (self._listed(kind, wanted) for kind in ("deployments", "services", "pods"))
        found = listing.assemble(deployments, services, pods)
        nodes = self._nodes() if any(addresses.is_public(each) for each in services) else None
        return [listing.describe(name, parts, nodes) for (_, name), parts in sorted(found.items(), key=lambda item: item[0][::-1])]

    def stop(self, name: str, who: Principal) -> None:
        """Remove the Deployment and the Services of this name, whichever are there."""
        found = self._objects(labels.selector(name)) if names.is_name(name) else []
        if not found:
            raise NotFound(f"Process '{name}' not found")
        if not all(labels.is_mine(thing, who) for _, _, thing in found):
            raise Forbidden(f"Process '{name}' is not yours")
        delete_all(self._calls, found, self._sleep)

    def stop_group(self, group: str, who: Principal) -> None:
        """As stop, for the caller's part of a group."""
        if names.is_label_value(group):
            delete_all(self._calls, self._objects(labels.selector(group=group, who=who)), self._sleep)

    def logs(self, name: str, who: Principal, tail: int, *, previous: bool = False) -> str:
        """The last `tail` lines of the newest pod, a mebibyte at most."""
        wanted = labels.selector(name)
        pods = self._listed("pods", wanted) if names.is_name(name) else []
        pod = states.newest(pods)
        if pod is None:
            self._explain_no_pod(name, who)
            raise Conflict(f"Process '{name}' has no pod yet, so it has no log")
        if not labels.is_mine(pod, who):
            raise Forbidden(f"Process '{name}' is not yours")
        query = {"container": name, "tailLines": tail, "limitBytes": _LOG_BYTES, "previous": str(previous).lower()}
        try:
            return self._calls.logs(pod["metadata"]["namespace"], pod["metadata"]["name"], query)
        except LauncherError as error:
            # 400 and 404 of a pod that we just saw: its container has not started, or not yet ended once.
            if error.status in (404, 422):
                raise Conflict(f"Process '{name}' has no such log yet") from error
            raise

    def cull(self, now: datetime) -> list[str]:
        """Stop what has outlived its time; then whatever failed starts have left."""
        over = [each for each in self._objects(labels.selector()) if culling.is_over(each[2], now, self._rules.max_age)]
        try:
            delete_all(self._calls, over, self._sleep)
        finally:
            self._undo.again()
        return sorted({labels.label(thing, labels.PROCESS) or "" for _, _, thing in over})

    def ready(self) -> None:
        """One small list, as it needs the same credentials and permission as the real ones."""
        self._calls.find("deployments", self._rules.namespaces[0], labels.selector(), limit=1)

    def _listed(self, kind: str, wanted: str) -> list[Thing]:
        return [each for namespace in self._rules.namespaces for each in self._placed(kind, namespace, wanted)]

    def _placed(self, kind: str, namespace: str, wanted: str) -> Iterable[Thing]:
        # Reads change nothing, so a passing failure need not reach the caller.
        return insist(lambda: self._calls.find(kind, namespace, wanted), self._sleep)

    def _objects(self, wanted: str) -> _Found:
        return [
            (kind, namespace, each)
            for namespace in self._rules.namespaces
            for kind in KINDS
            for each in self._placed(kind, namespace, wanted)
        ]

    def _names_of(self, who: Principal) -> set[str]:
        return {labels.label(each, labels.PROCESS) or "" for each in self._listed("deployments", labels.selector(who=who))}

    def _refuse_in_another_namespace(self, name: str, namespace: str) -> None:
        """Kubernetes keeps names apart within a namespace; a process' name is its only address here."""
        for other in self._rules.namespaces:
            if other != namespace and any(True for _ in self._placed("deployments", other, labels.selector(name))):
                raise Conflict(f'A deployment named "{name}" already exists')

    def _nodes(self) -> Nodes | None:
        try:
            return Nodes(self._placed("nodes", "", ""))
        except LauncherError:
            return None

    def _explain_no_pod(self, name: str, who: Principal) -> None:
        found = self._listed("deployments", labels.selector(name)) if names.is_name(name) else []
        if not found:
            raise NotFound(f"Process '{name}' not found")
        if not all(labels.is_mine(each, who) for each in found):
            raise Forbidden(f"Process '{name}' is not yours")
