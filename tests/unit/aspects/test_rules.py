"""Each rule for synthesised resources, with what it accepts and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.aspects import engine_traps, gate, security
from modules.common.errors import HubError


def one(type_: str, **values: Any) -> dict[str, Any]:
    body = {"//": {"metadata": {"path": "demo-x/thing"}}, **values}
    return {"resource": {type_: {"thing": body}}}


GOOD_IMDS = {"http_tokens": "required", "http_put_response_hop_limit": 1}
ENCRYPTED = [{"device_name": "/dev/xvda", "ebs": {"encrypted": "true"}}]
ALL_ACTIONS = json.dumps({"Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]})
DENY_ALL = json.dumps({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
TRUST_ALL = json.dumps({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}})
TAGS = {"hubsmith:deployment": "d", "hubsmith:env": "e", "hubsmith:address": "a"}

ROWS: list[tuple[dict[str, Any], bool, list[str]]] = [
    (one("aws_launch_template", metadata_options=GOOD_IMDS, block_device_mappings=ENCRYPTED), False, []),
    (one("aws_launch_template", metadata_options={**GOOD_IMDS, "http_tokens": "optional"}), False, ["http_tokens"]),
    (one("aws_launch_template", metadata_options={**GOOD_IMDS, "http_put_response_hop_limit": 3}), False, ["hop_limit"]),
    (one("aws_launch_template"), False, ["http_tokens", "hop_limit"]),
    (one("aws_launch_template", metadata_options=GOOD_IMDS, block_device_mappings=[{"device_name": "a", "ebs": {}}]), False, ["encrypted"]),
    (one("aws_instance", metadata_options=[GOOD_IMDS], root_block_device={"encrypted": True}), False, []),
    (one("aws_instance", metadata_options=GOOD_IMDS), False, ["root_block_device"]),
    (one("aws_efs_file_system", encrypted=True), False, []),
    (one("aws_efs_file_system"), False, ["encrypted"]),
    (one("aws_backup_vault"), False, ["kms_key_arn"]),
    (one("aws_secretsmanager_secret"), False, ["kms_key_id"]),
    (one("aws_eks_cluster"), False, ["encryption_config"]),
    (one("aws_sqs_queue"), False, ["sqs_managed_sse_enabled"]),
    (one("aws_sqs_queue", kms_master_key_id="k"), False, []),
    (one("aws_kms_key", enable_key_rotation=False), False, ["rotation"]),
    (one("aws_iam_policy", policy=ALL_ACTIONS), False, ["every action"]),
    (one("aws_iam_policy", policy=DENY_ALL), False, []),
    (one("aws_iam_policy", policy="${data.x.json}"), False, []),
    (one("aws_iam_role", assume_role_policy=TRUST_ALL), False, ["trusts everybody"]),
    (one("aws_vpc", tags=TAGS), False, []),
    (one("aws_vpc", tags={"Name": "x"}), False, ["hubsmith:deployment", "hubsmith:env", "hubsmith:address"]),
    (one("aws_efs_file_system", encrypted=True, lifecycle={"prevent_destroy": True}), True, []),
    (one("aws_efs_file_system", encrypted=True), True, ["prevent_destroy"]),
    (one("aws_s3_bucket"), True, ["prevent_destroy"]),
    (one("aws_s3_bucket"), False, []),
]


@pytest.mark.parametrize(("document", "protect", "expected"), ROWS)
def test_rules(document: dict[str, Any], protect: bool, expected: list[str]) -> None:
    found = security.violations(document, protect=protect)
    assert len(found) == len(expected), found
    for text, sentence in zip(expected, found, strict=True):
        assert sentence.startswith("demo-x/thing: ")
        assert text in sentence


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({"name": "${aws_vpc.main.id}"}, False),
        ({"name": "x-${TfToke"}, True),
        ({"name": "${tftoken[token.1]}"}, True),
        ({"size": -1.8881545897087503e289}, True),
        ({"size": 20}, False),
    ],
)
def test_remains_of_tokens(values: dict[str, Any], broken: bool) -> None:
    assert bool(engine_traps.broken_tokens(one("aws_x", **values))) is broken


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ({"ingress": [{"from_port": None, "to_port": None}]}, ["ingress[0]"]),
        ({"ingress": [{}]}, ["ingress[0]"]),
        ({"ingress": [{"from_port": 1}]}, []),
        ({"taint": []}, []),
        ({"a": {"b": [{"ebs": [{}]}]}}, ["a.b[0].ebs[0]"]),
    ],
)
def test_lost_keys(values: dict[str, Any], lost: list[str]) -> None:
    assert [line.split(": ")[1].split(" ")[0] for line in engine_traps.lost_keys(one("aws_x", **values))] == lost


def test_the_gate_names_every_construct_at_once(tmp_path: Path) -> None:
    stack = tmp_path / "stacks/demo-x"
    stack.mkdir(parents=True)
    document = {"resource": {**one("aws_sqs_queue")["resource"], **one("aws_efs_file_system")["resource"]}}
    (stack / "cdk.tf.json").write_text(json.dumps(document))
    with pytest.raises(HubError) as caught:
        gate.check_output(tmp_path, {"demo-x": False})
    assert str(caught.value).count("demo-x/thing") == 2
    assert "what to do" in str(caught.value)
