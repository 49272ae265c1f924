"""Questions of the protocol, asked without Terraform."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from modules.rehearsal.standin import protocol
from modules.rehearsal.standin.backend import Problem
from modules.rehearsal.standin.catalogue import load
from modules.rehearsal.standin.planner import complete
from modules.rehearsal.standin.servicer import Provider
from modules.rehearsal.standin.wire import decode, encode
from tests._support.memory_cluster import MemoryCluster

KIND = "kubernetes_secret_v1"
CANARY = "canary-of-the-servicer"


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster()


@pytest.fixture
def provider(cluster: MemoryCluster) -> Provider:
    return Provider("kubernetes", cluster)


def _secret(**given: Any) -> dict[str, Any]:
    block = load("kubernetes")["resources"][KIND]
    whole = complete(block, {"metadata": [{"name": "s", "namespace": "hub"}], **given})
    return {**whole, "data_wo": given.get("data_wo")}


def _ask(name: str, **fields: Any) -> Any:
    """A question; values of a dict become packed values."""
    known = protocol.messages()
    packed = {
        key: known["DynamicValue"](msgpack=encode(value)) if value is None or isinstance(value, dict) else value
        for key, value in fields.items()
    }
    return known[name](type_name=KIND, **packed)


def _create(provider: Provider) -> Any:
    config = _secret(data_wo={"k": CANARY}, data_wo_revision=1)
    planned = provider.plan_resource_change(
        _ask("PlanQuestion", prior_state=None, proposed_new_state={**config, "data_wo": None}, config=config)
    )
    question = _ask("ApplyQuestion", prior_state=None, planned_state=decode(planned.planned_state.msgpack), config=config)
    return provider.apply_resource_change(question)


def _told(answer: Any) -> list[tuple[int, str]]:
    return [(each.severity, each.summary) for each in answer.diagnostics]


def test_the_schema_says_what_is_served_and_that_destroys_are_planned(provider: Provider) -> None:
    answer = provider.get_provider_schema(None)
    schemas = {each.key: each.value for each in answer.resource_schemas}
    assert set(schemas) == set(load("kubernetes")["resources"])
    attributes = {each.name: each for each in schemas[KIND].block.attributes}
    assert attributes["data_wo"].write_only
    assert attributes["data"].sensitive
    assert json.loads(attributes["data_wo"].type) == ["map", "string"]
    assert answer.server_capabilities.plan_destroy


def test_a_write_only_value_reaches_the_cluster_and_no_answer(provider: Provider, cluster: MemoryCluster) -> None:
    answer = _create(provider)
    assert _told(answer) == []
    assert cluster.secrets == {"hub/s": {"k": CANARY}}
    assert decode(answer.new_state.msgpack)["data_wo"] is None
    assert CANARY.encode() not in answer.SerializeToString()


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_a_refusal_leaves_the_prior_state(provider: Provider, cluster: MemoryCluster, operation: str) -> None:
    cluster.refuse[f"{operation} {KIND}"] = "no"
    prior = None if operation == "create" else _secret(id="hub/s")
    planned = None if operation == "delete" else _secret(immutable=True)
    answer = provider.apply_resource_change(_ask("ApplyQuestion", prior_state=prior, planned_state=planned, config=_secret()))
    assert _told(answer) == [(protocol.ERROR, "no")]
    assert decode(answer.new_state.msgpack) == prior


def test_a_warning_lets_the_change_through(provider: Provider, cluster: MemoryCluster) -> None:
    cluster.refuse["warn"] = ""
    answer = _create(provider)
    assert _told(answer) == [(protocol.WARNING, "made, but look")]
    assert decode(answer.new_state.msgpack)["id"] == "hub/s"


def test_a_refused_plan_plans_nothing(provider: Provider, cluster: MemoryCluster) -> None:
    cluster.refuse[f"plan {KIND}"] = "no matches for kind"
    answer = provider.plan_resource_change(_ask("PlanQuestion", prior_state=None, proposed_new_state=_secret(), config=_secret()))
    assert _told(answer) == [(protocol.ERROR, "no matches for kind")]
    assert not answer.HasField("planned_state")


def test_a_problem_names_its_place(provider: Provider, cluster: MemoryCluster) -> None:
    cluster.problems = (Problem("wrong", "very", attribute=("metadata", 0, "name")),)
    (told,) = provider.validate_resource_config(_ask("ValidateQuestion", config=_secret())).diagnostics
    steps = [(each.attribute_name, each.element_key_int) for each in told.attribute.steps]
    assert (told.summary, told.detail, steps) == ("wrong", "very", [("metadata", 0), ("", 0), ("name", 0)])


def test_what_is_gone_is_read_as_gone(provider: Provider) -> None:
    answer = provider.read_resource(_ask("ReadQuestion", current_state=_secret(id="hub/s")))
    assert decode(answer.new_state.msgpack) is None


def test_what_says_the_same_is_read_byte_for_byte(provider: Provider, cluster: MemoryCluster) -> None:
    state = _secret(id="hub/s", data={})
    cluster.objects[KIND, "hub/s"] = {**state, "data": None}
    question = _ask("ReadQuestion", current_state=state)
    assert provider.read_resource(question).new_state == question.current_state


def test_the_stored_state_is_handed_back_as_it_is(provider: Provider) -> None:
    known = protocol.messages()
    question = known["UpgradeQuestion"](type_name=KIND, raw_state=known["RawState"](json=b'{"id": "1"}'))
    assert provider.upgrade_resource_state(question).upgraded_state.json == b'{"id": "1"}'


@pytest.mark.parametrize(("id_", "found", "told"), [("hub/s", 1, []), ("hub/t", 0, [(1, f"Cannot import {KIND} hub/t")])])
def test_an_import_finds_what_is_there(
    provider: Provider, cluster: MemoryCluster, id_: str, found: int, told: list[tuple[int, str]]
) -> None:
    cluster.objects[KIND, "hub/s"] = {"id": "hub/s", "metadata": [{"name": "s", "namespace": "hub"}]}
    answer = provider.import_resource_state(_ask("ImportQuestion", id=id_))
    assert (len(answer.imported_resources), _told(answer)) == (found, told)


def test_a_fault_of_ours_is_told_without_values(
    provider: Provider, cluster: MemoryCluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"the value was {CANARY}")

    monkeypatch.setattr(cluster, "create", fail)
    answer = _create(provider)
    assert _told(answer) == [(protocol.ERROR, "The stand-in of hashicorp/kubernetes has a fault: RuntimeError")]
    log = capsys.readouterr().err
    assert "test_servicer.py" in log
    assert CANARY not in log + str(answer)


def test_a_stream_lasts_as_long_as_the_launch(provider: Provider) -> None:
    listening = threading.Thread(target=lambda: list(provider.stream_stdio(None)))
    listening.start()
    assert listening.is_alive()
    provider.shutdown(None)
    listening.join(5)
    assert not listening.is_alive()


@pytest.mark.parametrize(
    ("name", "fields", "sent"),
    [
        ("Attribute", {"write_only": True}, b"\x58\x01"),
        ("Attribute", {"nested_type": {"nesting": 2}}, b"\x52\x02\x18\x02"),
        ("PlanAnswer", {"legacy_type_system": True}, b"\x28\x01"),
        ("ApplyAnswer", {"legacy_type_system": True}, b"\x20\x01"),
        ("Diagnostic", {"severity": 2}, b"\x08\x02"),
        ("ProviderConfigAnswer", {"diagnostics": [{"severity": 1}]}, b"\x12\x02\x08\x01"),
        ("Step", {"element_key_int": 0}, b"\x18\x00"),
        ("Capabilities", {"plan_destroy": True, "get_provider_schema_optional": True}, b"\x08\x01\x10\x01"),
    ],
)
def test_messages_have_the_numbers_of_the_protocol(name: str, fields: dict[str, Any], sent: bytes) -> None:
    assert protocol.messages()[name](**fields).SerializeToString() == sent
