"""checkov finds nothing in the desktop stacks but what is waived, each waiver with a reason and an end; and it does look.

Only desktops are gated here. The form is the synthesised JSON and its manifests; a plan, in which policies and rules are resolved,
is not scanned.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests._support import checkov, synthesised
from tests._support.checkov import Verdict
from tests._support.evidence import Evidence
from tests.policy.conftest import ENVS
from tests.synth.conftest import Documents

pytestmark = pytest.mark.slow

WAIVERS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "waivers.yaml").read_text())
DESKTOPS = [f"{env}-desktop" for env in ENVS]
#: Types of ours that checkov has no check for; what is in both lists would be a hole that nobody sees.
UNKNOWN_TYPES = {"kubernetes_namespace_v1", "kubernetes_network_policy_v1"}
ANYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
#: A stack in which everything is wrong, scanned beside the real ones: a run in which it passes has seen nothing.
BAD_TERRAFORM = {
    "aws_security_group_rule": {
        "world": {
            "type": "ingress", "from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"], "security_group_id": "sg-1",
        }
    },
    "aws_ssm_parameter": {"plain": {"name": "/plain", "type": "String", "value": "x"}},
    "aws_iam_role": {"anybody": {"assume_role_policy": json.dumps({"Statement": [ANYBODY]})}},
}  # fmt: skip
BAD_POD: dict[str, Any] = {
    "host_network": True,
    "container": [{"name": "a", "image": "busybox", "security_context": {"privileged": True}}],
    "volume": [{"name": "d", "host_path": {"path": "/var/run/docker.sock"}}],
}
BAD_FOUND = {
    ("terraform_json", "aws_security_group_rule.world"): {"CKV_AWS_24"},
    ("terraform_json", "aws_iam_role.anybody"): {"CKV_AWS_60"},
    ("terraform_json", "aws_ssm_parameter.plain"): {"CKV2_AWS_34"},
    ("kubernetes", "kubernetes_daemon_set_v1.bad"): {"CKV_K8S_16", "CKV_K8S_19", "CKV_K8S_27", "CKV_K8S_14", "CKV_K8S_11"},
    ("kubernetes", "kubernetes_role_v1.bad"): {"CKV_K8S_49"},
}


def bad() -> dict[str, Any]:
    labels = {"match_labels": {"a": "b"}}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": BAD_POD}
    everything = [{"api_groups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    in_cluster = {
        "kubernetes_daemon_set_v1": {"bad": {"metadata": {"name": "bad"}, "spec": {"selector": labels, "template": template}}},
        "kubernetes_role_v1": {"bad": {"metadata": {"name": "bad"}, "rule": everything}},
    }
    return {"resource": {**BAD_TERRAFORM, **in_cluster}}


@pytest.fixture(scope="module")
def verdicts(stacks: Documents, tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    """Of the desktop stacks, and of the bad one beside them."""
    try:
        return checkov.scan({**{name: stacks[name] for name in DESKTOPS}, "bad": bad()}, tmp_path_factory.mktemp("checkov"))
    except checkov.Missing as missing:
        pytest.skip(f"NO CHECKOV: {missing}")


def failures(verdicts: Iterable[Verdict], stack: str = "") -> list[Verdict]:
    return [each for each in verdicts if not each.passed and (each.address.partition("/")[0] in ([stack] if stack else DESKTOPS))]


def waives(waiver: dict[str, Any], verdict: Verdict) -> bool:
    return bool(waiver["check"] == verdict.check and fnmatchcase(verdict.address, waiver["address"]))


def test_the_bad_stack_is_found_bad_in_the_same_run(verdicts: list[Verdict]) -> None:
    found = {(each.form, each.address.removeprefix("bad/"), each.check) for each in failures(verdicts, "bad")}
    wanted = {(form, address, check) for (form, address), checks in BAD_FOUND.items() for check in checks}
    assert wanted - found == set()


@pytest.mark.parametrize("stack", DESKTOPS)
def test_every_resource_was_looked_at(stack: str, stacks: Documents, verdicts: list[Verdict]) -> None:
    """By some check in the form that knows it; a type that checkov has nothing for must be named above."""
    seen = {form: {each.address.partition("/")[2] for each in verdicts if (each.form, each.address.partition("/")[0]) == (form, stack)}
            for form in checkov.FORMS}  # fmt: skip
    ours = {f"{kind}.{name}" for kind, named in stacks[stack]["resource"].items() for name in named}
    aws = {address for address in ours if address.startswith("aws_")}
    in_cluster = synthesised.manifests(stacks[stack]).keys()
    assert {address for address in ours - aws if not any(each.startswith(address) for each in in_cluster)} == set()
    unseen = sorted((aws - seen["terraform_json"]) | (in_cluster - seen["kubernetes"]))
    assert {address.partition(".")[0] for address in unseen} == UNKNOWN_TYPES


@pytest.mark.parametrize("stack", DESKTOPS)
def test_enough_was_asked(stack: str, verdicts: list[Verdict]) -> None:
    """Measured with 3.3.30, a little less than was found: a release that drops its checks is not one that is content."""
    own = [each for each in verdicts if each.address.partition("/")[0] == stack]
    of_daemon = {each.check for each in own if each.form == "kubernetes" and each.address.endswith("daemon_set_v1.daemon")}
    forms = Counter(each.form for each in own)
    assert forms["terraform_json"] >= 50
    assert forms["kubernetes"] >= 100
    assert len(of_daemon) >= 30


def test_nothing_is_wrong_but_what_is_waived(verdicts: list[Verdict], evidence: Evidence) -> None:
    left = [str(each) for each in failures(verdicts) if not any(waives(waiver, each) for waiver in WAIVERS)]
    assert left == []
    evidence.record("checkov finds nothing in a desktop's stack but what is waived with a reason", "asserted", "checkov 3.3.30, JSON form")


@pytest.mark.parametrize("waiver", WAIVERS, ids=lambda waiver: f"{waiver['check']} {waiver['address']}")
def test_a_waiver_has_a_reason_an_end_and_something_to_waive(waiver: dict[str, Any], verdicts: list[Verdict]) -> None:
    assert waiver.keys() == {"check", "address", "reason", "expires"}
    assert len(waiver["reason"].split()) >= 6
    assert date.today() <= waiver["expires"] <= date(date.today().year + 1, 12, 31), "think again, and give it another day or mend it"
    waived = {each.address.partition("/")[0] for each in failures(verdicts) if waives(waiver, each)}
    meant = {stack for stack in DESKTOPS if fnmatchcase(stack, waiver["address"].partition("/")[0])}
    assert meant, "no such stack"
    assert waived == meant, "a waiver that matches nothing waives the next mistake"


@pytest.mark.parametrize("text", ["{", '{"terraform": {"required_version": ">= 1.11"}}'])
def test_what_it_cannot_read_is_no_pass(text: str, tmp_path: Path) -> None:
    """checkov itself exits 0 on both."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "cdk.tf.json").write_text(text)
    try:
        with pytest.raises(checkov.Blind):
            checkov.read(tmp_path)
    except checkov.Missing as missing:
        pytest.skip(f"NO CHECKOV: {missing}")
