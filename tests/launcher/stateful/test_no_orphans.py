"""Random lives of processes on a cluster that fails at random: whatever happened, nothing is left that an operator cannot remove."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from modules.launcher.errors import LauncherError, NotFound
from modules.launcher.protocols import Principal
from tests._support.evidence import Evidence
from tests.launcher.fake_kubernetes import Cluster, Fault
from tests.launcher.lab import ADA, ADMIN, BOB, lab, process

KINDS = ("Deployment", "Service", "Secret", "Pod", "ReplicaSet")
NAMES, GROUPS = st.sampled_from(["a", "b", "c"]), st.sampled_from(["red", "blue"])
PEOPLE = st.sampled_from([ADA, BOB, ADMIN])
CREATES = ["POST *deployments", "POST *services", "POST *secrets", "POST *"]
OTHERS = ["DELETE *services/*", "DELETE *deployments/*", "GET *", "GET *nodes*", "*"]
#: What a server refuses it has not done; what it stumbles over, or never answers, it may have done.
REFUSALS = st.fixed_dictionaries({"code": st.sampled_from([403, 409, 429, 503])})
STUMBLES = st.fixed_dictionaries({"code": st.sampled_from([0, 500, 504]), "done": st.booleans()})
OFTEN = st.fixed_dictionaries(
    {"after": st.integers(0, 2), "times": st.sampled_from([1, 2, 0]), "retry_after": st.sampled_from([None, "1"])}
)
FAULTS = st.builds(lambda what, how, often: Fault(what, **how, **often), st.sampled_from([*CREATES, *OTHERS]), REFUSALS | STUMBLES, OFTEN)
FAULTS |= st.builds(Fault, st.sampled_from(CREATES), code=st.just(0), late=st.just(True))
PORTS = st.lists(st.integers(80, 83), unique=True, max_size=2)


class Lives(RuleBasedStateMachine):
    """running: names that were started and not stopped, as far as anybody was told. unsure: those of which nobody was told for certain."""

    runs = 0

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.running: dict[str, Principal] = {}
        self.groups: dict[str, str | None] = {}
        self.unsure: set[str] = set()
        Lives.runs += 1

    @initialize(reaping=st.booleans())
    def begin(self, reaping: bool) -> None:
        self.cluster, self.runtime = self.stack.enter_context(lab(Cluster(schemas=False)))
        self.cluster.reaping = reaping

    @rule(name=NAMES, group=st.none() | GROUPS, ports=PORTS, public=st.booleans(), who=PEOPLE)
    def start(self, name: str, group: str | None, ports: list[int], public: bool, who: Principal) -> None:
        try:
            self.runtime.start(process(name, *ports, public=public, group=group), who)
        except LauncherError:
            self._not_started(name)
            return
        assert name not in self.running or name in self.unsure, "two processes of one name"
        self.running[name], self.groups[name] = who, group
        held = self.cluster.object("Deployment", name)
        assert held["metadata"]["labels"]["hydroplane/process-id"] == name
        assert (name in self.cluster.names("Service")) is bool(ports), "a start that went well has all its parts"

    @rule(name=NAMES, who=PEOPLE)
    def start_with_secrets(self, name: str, who: Principal) -> None:
        container: dict[str, Any] = {"env": [{"name": "PASSWORD", "value": {"secret_name": "password"}}], "username": "ada"}
        container["password"] = {"secret_name": "login", "key": "pass"}
        try:
            self.runtime.start(process(name, 80, container=container), who)
        except LauncherError:
            self._not_started(name)
            return
        self.running[name], self.groups[name] = who, None
        assert len([each for each in self.cluster.names("Secret") if each.startswith(f"{name}-")]) >= 2

    def _not_started(self, name: str) -> None:
        """Nothing of it may stay, but for what arrives after everybody has given up on it."""
        if any(fault.late for fault in self.cluster.faults):
            self.unsure.add(name)

    @rule(name=NAMES, who=PEOPLE)
    def stop(self, name: str, who: Principal) -> None:
        try:
            self.runtime.stop(name, who)
        except NotFound:
            # Of a name in use only a failing list may say so, and a failing list says something else.
            assert name not in self.running or name in self.unsure
        except LauncherError as error:
            if error.status != 403 or who.admin or self.running.get(name) == who:
                self.unsure.add(name)
        else:
            self.running.pop(name, None)

    @rule(group=GROUPS, who=PEOPLE)
    def stop_group(self, group: str, who: Principal) -> None:
        meant = {name for name, owner in self.running.items() if self.groups[name] == group and (who.admin or owner == who)}
        try:
            self.runtime.stop_group(group, who)
        except LauncherError:
            self.unsure |= meant
        else:
            for name in meant:
                self.running.pop(name)

    @rule(who=PEOPLE)
    def look(self, who: Principal) -> None:
        try:
            found = self.runtime.find(who)
        except LauncherError:
            return
        names = [each.process_name for each in found]
        assert len(names) == len(set(names))
        assert who.admin or {each.owner for each in found} <= {who.name}

    @rule(fault=FAULTS)
    def something_breaks(self, fault: Fault) -> None:
        # Two at a time: a start that fails while nothing can be taken back needs both.
        self.cluster.faults = [*self.cluster.faults[-1:], Fault(**{**vars(fault), "seen": 0})]

    @rule()
    def half_is_made_and_cannot_be_taken_back(self) -> None:
        self.cluster.faults = [Fault("POST *services", 503, times=0), Fault("DELETE *", 503, times=0)]

    @rule()
    def it_is_mended(self) -> None:
        self.cluster.faults.clear()

    @rule()
    def what_was_late_arrives(self) -> None:
        self.cluster.arrive()

    @rule(kind=st.sampled_from(["Deployment", "Service"]), index=st.integers(0, 5))
    def somebody_else_deletes(self, kind: str, index: int) -> None:
        names = self.cluster.names(kind)
        if names:
            name = names[index % len(names)]
            self.cluster.remove(kind, name)
            self.unsure.add(name)

    @rule()
    def the_culler_comes(self) -> None:
        try:
            self.runtime.cull(self.runtime._now())
        except LauncherError:
            return

    def teardown(self) -> None:
        """The operator's turn: the faults are over, the culler comes, and what is listed is stopped."""
        with self.stack:
            if not hasattr(self, "cluster"):
                return
            self.cluster.faults.clear()
            self.cluster.arrive()
            self.runtime.cull(self.runtime._now())
            self.cluster.settle()
            listed = {each.process_name for each in self.runtime.find(ADMIN)}
            assert set(self.running) - self.unsure <= listed, "a process is lost that nobody stopped"
            assert listed <= set(self.running) | self.unsure, "a process runs that nobody was promised"
            assert {name for kind in ("Deployment", "Service") for name in self.cluster.names(kind)} <= listed, "an object is in no list"
            for name in listed:
                self.runtime.stop(name, ADMIN)
            self.cluster.settle()
            left = {kind: self.cluster.names(kind) for kind in KINDS}
            assert left == {kind: [] for kind in KINDS}, "orphans"


@pytest.mark.slow
def test_no_orphan_in_200_lives(evidence: Evidence) -> None:
    Lives.runs = 0
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Lives, settings=settings(max_examples=200, stateful_step_count=20, deadline=None, suppress_health_check=checks)
    )
    assert Lives.runs >= 200
    evidence.record("launcher: no orphan", "faulted", "200 random lives with failing, lost, late and repeated calls; stand-in cluster")
