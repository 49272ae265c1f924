"""The runtime asks no more of Kubernetes than the stack's Role allows, and needs each of its verbs."""

from __future__ import annotations

import re

import pytest

from modules.common import launcher as refs
from modules.launcher.errors import LauncherError
from modules.launcher.runtime import labels
from tests.launcher.fake_kubernetes import Call, Cluster, Fault
from tests.launcher.unit.conftest import Clock, Make
from tests.launcher.unit.wanted import ADMIN, ANN, FULL, process

_PATH = re.compile(r"/apis?/(?:(?P<group>[^/]+)/)?v1/(?:namespaces/[^/]+/)?(?P<kind>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<part>.+))?)?")


def asked(call: Call) -> tuple[str, str, str]:
    """(API group, resource, verb), as Kubernetes' authoriser sees a call."""
    found = _PATH.fullmatch(call.path)
    assert found, call.path
    verb = {"POST": "create", "DELETE": "delete", "GET": "get" if found["name"] else "list"}[call.method]
    return found["group"] or "", "/".join(filter(None, (found["kind"], found["part"]))), verb


def test_neither_more_nor_less(cluster: Cluster, make: Make, clock: Clock) -> None:
    runtime = make(quota=5)
    runtime.ready()
    runtime.start(process(group="g", has_public_ip=True, ttl_minutes=1, **FULL), ANN)
    runtime.find(ANN)
    runtime.logs("web", ANN, 5)
    runtime.cull(clock())
    runtime.stop("web", ANN)
    cluster.faults += [Fault("POST */services", 500)]
    with pytest.raises(LauncherError):
        runtime.start(process(), ANN)
    runtime.stop_group("g", ADMIN)
    allowed = {(group, kind, verb) for group, kind, verbs in (*refs.NAMESPACE_RULES, *refs.CLUSTER_RULES) for verb in verbs}
    assert {asked(each) for each in cluster.calls} == allowed


def test_the_labels_are_the_stacks() -> None:
    assert (labels.PROCESS, labels.GROUP) == (refs.PROCESS_LABEL, refs.GROUP_LABEL)
