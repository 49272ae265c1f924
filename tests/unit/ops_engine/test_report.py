"""What a person reads at the end of a run, and the object a machine reads."""

from __future__ import annotations

import json

import pytest

from modules.ops.failures.terraform import Failure
from modules.ops.plan import exit_code, never_applied
from modules.ops.report import failure_lines, plan_lines, stack_line, summary, tally
from modules.ops.results import Attribute, Change, RunResult, StackResult
from modules.ops.synth import Stack

FAILURE = Failure(
    "denied", "aws_vpc.main: these credentials may not call CreateVpc", "UnauthorizedOperation: no", "give the role it", "aws_vpc.main"
)
DRIFT = Change("aws_vpc.main", "aws_vpc", "update", (Attribute("tags.a", "1", "2"),))
REPLACED = Change("aws_efs_file_system.homes", "aws_efs_file_system", "replace", (Attribute("kms_key_id", "a", "b"),))


def run(*stacks: StackResult, interrupted: bool = False) -> RunResult:
    return RunResult(stacks, 61.0, interrupted)


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (StackResult("demo-data", "unchanged", seconds=3.14), "no changes · 3.1 s"),
        (StackResult("demo-data", "applied", add=3, adopt=1, seconds=64), "3 added, 1 adopted · 1 m 04 s"),
        (
            StackResult("demo-data", "planned", add=1, change=2, replace=3, destroy=4, seconds=12),
            "1 to add, 2 to change, 3 to replace, 4 to destroy · 12 s",
        ),
        (StackResult("demo-data", "destroyed", destroy=9, seconds=3720), "9 destroyed · 1 h 02 m"),
        (StackResult("demo-data", "unchanged", drift=(DRIFT,), seconds=1), "no changes, 1 changed behind Terraform · 1.0 s"),
        (StackResult("demo-cluster", "waits", add=64, waits_for=("demo-data", "demo-network")), "waits for data, network; 64 to add"),
        (StackResult("demo-cluster", "skipped", waits_for=("demo-data",)), "waits for data"),
        (StackResult("demo-cluster", "skipped"), "not started"),
        (StackResult("demo-data", "interrupted"), "interrupted; what was done is saved"),
        (StackResult("demo-data", "failed", failure=FAILURE), FAILURE.what),
    ],
)
def test_one_line_a_stack(result: StackResult, line: str) -> None:
    assert stack_line("demo", result) == line


@pytest.mark.parametrize(
    ("result", "install", "plan"),
    [
        (run(StackResult("a", "unchanged")), 0, 0),
        (run(StackResult("a", "planned", add=1)), 0, 2),
        (run(StackResult("a", "unchanged", drift=(DRIFT,))), 0, 2),
        (run(StackResult("a", "waits", add=1)), 0, 2),
        (run(StackResult("a", "failed", failure=FAILURE), StackResult("b", "skipped")), 1, 1),
        (run(StackResult("a", "interrupted"), interrupted=True), 130, 130),
    ],
)
def test_exit_codes(result: RunResult, install: int, plan: int) -> None:
    assert (result.exit_code, exit_code(result)) == (install, plan)


def test_a_failure_says_why_what_to_do_and_where_the_log_is() -> None:
    lines = failure_lines(StackResult("demo-network", "failed", failure=FAILURE, log=".hubsmith/demo/runs/x/demo-network.log"))
    assert lines == [
        "  why         UnauthorizedOperation: no",
        "  what to do  give the role it",
        "  log         .hubsmith/demo/runs/x/demo-network.log",
    ]
    assert failure_lines(StackResult("demo-network", "unchanged")) == []


def test_a_plan_shows_the_table_the_changes_the_drift_and_the_data() -> None:
    result = run(
        StackResult("demo-data", "planned", replace=1, changes=(Change("aws_s3_bucket.new", "aws_s3_bucket", "create"), REPLACED)),
        StackResult("demo-network", "unchanged", drift=(DRIFT, Change("aws_subnet.a", "aws_subnet", "delete"))),
        StackResult("demo-cluster", "waits", add=64, waits_for=("demo-data",)),
    )
    lines = plan_lines("demo", result)
    assert [text for _, text in lines] == [
        "stack          add  change  replace  destroy  adopt  state",
        "data             0       0        1        0      0  changes",
        "network          0       0        0        0      0  2 changed behind Terraform",
        "cluster         64       0        0        0      0  waits for data",
        "  ± replace  data: aws_efs_file_system.homes   DATA",
        "               kms_key_id: a → b",
        "Changed behind Terraform (old → new):",
        "  ! changed  network: aws_vpc.main",
        "               tags.a: 1 → 2",
        "  ! deleted  network: aws_subnet.a",
        "DATA: lines marked so destroy what people made. ./install.sh refuses where it is protected, and asks elsewhere.",
    ]
    assert [style for style, _ in lines] == ["", "", "", "", "bad", "bad", "warn", "warn", "warn", "warn", "bad"]


def test_many_attributes_are_counted() -> None:
    change = Change("a.b", "a", "update", tuple(Attribute(f"n{number:02}", "1", "2") for number in range(20)))
    lines = [text for _, text in plan_lines("demo", run(StackResult("demo-data", "planned", change=1, changes=(change,))))]
    assert lines[-1].strip() == "and 8 more attributes"


def test_the_object_has_the_promised_keys() -> None:
    result = run(StackResult("demo-data", "applied", add=2, seconds=1.0), StackResult("demo-network", "applied", add=3, destroy=1))
    data = json.loads(summary("demo", "install", 0, result, kept=["bucket a"], orphans=[], seconds=61.04))
    assert data == {
        "env": "demo",
        "command": "install",
        "exit": 0,
        "stacks": {
            "demo-data": {"outcome": "applied", "add": 2, "change": 0, "replace": 0, "destroy": 0},
            "demo-network": {"outcome": "applied", "add": 3, "change": 0, "replace": 0, "destroy": 1},
        },
        "add": 5,
        "change": 0,
        "replace": 0,
        "destroy": 1,
        "kept": ["bucket a"],
        "orphans": [],
        "seconds": 61.0,
    }


def test_the_object_carries_what_went_wrong() -> None:
    stacks = (
        StackResult("demo-data", "failed", failure=FAILURE, log="x.log"),
        StackResult("demo-network", "unchanged", drift=(DRIFT,)),
        StackResult("demo-cluster", "waits", waits_for=("demo-data",), changes=(REPLACED,)),
    )
    found = json.loads(summary("demo", "plan", 1, run(*stacks), seconds=1, error="no"))
    assert found["error"] == "no"
    assert found["stacks"]["demo-data"]["failure"]["fix"] == FAILURE.fix
    assert found["stacks"]["demo-network"]["drift"] == [
        {"address": "aws_vpc.main", "action": "update", "attributes": {"tags.a": ["1", "2"]}}
    ]
    assert found["stacks"]["demo-cluster"]["changes"][0]["data"] is True
    assert json.loads(summary("demo", "plan", 1, None, seconds=1))["stacks"] == {}


def test_tally_over_a_run() -> None:
    assert tally(run(StackResult("a", "applied", add=1), StackResult("b", "applied", add=2)), done=True) == "3 added"
    assert tally(run(), done=True) == "no changes"


def test_an_env_without_a_state_plans_from_the_synth_alone(stacks: tuple[Stack, ...]) -> None:
    result = never_applied(stacks)
    assert [(each.stack, each.outcome, each.add) for each in result.stacks] == [
        ("fx-data", "planned", 1),
        ("fx-network", "planned", 1),
        ("fx-cluster", "waits", 1),
    ]
    assert exit_code(result) == 2
