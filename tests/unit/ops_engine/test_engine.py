"""The engine over a terraform that does as told: order, side by side, retries, waiting, adoption, data at risk, signals."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.engine import Engine, merged
from modules.ops.progress import Display
from modules.ops.report import stack_line
from modules.ops.results import Change, RunResult
from modules.ops.synth import Stack
from tests.unit.ops_engine.fake_terraform import FakeTerraform, error, hook, planned

Make = Callable[..., Engine]
Stacks = tuple[Stack, ...]
ADDRESS = "aws_ssm_parameter.one"
CREATES = {"lines": [planned(ADDRESS)], "code": 2}
THROTTLED = error(
    "creating VPC", "operation error EC2: CreateVpc, https response error StatusCode: 503, api error RequestLimitExceeded: slow", ADDRESS
)
DENIED = error("creating VPC", "operation error EC2: CreateVpc, api error UnauthorizedOperation: no", ADDRESS)
NO_STATE = error("Unable to find remote state", "No stored state was found", "data.terraform_remote_state.fx-data")


def outcomes(result: RunResult) -> dict[str, str]:
    return {each.stack.removeprefix("fx-"): each.outcome for each in result.stacks}


class Recorder(Display):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("fx")
        self.notes: list[str] = []
        self.phases: list[tuple[str, str]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def phase(self, stack: str, text: str, total: int | None = None) -> None:
        super().phase(stack, text, total)
        self.phases.append((stack, text))


def test_up_goes_in_dependency_order_and_side_by_side(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    for stack in stacks:
        fake.answers(stack.name, "plan", CREATES)
        fake.answers(stack.name, "apply", {"lines": [hook("apply_start", ADDRESS), hook("apply_complete", ADDRESS)], "seconds": 0.4})
    result = make_engine().up(stacks)
    assert outcomes(result) == {"data": "applied", "network": "applied", "cluster": "applied"}
    assert [each.add for each in result.stacks] == [1, 1, 1]
    applies = {call["stack"]: call for call in fake.calls("apply")}
    plans = {call["stack"]: call for call in fake.calls("plan")}
    data, network = applies["fx-data"], applies["fx-network"]
    assert max(data["begin"], network["begin"]) < min(data["end"], network["end"]), "data and network at the same time"
    assert plans["fx-cluster"]["begin"] >= max(data["end"], network["end"]), "cluster after both"
    assert sorted(call["stack"] for call in fake.calls("settle")) == sorted(stack.name for stack in stacks)


def test_down_goes_backwards_and_leaves_what_has_no_state(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    for stack in stacks:
        fake.answers(stack.name, "plan-destroy", {"lines": [planned(ADDRESS, "delete")], "code": 2})
    in_state = {"fx-cluster": frozenset({ADDRESS}), "fx-network": frozenset({ADDRESS})}
    override = {"resource": {"aws_ssm_parameter": {"one": {"overwrite": True}}}}
    result = make_engine(in_state=in_state.get).down(stacks, {"fx-network": override})
    assert outcomes(result) == {"data": "unchanged", "network": "destroyed", "cluster": "destroyed"}
    assert [call["stack"] for call in fake.calls("apply")] == ["fx-cluster", "fx-network"]
    assert [each.destroy for each in result.stacks] == [0, 1, 1]
    assert fake.calls("show") == [], "a destroy has nothing to compare"


def test_a_second_run_applies_nothing_and_skips_init(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    make_engine().up(stacks)
    result = make_engine().up(stacks)
    assert set(outcomes(result).values()) == {"unchanged"}
    assert len(fake.calls("init")) == 3
    assert fake.calls("apply") == fake.calls("settle") == []


@pytest.mark.parametrize("spoil", ["backend", "providers", "moved mirror", "stand-in", "lock file"])
def test_init_runs_again_when_it_must(make_engine: Make, fake: FakeTerraform, stacks: Stacks, spoil: str) -> None:
    engine = make_engine()
    engine.up(stacks[:1])
    if spoil == "backend":
        document = stacks[0].document()
        document["terraform"]["backend"] = {"s3": {"bucket": "another"}}
        stacks[0].path.write_text(json.dumps(document))
    elif spoil == "providers":
        next(engine.layout.data("fx-data").rglob("provider")).unlink()
    elif spoil == "moved mirror":
        folder = next(engine.layout.data("fx-data").rglob("provider")).parent
        shutil.rmtree(folder)
        folder.symlink_to("/nowhere")
    elif spoil == "stand-in":
        make_engine(plugins=replace(engine.plugins, stamp="another")).up(stacks[:1])
        assert len(fake.calls("init")) == 2
        return
    else:
        (engine.layout.work("fx-data") / ".terraform.lock.hcl").unlink()
    make_engine().up(stacks[:1])
    assert len(fake.calls("init")) == 2


def test_our_own_charts_are_laid_out_anew(make_engine: Make, stacks: Stacks) -> None:
    chart = stacks[0].path.parent / "charts" / "pools"
    (chart / "templates").mkdir(parents=True)
    (chart / "templates" / "pool.yaml").write_text("{{ .Values }}")
    (chart / "Chart.yaml").write_text("name: pools")
    engine = make_engine()
    engine.up(stacks[:1])
    work = engine.layout.work("fx-data") / "charts"
    assert (work / "pools/templates/pool.yaml").read_text() == "{{ .Values }}"
    assert stat.S_IMODE((work / "pools").stat().st_mode) == 0o700
    (chart / "Chart.yaml").unlink()
    make_engine().up(stacks[:1])
    assert sorted(path.name for path in work.rglob("*.yaml")) == ["pool.yaml"]


def test_a_failure_stops_what_builds_on_it_and_nothing_else(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    fake.answers("fx-network", "plan", CREATES)
    fake.answers("fx-network", "apply", {"lines": [hook("apply_errored", ADDRESS), DENIED], "code": 1})
    fake.answers("fx-data", "plan", CREATES)
    result = make_engine().up(stacks)
    assert outcomes(result) == {"data": "applied", "network": "failed", "cluster": "skipped"}
    assert result.exit_code == 1
    failure = result.failures[0].failure
    assert failure is not None
    assert (failure.kind, failure.address) == ("denied", ADDRESS)
    assert result.stacks[2].waits_for == ("fx-network",)
    assert len(fake.calls("apply")) == 2, "tried once"


@pytest.mark.parametrize(("throttled", "outcome", "applies"), [(1, "applied", 2), (3, "applied", 4), (9, "failed", 4)])
def test_transient_failures_are_tried_again(
    make_engine: Make, fake: FakeTerraform, stacks: Stacks, throttled: int, outcome: str, applies: int
) -> None:
    fake.answers("fx-data", "plan", CREATES)
    fake.answers("fx-data", "apply", *[{"lines": [THROTTLED], "code": 1}] * throttled, {"code": 0})
    display = Recorder()
    result = make_engine(display=display).up(stacks[:1])
    assert result.stacks[0].outcome == outcome
    assert len(fake.calls("apply")) == applies
    assert len(fake.calls("plan")) == applies, "each try makes a new plan"
    assert [note for note in display.notes if "trying again" in note][-1].endswith(f"({applies - 1} of 3)")


def test_one_lasting_error_among_transient_ones_is_not_tried_again(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    fake.answers("fx-data", "plan", CREATES)
    fake.answers("fx-data", "apply", {"lines": [THROTTLED, DENIED], "code": 1})
    result = make_engine().up(stacks[:1])
    assert result.failures[0].failure is not None
    assert result.failures[0].failure.kind == "denied"
    assert len(fake.calls("apply")) == 1


@pytest.mark.parametrize("known", ["no state", "state without what is asked"])
def test_a_plan_waits_for_upstream(make_engine: Make, fake: FakeTerraform, stacks: Stacks, known: str) -> None:
    fake.answers("fx-cluster", "plan", {"lines": [NO_STATE], "code": 1})
    states: dict[str, frozenset[str] | None] = {"fx-data": None} if known == "no state" else {}
    result = make_engine(in_state=lambda stack: states.get(stack, frozenset())).plan(stacks)
    cluster = result.stacks[2]
    assert (cluster.outcome, cluster.add) == ("waits", 1)
    assert cluster.changes == (Change(ADDRESS, "aws_ssm_parameter", "create"),)
    assert "fx-data" in cluster.waits_for
    assert result.exit_code == 0
    assert result.has_changes


def test_a_plan_waits_for_a_secret_that_nobody_has_set(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    result = make_engine(lacks=lambda stack: ("secret token",) if stack.name == "fx-cluster" else ()).plan(stacks)
    assert (result.stacks[2].outcome, result.stacks[2].waits_for) == ("waits", ("secret token",))
    assert stack_line("fx", result.stacks[2]) == "waits for secret token; 1 to add"
    assert "fx-cluster" not in {call["stack"] for call in fake.calls("plan")}


def test_what_a_stack_needs_is_brought_before_its_plan(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    seen: dict[str, int] = {}

    def before(stack: str) -> None:
        if stack == "fx-network":
            raise HubError("no", fix="set it")
        seen[stack] = len([call for call in fake.calls("plan") if call["stack"] == stack])

    result = make_engine(before=before).up(stacks)
    assert seen == {"fx-data": 0}
    assert outcomes(result) == {"data": "unchanged", "network": "failed", "cluster": "skipped"}


def test_a_plan_changes_nothing_and_leaves_no_plan_file(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    for stack in stacks:
        fake.answers(stack.name, "plan", CREATES)
    engine = make_engine()
    result = engine.plan(stacks)
    assert set(outcomes(result).values()) == {"planned"}
    assert fake.calls("apply") == fake.calls("settle") == []
    assert list((engine.layout.home / "plans").iterdir()) == []


def test_exactly_the_saved_plan_is_applied_with_our_files_and_environment(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    @dataclass(frozen=True)
    class Found:
        address: str
        import_id: str

    fake.answers("fx-data", "plan", {"lines": [planned(ADDRESS, "import", importing={"id": "x"})], "code": 2})
    engine = make_engine(adopt=lambda stack, document: [Found(ADDRESS, "/fx/one")])
    result = engine.up(stacks[:1])
    assert result.stacks[0].adopt == 1
    (call,) = fake.calls("apply")
    assert call["arguments"][-1] == str(engine.layout.plan("fx-data"))
    assert {"cdk.tf.json", "hubsmith_override.tf.json", "adopt.tf.json"} <= set(call["files"])
    work = engine.layout.work("fx-data")
    assert json.loads((work / "adopt.tf.json").read_text()) == {"import": [{"to": ADDRESS, "id": "/fx/one"}]}
    assert json.loads((work / "hubsmith_override.tf.json").read_text()) == engine.target.override
    assert call["environment"]["TF_DATA_DIR"] == str(engine.layout.data("fx-data"))
    assert call["environment"]["AWS_REGION"] == "eu-west-1"
    assert call["umask"] == "0o77"
    assert not engine.layout.plan("fx-data").exists(), "a plan holds values in clear and is used once"
    make_engine().up(stacks[:1])
    assert not (work / "adopt.tf.json").exists(), "the next run asks again"


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({}, "saved"),
        ({"lines": ["Failed to write state: cannot import state with serial 3 over newer state with serial 4"], "code": 1}, "put aside"),
    ],
)
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_state_that_could_not_be_saved_is_saved_first(
    make_engine: Make, fake: FakeTerraform, stacks: Stacks, answer: dict[str, Any], left: str, way: str
) -> None:
    fake.answers("fx-data", "state", answer)
    engine = make_engine(in_state=lambda stack: frozenset())
    unsaved = engine.layout.work("fx-data") / "errored.tfstate"
    unsaved.parent.mkdir(parents=True)
    unsaved.write_text("{}")
    assert getattr(engine, way)(stacks[:2]).exit_code == 0
    assert [call["arguments"] for call in fake.calls("state")] == [["state", "push", "-no-color", "errored.tfstate"]]
    assert not unsaved.exists()
    assert len(list(unsaved.parent.glob("superseded-*.tfstate"))) == (left == "put aside")


@pytest.mark.parametrize(
    ("text", "saved_after", "name"), [("{}", 60.0, "superseded"), ('{"version": 4, "reso', -60.0, "broken"), ("", -60.0, "broken")]
)
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_state_that_is_not_fit_is_put_aside_and_pushed_by_nobody(
    make_engine: Make, fake: FakeTerraform, stacks: Stacks, text: str, saved_after: float, name: str, way: str
) -> None:
    """The state in the bucket was written after the file was, or the file was not written whole."""
    # The first plan of a retried run fails: what the put-aside run made is still looked for in the second.
    fake.answers("fx-data", "plan", {"lines": [THROTTLED], "code": 1}, CREATES)
    engine = make_engine(in_state=lambda stack: frozenset())
    unsaved = engine.layout.work("fx-data") / "errored.tfstate"
    unsaved.parent.mkdir(parents=True)
    unsaved.write_text(text)
    written = unsaved.stat().st_mtime
    engine.saved_at = lambda stack: written + saved_after
    marks: list[str] = []
    engine.before = lambda stack: marks.append(engine._marked(stacks[0])) if stack == "fx-data" else None
    assert getattr(engine, way)(stacks[:1]).exit_code == 0
    assert fake.calls("state") == []
    assert not unsaved.exists()
    (aside,) = unsaved.parent.glob("*.tfstate")
    assert (aside.name.partition("-")[0], aside.read_text()) == (name, text)
    assert marks == (["", "applying"] if way == "up" else []), "as after a kill, which the next try still knows"


LOCKED = [
    "",
    "Error: Error acquiring the state lock",
    "",
    "Lock Info:",
    "  ID:        abc-1",
    "  Who:       ada@desk",
    "",
    "You can disable it.",
]
SOURCE = ['Error reading source state "errored.tfstate": 2 problems:', "", "- The state file uses format version 5."]


@pytest.mark.parametrize(
    ("lines", "kind", "words"),
    [
        (["Failed to persist state: AccessDenied"], "unsaved", "AccessDenied"),
        (LOCKED, "locked", "ada@desk"),
        (SOURCE, "unreadable", "version 5"),
    ],
)
def test_a_state_that_still_cannot_be_saved_stays(
    make_engine: Make, fake: FakeTerraform, stacks: Stacks, lines: list[str], kind: str, words: str
) -> None:
    chatter = "state lock. This may take a few moments..."
    fake.answers("fx-data", "state", {"lines": [f"Acquiring {chatter}", *lines, f"Releasing {chatter}"], "code": 1})
    engine = make_engine()
    unsaved = engine.layout.work("fx-data") / "errored.tfstate"
    unsaved.parent.mkdir(parents=True)
    unsaved.write_text("{}")
    result = engine.up(stacks[:1])
    assert [(each.failure.kind, words in each.failure.why) for each in result.failures if each.failure] == [(kind, True)]
    assert unsaved.read_text() == "{}"
    assert fake.calls("plan") == [], "nothing is planned from half a memory"


def test_protected_resources_of_an_interrupted_run_are_kept(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    document = json.loads(stacks[0].path.read_text())
    document["resource"]["aws_ssm_parameter"]["other"] = {"lifecycle": {"prevent_destroy": True}}
    stacks[0].path.write_text(json.dumps(document))
    half_made = frozenset({ADDRESS, "aws_ssm_parameter.other"})
    make_engine(tainted=lambda stack: half_made if stack == "fx-data" else frozenset()).up(stacks[:2])
    assert [call["arguments"][-1] for call in fake.calls("untaint")] == ["aws_ssm_parameter.other"], "the rest is Terraform's to replace"
    make_engine(tainted=lambda stack: half_made).plan(stacks[:1])
    assert len(fake.calls("untaint")) == 1, "a plan changes nothing, not even a mark"


@pytest.mark.parametrize("agrees", [True, False])
def test_losing_data_needs_a_yes(make_engine: Make, fake: FakeTerraform, stacks: Stacks, agrees: bool) -> None:
    bucket = "aws_s3_bucket.shared"
    fake.answers("fx-data", "plan", {"lines": [planned(bucket, "replace")], "code": 2})
    entry = {
        "address": bucket,
        "type": "aws_s3_bucket",
        "mode": "managed",
        "change": {"actions": ["delete", "create"], "before": {"bucket": "a"}},
    }
    fake.answers("fx-data", "show", {"show": {"resource_changes": [entry]}})
    asked: list[tuple[str, Sequence[Change]]] = []

    def approve(stack: str, lost: Sequence[Change]) -> bool:
        asked.append((stack, lost))
        return agrees

    result = make_engine(approve=approve).up(stacks[:1])
    assert [(stack, [each.address for each in lost]) for stack, lost in asked] == [("fx-data", [bucket])]
    assert result.stacks[0].outcome == ("applied" if agrees else "failed")
    assert len(fake.calls("apply")) == int(agrees)


@pytest.mark.parametrize(("imported", "asks"), [(True, True), (False, False)])
def test_what_was_found_after_a_crash_is_not_replaced_unasked(
    make_engine: Make, fake: FakeTerraform, stacks: Stacks, imported: bool, asks: bool
) -> None:
    cluster = "aws_eks_cluster.main"
    found = {"importing": {"id": "demo"}} if imported else {}
    fake.answers("fx-data", "plan", {"lines": [planned(cluster, "replace", **found)], "code": 2})
    entry = {"address": cluster, "type": "aws_eks_cluster", "mode": "managed", "change": {"actions": ["delete", "create"], "before": {}}}
    fake.answers("fx-data", "show", {"show": {"resource_changes": [entry]}})
    result = make_engine(approve=lambda stack, lost: False).up(stacks[:1])
    assert (result.stacks[0].outcome == "failed") is asks


def test_drift_without_action_stays_visible_and_is_not_settled_away(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    group = "aws_security_group.nodes"
    drift = {"type": "resource_drift", "change": {"resource": {"addr": group}, "action": "update"}}
    fake.answers("fx-network", "plan", {"lines": [drift], "code": 0})
    change = {"actions": ["update"], "before": {"ingress": []}, "after": {"ingress": [{"cidr_blocks": ["0.0.0.0/0"]}]}}
    entry = {"address": group, "type": "aws_security_group", "mode": "managed", "change": change}
    fake.answers("fx-network", "show", {"show": {"resource_drift": [entry]}})
    fake.answers("fx-data", "plan", CREATES)
    result = make_engine().up(stacks)
    assert [each.address for each in result.stacks[1].drift] == [group]
    assert outcomes(result)["network"] == "unchanged"
    assert {call["stack"] for call in fake.calls("settle")} == {"fx-data", "fx-cluster"}


def test_a_stack_whose_run_failed_elsewhere_is_read_back_by_the_next(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    group = "aws_security_group.nodes"
    drift = {"type": "resource_drift", "change": {"resource": {"addr": group}, "action": "update"}}
    moved = {"address": group, "type": "aws_security_group", "mode": "managed"}
    moved |= {"change": {"actions": ["update"], "before": {"ingress": [1]}, "after": {"ingress": [2]}}}
    fake.answers("fx-data", "plan", CREATES, {"lines": [drift], "code": 0})
    fake.answers("fx-data", "show", {"show": {"resource_drift": [moved]}})
    fake.answers("fx-network", "plan", {"lines": [], "code": 1}, {"lines": [], "code": 0})
    assert make_engine().up(stacks[:2]).exit_code == 1
    assert fake.calls("settle") == []
    again = make_engine().up(stacks[:2])
    assert again.exit_code == 0
    assert "fx-data" in {call["stack"] for call in fake.calls("settle")}, "what AWS added to it is nobody's change"
    before = len(fake.calls("settle"))
    make_engine().up(stacks[:2])
    assert len(fake.calls("settle")) == before


def interrupt_when(ready: Callable[[], bool], number: int = signal.SIGINT, times: int = 1) -> threading.Thread:
    """Send this process a signal once `ready`, as a terminal would; never when the engine no longer listens."""
    at_rest = signal.getsignal(number)

    def wait() -> None:
        deadline = time.monotonic() + 10
        while not ready() and time.monotonic() < deadline:
            time.sleep(0.02)
        for _ in range(times):
            if signal.getsignal(number) != at_rest:
                os.kill(os.getpid(), number)
            time.sleep(0.15)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize(("number", "times"), [(signal.SIGINT, 1), (signal.SIGINT, 3), (signal.SIGTERM, 1), (signal.SIGHUP, 1)])
def test_a_signal_reaches_terraform_once_and_the_run_ends_by_itself(
    make_engine: Make, fake: FakeTerraform, stacks: Stacks, number: int, times: int
) -> None:
    fake.answers("fx-data", "plan", CREATES)
    fake.answers("fx-data", "apply", {"seconds": 60, "saving": 0.8, "lines": [hook("apply_start", ADDRESS)]})
    fake.answers("fx-network", "plan", {"seconds": 60})
    display = Recorder()
    engine = make_engine(display=display)
    before = signal.getsignal(signal.SIGINT)
    thread = interrupt_when(lambda: fake.has_begun("fx-data", "apply") and fake.has_begun("fx-network", "plan"), number, times)
    started = time.monotonic()
    result = engine.up(stacks)
    thread.join()
    assert time.monotonic() - started < 50
    assert outcomes(result) == {"data": "interrupted", "network": "interrupted", "cluster": "skipped"}
    assert result.exit_code == 130
    ended = [call for call in fake.calls() if call["command"] in ("plan", "apply") and call["interrupts"]]
    assert [call["interrupts"] for call in ended] == [1, 1], "a second interrupt would make Terraform drop its state"
    assert all(call["group"] == call["pid"] for call in ended), "in a group of its own, out of the terminal's reach"
    assert any("waiting for 2 terraform" in note for note in display.notes)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_apply_that_finishes_in_spite_of_an_interrupt_counts(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    fake.answers("fx-data", "plan", CREATES)
    fake.answers("fx-data", "apply", {"seconds": 10, "on_interrupt": 0})
    display = Recorder()
    thread = interrupt_when(lambda: fake.has_begun("fx-data", "apply"))
    result = make_engine(display=display).up(stacks[:1])
    thread.join()
    assert (result.stacks[0].outcome, result.exit_code) == ("applied", 130)


def test_an_interrupt_ends_the_pause_before_a_retry(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    fake.answers("fx-data", "plan", {"lines": [THROTTLED], "code": 1})
    display = Recorder()
    thread = interrupt_when(lambda: bool(display.notes))
    result = make_engine(display=display, pause=5.0).up(stacks[:1])
    thread.join()
    assert (result.stacks[0].outcome, len(fake.calls("plan"))) == ("interrupted", 1)


def test_logs_hold_every_line_and_only_the_owner_reads_them(make_engine: Make, fake: FakeTerraform, stacks: Stacks) -> None:
    fake.answers("fx-data", "init", {"lines": ["Successfully configured", {"type": "version"}, "", "half a line"]})
    engine = make_engine()
    engine.up(stacks[:1])
    log = engine.run.log("fx-data")
    assert "Successfully configured\n" in log.read_text()
    assert "# plan " in log.read_text()
    for folder in (log.parent, engine.layout.home, engine.layout.shared):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert engine.run.shown(log) == f".hubsmith/fx/runs/{log.parent.name}/fx-data.log"


@pytest.mark.parametrize("words", ["something nobody foresaw", ""])
def test_an_end_without_a_diagnostic_still_has_a_sentence(make_engine: Make, fake: FakeTerraform, stacks: Stacks, words: str) -> None:
    fake.answers("fx-data", "plan", {"lines": [words] if words else [], "code": 7})
    failure = make_engine().up(stacks[:1]).stacks[0].failure
    assert failure is not None
    assert (words or "ended with 7") in failure.why


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"provider": {"aws": [{"x": 1}]}}, {"resource": {}}, {"provider": {"aws": [{"x": 1}]}, "resource": {}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
    ],
)
def test_override_documents_merge(base: dict[str, Any], over: dict[str, Any], expected: dict[str, Any]) -> None:
    assert merged(base, over) == expected
