"""What lives in the cluster: found by Terraform's refusals after a kill, forgotten when the cluster itself is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from modules.ops.adopt.in_cluster import existing, import_id_of
from modules.ops.engine import Engine
from modules.ops.events import Diagnostic
from modules.ops.results import RunResult
from modules.ops.synth import Stack
from tests.unit.ops_engine.fake_terraform import FakeTerraform, error, hook, planned

Make = Callable[..., Engine]
Stacks = tuple[Stack, ...]
NAMESPACE, SECRET, RELEASE = "kubernetes_namespace_v1.hub", "kubernetes_secret_v1.tokens", "helm_release.hub"
DOCUMENT: dict[str, Any] = {
    "resource": {
        "kubernetes_namespace_v1": {"hub": {"metadata": {"name": "jupyterhub"}}},
        "kubernetes_secret_v1": {
            "tokens": {"metadata": [{"name": "hub-credentials", "namespace": "jupyterhub"}]},
            "referring": {"metadata": {"name": "a", "namespace": "${kubernetes_namespace_v1.hub.metadata[0].name}"}},
            "unsaid": {"metadata": {"name": "a"}},
            "unknown": {"metadata": {"name": "${aws_iam_role.x.name}", "namespace": "b"}},
            "nameless": {"metadata": {"generate_name": "x-"}},
        },
        "kubernetes_storage_class_v1": {"gp3": {"metadata": [{"name": "gp3"}]}},
        "kubernetes_annotations": {"gp2": {"metadata": [{"name": "gp2"}]}},
        "helm_release": {"hub": {"name": "hub", "namespace": "jupyterhub"}, "bare": {"name": "bare"}},
    }
}
EXISTS = {
    NAMESPACE: 'namespaces "jupyterhub" already exists',
    SECRET: 'secrets "x" already exists',
    RELEASE: "cannot re-use a name that is still in use",
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (NAMESPACE, "jupyterhub"),
        (SECRET, "jupyterhub/hub-credentials"),
        ("kubernetes_secret_v1.referring", "jupyterhub/a"),
        ("kubernetes_secret_v1.unsaid", "default/a"),
        ("kubernetes_secret_v1.unknown", None),
        ("kubernetes_secret_v1.nameless", None),
        ("kubernetes_secret_v1.absent", None),
        ("kubernetes_storage_class_v1.gp3", "gp3"),
        ("kubernetes_annotations.gp2", None),
        (RELEASE, "jupyterhub/hub"),
        ("helm_release.bare", "default/bare"),
    ],
)
def test_import_ids_follow_from_the_document(address: str, expected: str | None) -> None:
    assert import_id_of(DOCUMENT, address) == expected


@pytest.mark.parametrize(
    ("address", "words", "found"),
    [
        *((address, words, True) for address, words in EXISTS.items()),
        (NAMESPACE, "Unauthorized", False),
        ("aws_iam_role.hub", "EntityAlreadyExists: it already exists", False),
        ("kubernetes_secret_v1.unknown", "already exists", False),
    ],
)
def test_only_what_the_cluster_says_is_there(address: str, words: str, found: bool) -> None:
    assert bool(existing([Diagnostic("error", words, "", address)], DOCUMENT, "fx")) is found


@pytest.fixture
def hub(stacks: Stacks) -> Stack:
    """A stack with a namespace, a secret and a release in it."""
    stack = stacks[0]
    stack.path.write_text(json.dumps(stack.document() | DOCUMENT))
    return stack


def refuses(*addresses: str) -> dict[str, Any]:
    lines = [line for each in addresses for line in (hook("apply_errored", each), error(EXISTS[each], "", each))]
    return {"lines": lines, "code": 1}


def imports(engine: Engine, stack: Stack) -> dict[str, str]:
    """What the last plan was told to import."""
    path = engine.layout.work(stack.name) / "adopt.tf.json"
    return {each["to"]: each["id"] for each in json.loads(path.read_text())["import"]} if path.exists() else {}


def run(make_engine: Make, fake: FakeTerraform, stack: Stack, mark: str | None) -> tuple[Engine, RunResult]:
    """An install over an apply that finds one thing there, then two more."""
    fake.answers(stack.name, "plan", {"lines": [planned(NAMESPACE)], "code": 2})
    fake.answers(stack.name, "apply", refuses(NAMESPACE), refuses(SECRET, RELEASE), {"code": 0})
    engine = make_engine()
    if mark is not None:
        path = engine.layout.unsettled(stack.name)
        path.parent.mkdir(parents=True)
        path.write_text(mark)
    return engine, engine.up((stack,))


def test_what_a_killed_run_left_is_taken_over_layer_by_layer(make_engine: Make, fake: FakeTerraform, hub: Stack) -> None:
    engine, result = run(make_engine, fake, hub, "applying")
    assert result.stacks[0].outcome == "applied"
    assert imports(engine, hub) == {NAMESPACE: "jupyterhub", SECRET: "jupyterhub/hub-credentials", RELEASE: "jupyterhub/hub"}
    assert len(fake.calls("apply")) == 3
    assert not engine.layout.unsettled(hub.name).exists()


def test_what_a_run_made_whose_state_was_put_aside_is_taken_over_too(make_engine: Make, fake: FakeTerraform, hub: Stack) -> None:
    unsaved = make_engine().layout.work(hub.name) / "errored.tfstate"
    unsaved.parent.mkdir(parents=True)
    unsaved.write_text("")
    engine, result = run(make_engine, fake, hub, None)
    assert result.stacks[0].outcome == "applied"
    assert imports(engine, hub) == {NAMESPACE: "jupyterhub", SECRET: "jupyterhub/hub-credentials", RELEASE: "jupyterhub/hub"}


@pytest.mark.parametrize("mark", [None, ""])
def test_without_a_kill_it_is_somebody_else_s(make_engine: Make, fake: FakeTerraform, hub: Stack, mark: str | None) -> None:
    engine, result = run(make_engine, fake, hub, mark)
    failure = result.stacks[0].failure
    assert failure is not None
    assert (failure.kind, imports(engine, hub), len(fake.calls("apply"))) == ("exists", {}, 1)
    assert engine.layout.unsettled(hub.name).read_text() == "", "a refusal is no kill: the next run takes nothing over either"


def test_the_same_refusal_again_ends_it(make_engine: Make, fake: FakeTerraform, hub: Stack) -> None:
    fake.answers(hub.name, "apply", refuses(NAMESPACE))
    fake.answers(hub.name, "plan", {"lines": [planned(NAMESPACE)], "code": 2})
    engine = make_engine()
    path = engine.layout.unsettled(hub.name)
    path.parent.mkdir(parents=True)
    path.write_text("applying")
    result = engine.up((hub,))
    assert (result.stacks[0].outcome, len(fake.calls("apply"))) == ("failed", 2)
    assert path.read_text() == "applying"


IN_STATE = frozenset({NAMESPACE, RELEASE, "aws_iam_role.user"})


@pytest.mark.parametrize("gone", [True, False])
def test_a_cluster_that_is_gone_takes_what_was_in_it_along(make_engine: Make, fake: FakeTerraform, hub: Stack, gone: bool) -> None:
    fake.answers(hub.name, "plan-destroy", {"lines": [planned("aws_iam_role.user", "delete")], "code": 2})
    result = make_engine(in_state=lambda stack: IN_STATE, cluster_is_gone=lambda: gone).down((hub,))
    assert result.stacks[0].outcome == "destroyed"
    assert [call["arguments"] for call in fake.calls("state")] == ([["state", "rm", RELEASE, NAMESPACE]] if gone else [])
    (plan,) = fake.calls("plan-destroy")
    assert ("-refresh=false" in plan["arguments"]) is gone


def test_nobody_asks_for_a_cluster_that_nothing_lives_in(make_engine: Make, stacks: Stacks) -> None:
    def never() -> bool:
        pytest.fail("asked")

    make_engine(in_state=lambda stack: frozenset({"aws_vpc.main"}), cluster_is_gone=never).down(stacks[:1])


NO_VALUE = error("reading AWS Secrets Manager Secret Versions Data Source (<null>): couldn't find resource", "", "ephemeral.x.y")
NO_OUTPUT = error("Unsupported attribute", 'This object does not have an attribute named "vpc".')


@pytest.mark.parametrize(
    ("errors", "outcome"),
    [([NO_VALUE], "destroyed"), ([NO_OUTPUT, NO_VALUE], "destroyed"), ([NO_VALUE, error("Unauthorized", "", NAMESPACE)], "failed")],
)
def test_a_destroy_does_without_what_only_a_build_reads(
    make_engine: Make, fake: FakeTerraform, hub: Stack, errors: list[dict[str, Any]], outcome: str
) -> None:
    fake.answers(hub.name, "plan-destroy", {"lines": errors, "code": 1}, {"lines": [planned(NAMESPACE, "delete")], "code": 2})
    result = make_engine(in_state=lambda stack: IN_STATE, pause=0.0).down((hub,))
    assert result.stacks[0].outcome == outcome
