"""Plans of one resource, by rows: what Terraform knows before and after."""

from __future__ import annotations

from typing import Any

import pytest

from modules.rehearsal.standin.planner import complete, make_plan, same, unsettable
from modules.rehearsal.standin.wire import UNKNOWN

BLOCK: dict[str, Any] = {
    "attributes": {
        "name": {"type": "string", "required": True, "force_new": True},
        "size": {"type": "number", "optional": True},
        "mode": {"type": "string", "optional": True, "default": "slow"},
        "id": {"type": "string", "computed": True},
        "state": {"type": "string", "computed": True, "volatile": True},
        "address": {"type": "string", "optional": True, "computed": True},
        "zones": {"type": ["set", "string"], "optional": True},
        "labels": {"type": ["map", "string"], "optional": True},
        "secret_wo": {"type": "string", "optional": True, "write_only": True},
        "settings": {
            "nested_type": {
                "nesting_mode": "list",
                "attributes": {"key": {"type": "string", "required": True}, "kind": {"type": "string", "computed": True}},
            },
            "optional": True,
        },
    },
    "block_types": {
        "port": {
            "nesting_mode": "list",
            "block": {
                "attributes": {"number": {"type": "number", "optional": True}, "node": {"type": "number", "computed": True}},
                "block_types": {},
            },
        },
        "rule": {"nesting_mode": "set", "block": {"attributes": {"verb": {"type": "string"}}, "block_types": {}}},
        "source": {
            "nesting_mode": "list",
            "force_new": True,
            "block": {"attributes": {"disk": {"type": "string"}}, "block_types": {}},
        },
        "timeouts": {"nesting_mode": "single", "block": {"attributes": {"create": {"type": "string"}}, "block_types": {}}},
    },
}


def _values(**given: Any) -> dict[str, Any]:
    """A whole value, everything unmentioned null or empty."""
    return {**dict.fromkeys(BLOCK["attributes"]), "port": [], "rule": [], "source": [], "timeouts": None, "name": "a", **given}


STATE = _values(
    id="1", state="up", address="10.0.0.1", mode="slow", zones=["x", "y"], port=[{"number": 1, "node": 31}], source=[{"disk": "d"}]
)


def _proposed(**given: Any) -> dict[str, Any]:
    """Terraform's merge of the state above with a configuration that changes `given`."""
    return {**STATE, **given}


def _config(**given: Any) -> dict[str, Any]:
    return _values(**{"zones": ["x", "y"], "port": [{"number": 1, "node": None}], "source": [{"disk": "d"}], **given})


def test_a_new_resource_knows_defaults_and_what_is_configured() -> None:
    config = _values(size=3, secret_wo="canary", port=[{"number": 1, "node": None}], settings=[{"key": "k", "kind": None}])
    plan = make_plan(BLOCK, None, config, config)
    assert plan.planned == _values(
        size=3,
        mode="slow",
        id=UNKNOWN,
        state=UNKNOWN,
        address=UNKNOWN,
        port=[{"number": 1, "node": UNKNOWN}],
        settings=[{"key": "k", "kind": UNKNOWN}],
    )
    assert (plan.unchanged, plan.replaced) == (False, ())


@pytest.mark.parametrize(
    ("given"),
    [
        {},
        {"zones": ["y", "x"]},
        {"labels": {}},
        {"address": "10.0.0.1"},
        {"mode": "slow"},
        {"secret_wo": "another"},
    ],
    ids=str,
)
def test_what_says_the_same_is_no_change(given: dict[str, Any]) -> None:
    config = _config(**given)
    plan = make_plan(BLOCK, STATE, _proposed(**given), config)
    assert plan.unchanged
    assert plan.planned is STATE


@pytest.mark.parametrize(
    ("given", "replaced"),
    [
        ({"size": 4}, ()),
        ({"zones": ["x"]}, ()),
        ({"mode": "fast"}, ()),
        ({"labels": {"a": UNKNOWN}}, ()),
        ({"name": "b"}, (("name",),)),
        ({"name": UNKNOWN}, (("name",),)),
        ({"source": [{"disk": "e"}]}, (("source",),)),
        ({"source": []}, (("source",),)),
        ({"rule": [{"verb": "get"}]}, ()),
    ],
    ids=str,
)
def test_a_change_forgets_the_volatile_and_says_what_is_replaced(given: dict[str, Any], replaced: tuple[Any, ...]) -> None:
    plan = make_plan(BLOCK, STATE, _proposed(**given), _config(**given))
    assert plan.replaced == replaced
    assert plan.planned == {**_proposed(**given), "state": UNKNOWN}


def test_a_new_element_of_a_list_is_unknown_where_the_old_one_is_not() -> None:
    ports = [{"number": 1, "node": 31}, {"number": 2, "node": None}]
    plan = make_plan(BLOCK, STATE, _proposed(port=ports), _config(port=[{"number": 1, "node": None}, {"number": 2, "node": None}]))
    assert plan.planned["port"] == [{"number": 1, "node": 31}, {"number": 2, "node": UNKNOWN}]


def test_a_computed_null_stays_null() -> None:
    prior = {**STATE, "address": None}
    assert make_plan(BLOCK, prior, prior, _config()).unchanged


def test_a_place_of_a_replacement_is_inside_its_block() -> None:
    inner = {"attributes": {"ip": {"type": "string", "force_new": True}}, "block_types": {}}
    block = {"attributes": {}, "block_types": {"spec": {"nesting_mode": "list", "block": inner}}}
    before, after = {"spec": [{"ip": "a"}]}, {"spec": [{"ip": "b"}]}
    assert make_plan(block, before, after, after).replaced == (("spec", 0, "ip"),)


@pytest.mark.parametrize(("locked", "replaced"), [(True, (("data",),)), (False, ()), (None, ())])
def test_what_was_immutable_is_replaced(locked: bool | None, replaced: tuple[Any, ...]) -> None:
    attributes = {"data": {"type": "string", "optional": True, "force_new_if": "locked"}, "locked": {"type": "bool", "optional": True}}
    block = {"attributes": attributes, "block_types": {}}
    after = {"data": "b", "locked": locked}
    assert make_plan(block, {"data": "a", "locked": locked}, after, after).replaced == replaced


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"rule": [{"verb": "get"}, {"verb": "list"}]}, {"rule": [{"verb": "list"}, {"verb": "get"}]}, True),
        ({"port": [{"number": 1}, {"number": 2}]}, {"port": [{"number": 2}, {"number": 1}]}, False),
        ({"zones": None}, {"zones": []}, True),
        ({"zones": ["a", UNKNOWN]}, {"zones": ["a", "b"]}, False),
        ({"timeouts": None}, {"timeouts": {"create": None}}, False),
    ],
    ids=str,
)
def test_states_compare_by_meaning(one: dict[str, Any], other: dict[str, Any], equal: bool) -> None:
    assert same(BLOCK, _values(**one), _values(**other)) is equal


def test_a_finished_state_is_whole_and_holds_no_secret() -> None:
    whole = complete(BLOCK, {"name": "a", "id": "1", "address": UNKNOWN, "secret_wo": "canary", "port": [{"number": 1}]})
    assert whole == _values(id="1", port=[{"number": 1, "node": None}])


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        (_config(), []),
        (_config(address="10.0.0.9", secret_wo="canary"), []),
        (_config(id="1"), [("id",)]),
        (_config(id=UNKNOWN), [("id",)]),
        (_config(port=[{"number": 1, "node": None}, {"number": 2, "node": 3}]), [("port", 1, "node")]),
        (_config(settings=[{"key": "k", "kind": "x"}]), [("settings", 0, "kind")]),
    ],
    ids=str,
)
def test_what_only_the_cluster_decides_cannot_be_set(config: dict[str, Any], paths: list[Any]) -> None:
    assert list(unsettable(BLOCK, config)) == paths
