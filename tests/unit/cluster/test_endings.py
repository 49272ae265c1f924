"""Finalizers and Terminating namespaces of the stand-in cluster, by API and by Terraform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kubernetes import client

from modules.rehearsal.cluster import edits
from modules.rehearsal.cluster.world import Key
from modules.rehearsal.standin.backend import Refused
from tests.unit.cluster.api_support import Served, config_map, refusal, served, served_process
from tests.unit.cluster.support import namespace, release

__all__ = ["served", "served_process"]

HOLD = "example.com/hold"
OBJECT = Key("ConfigMap", "dcv", "held")


@pytest.fixture
def core(served: Served) -> client.CoreV1Api:
    made = config_map("held")
    made.metadata.finalizers = [HOLD]
    found = client.CoreV1Api(served.client)
    found.create_namespaced_config_map("dcv", made)
    return found


def _patch(served: Served) -> None:
    client.CoreV1Api(served.client).patch_namespaced_config_map("held", "dcv", {"metadata": {"finalizers": None}})


def _edit(served: Served) -> None:
    edits.edit(served.world, {"set": str(OBJECT), "path": ["metadata", "finalizers"], "to": None})


def _remove(served: Served) -> None:
    edits.edit(served.world, {"remove": str(OBJECT)})


WAYS: list[Callable[[Served], None]] = [_patch, _edit, _remove]


@pytest.mark.parametrize("take_off", WAYS)
def test_an_object_that_is_held_stays(served: Served, core: client.CoreV1Api, take_off: Callable[[Served], None]) -> None:
    core.delete_namespaced_config_map("held", "dcv")
    assert core.read_namespaced_config_map("held", "dcv").metadata.deletion_timestamp is not None
    take_off(served)
    assert OBJECT not in served.world.objects


@pytest.mark.parametrize("take_off", WAYS)
def test_a_namespace_waits_for_what_is_in_it(served: Served, core: client.CoreV1Api, take_off: Callable[[Served], None]) -> None:
    core.create_namespaced_config_map("dcv", config_map("free"))
    core.delete_namespace("dcv")
    found = core.read_namespace("dcv")
    conditions = {each.type: (each.status, each.message) for each in found.status.conditions}
    assert found.status.phase == "Terminating"
    assert conditions["NamespaceContentRemaining"][0] == "True"
    assert HOLD in conditions["NamespaceFinalizersRemaining"][1]
    assert Key("ConfigMap", "dcv", "free") not in served.world.objects
    code, _, said = refusal(lambda: core.create_namespaced_config_map("dcv", config_map("late")))
    assert (code, "because it is being terminated" in said) == (403, True)
    take_off(served)
    assert Key("Namespace", "", "dcv") not in served.world.objects


def test_terraform_waits_in_vain(served: Served, core: client.CoreV1Api) -> None:
    with pytest.raises(Refused, match=r"timeout while waiting for resource to be gone .last state: 'Terminating'"):
        served.terraform().delete("kubernetes_namespace_v1", namespace("dcv"))
    assert core.read_namespace("dcv").status.phase == "Terminating"
    _patch(served)
    served.terraform().delete("kubernetes_namespace_v1", namespace("dcv"))


@pytest.mark.parametrize("controller", [True, False])
def test_a_controller_takes_off_its_own(served: Served, controller: bool) -> None:
    if controller:
        backend = served.terraform()
        backend.create("helm_release", release("karpenter", "1.14.1"), {})
    made: Any = config_map("held")
    made.metadata.finalizers = ["karpenter.sh/termination"]
    core = client.CoreV1Api(served.client)
    core.create_namespaced_config_map("dcv", made)
    core.delete_namespaced_config_map("held", "dcv")
    assert (OBJECT in served.world.objects) is not controller
