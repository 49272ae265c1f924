"""The comment on a pull request, compared with what stands in tests/golden/plan; HUB_UPDATE_GOLDEN=1 rewrites it."""

from __future__ import annotations

import os

import pytest

from modules.ops.plan import exit_code
from modules.ops.pull_request import money
from modules.ops.pull_request.command import judged
from modules.ops.pull_request.report import LABEL, Context, loses_data, marker, report, unplanned
from modules.ops.results import Attribute, Change, RunResult
from tests.unit.ops_plan.plans import PLANS, ROOT, entry, estimate, run, stack

GOLDEN = ROOT / "tests/golden/plan"
EXITS = {"no-change": 0, "efs-replaced": 3, "failed": 1}
CONTEXTS = {
    "new-env": Context("No account.", money.compared(None, estimate(33.0)), ("Planned without credentials.",)),
    "profile-added": Context(
        "Account 123456789012 in us-east-2.",
        money.compared(estimate(33.0), estimate(33.0, gpu=True)),
        config=["- `hub.profiles[1].name`: `(none)` → `GPU`"],
    ),
    "node-pool-replaced": Context("Account 123456789012 in us-east-2.", money.compared(estimate(33.0), estimate(66.0))),
}
USUAL = Context("Account 123456789012 in us-east-2.", money.compared(estimate(33.0), estimate(33.0)))


@pytest.mark.parametrize("name", PLANS)
def test_the_report(name: str) -> None:
    text = report("demo", PLANS[name], CONTEXTS.get(name, USUAL))
    file = GOLDEN / f"{name}.md"
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        file.write_text(text)
    assert text == file.read_text(), "read the difference, then HUB_UPDATE_GOLDEN=1"


@pytest.mark.parametrize("name", PLANS)
def test_what_it_ends_with(name: str) -> None:
    code = exit_code(PLANS[name])
    assert judged(PLANS[name], code, allow_loss=False) == EXITS.get(name, 2)
    assert judged(PLANS[name], code, allow_loss=True) == (1 if name == "failed" else 0 if name == "no-change" else 2)


@pytest.mark.parametrize(
    "kind",
    [
        *("aws_efs_file_system", "aws_s3_bucket", "aws_kms_key", "aws_cognito_user_pool", "aws_backup_vault", "aws_dynamodb_table"),
        *("aws_secretsmanager_secret", "aws_ebs_volume", "aws_db_instance", "aws_rds_cluster"),
    ],
)
@pytest.mark.parametrize("actions", ["delete", "delete create", "create delete"])
def test_every_kind_of_data_that_goes_is_red(kind: str, actions: str) -> None:
    result = run(stack("data", entry(f"{kind}.it", actions, {"a": 1}, {"a": 2})))
    text = report("demo", result, USUAL)
    assert loses_data(result)
    assert f"- data: {kind}.it is " in text.split("```diff")[1].split("```")[0]
    assert f"`{LABEL}`" in text


def test_allowed_data_is_still_shown_in_red() -> None:
    text = report("demo", PLANS["efs-replaced"], Context("Here.", allowed=True))
    assert "```diff" in text
    assert "This was allowed" in text
    assert LABEL not in text


@pytest.mark.parametrize(
    ("change", "heading"),
    [
        (Change("aws_iam_policy.a", "aws_iam_policy", "create"), "**IAM**"),
        (Change("aws_s3_bucket_policy.a", "aws_s3_bucket_policy", "update"), "**IAM**"),
        (Change("aws_kms_key.a", "aws_kms_key", "update", (Attribute("policy", "a", "b"),)), "**IAM**"),
        (Change("aws_vpc_security_group_ingress_rule.a", "aws_vpc_security_group_ingress_rule", "create"), "**Network exposure**"),
        (Change("kubernetes_network_policy_v1.a", "kubernetes_network_policy_v1", "update"), "**Network exposure**"),
        (Change("aws_eks_cluster.a", "aws_eks_cluster", "update", (Attribute("vpc_config", "a", "b"),)), "**Network exposure**"),
        (Change("aws_subnet.a", "aws_subnet", "update", (Attribute("tags.a", "a", "b"),)), "<summary>Everything else that changes: 1"),
        (Change("aws_subnet.a", "aws_subnet", "create"), "<summary>Everything that is added: 1"),
        (Change("aws_subnet.a", "aws_subnet", "delete"), "**Replaced or destroyed**"),
        (Change("aws_subnet.a", "aws_subnet", "adopt"), "<summary>Everything else that changes: 1"),
    ],
)
def test_where_a_change_is_shown(change: Change, heading: str) -> None:
    result = run(stack("network"))
    placed = RunResult((type(result.stacks[0])("demo-network", "planned", changes=(change,)),), 1.0)
    text = report("demo", placed, USUAL)
    shown = [line for line in text.splitlines() if line.startswith(("**", "<details>")) and not line.startswith("**Cost")]
    assert [line for line in shown if heading in line] == shown
    assert len(shown) == 1


@pytest.mark.parametrize("value", ["`x` | <img src=x> </details>", "a\n```\n# heading", "-->"])
def test_values_of_a_plan_stay_values(value: str) -> None:
    result = run(stack("hub", entry("aws_subnet.a", "delete create", {"a": value}, {"a": "b"})))
    (line,) = [line for line in report("demo", result, USUAL).splitlines() if line.startswith("- `± replace`")]
    assert line.count("`") == 10
    assert line.endswith("` → `b`")


def test_an_env_that_cannot_be_planned_has_a_report_too() -> None:
    text = unplanned("demo", "envs/demo/hub.yaml: 1 problem\n```\n  what to do  mend it")
    assert text.startswith(marker("demo"))
    assert text.count("```") == 2
    assert "mend it" in text


def test_the_report_of_the_largest_plan_fits_a_comment_with_all_others() -> None:
    assert max(len(report("demo", result, USUAL).encode()) for result in PLANS.values()) < 8_000
