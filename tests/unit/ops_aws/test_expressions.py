"""The expressions that an import id may hang on."""

from __future__ import annotations

from typing import Any

import pytest

from modules.ops.adopt.expressions import evaluate
from modules.ops.adopt.model import UnknownValueError

KNOWN: dict[tuple[tuple[str, ...], str], Any] = {
    (("aws_vpc", "main"), "id"): "vpc-1",
    (("aws_subnet", "data-plane-a"), "id"): "subnet-1",
    (("data", "aws_caller_identity", "me"), "account_id"): "123456789012",
    (("data", "terraform_remote_state", "up-x"), "outputs"): {"cross-stack-output-aws_vpcmainid": "vpc-9"},
    (("local", "issuer"), ""): "oidc.test/id",
    (("aws_acm_certificate", "hub"), "domain_validation_options"): [{"resource_record_name": "_x.lab.test."}],
    (("aws_eks_node_group", "n"), "resources"): [{"autoscaling_groups": [{"name": "asg-1"}]}],
}


def lookup(head: tuple[str, ...], attribute: str) -> Any:
    if (head, attribute) not in KNOWN:
        raise UnknownValueError(".".join(head))
    return KNOWN[head, attribute]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        (7, 7),
        (True, True),
        (["${aws_vpc.main.id}"], ["${aws_vpc.main.id}"]),
        ("${aws_vpc.main.id}", "vpc-1"),
        ("${ aws_vpc.main.id }", "vpc-1"),
        ("a/${aws_vpc.main.id}/${aws_subnet.data-plane-a.id}", "a/vpc-1/subnet-1"),
        ("${data.aws_caller_identity.me.account_id}", "123456789012"),
        ("${data.terraform_remote_state.up-x.outputs.cross-stack-output-aws_vpcmainid}", "vpc-9"),
        ("${local.issuer}", "oidc.test/id"),
        ("${aws_eks_node_group.n.resources[0].autoscaling_groups[0].name}", "asg-1"),
        ("${one(tolist(aws_acm_certificate.hub.domain_validation_options)).resource_record_name}", "_x.lab.test."),
        ("${tolist(aws_acm_certificate.hub.domain_validation_options)[0].resource_record_name}", "_x.lab.test."),
    ],
)
def test_known(text: Any, value: Any) -> None:
    assert evaluate(text, lookup) == value


@pytest.mark.parametrize(
    "text",
    [
        "${aws_vpc.other.id}",
        "${aws_vpc}",
        "${aws_vpc.}",
        "${}",
        "${aws_vpc.main.id",
        '${replace(aws_vpc.main.id, "a", "b")}',
        "${lower(aws_vpc.main.id)}",
        "${one(aws_vpc.main.id)}",
        "${one(aws_vpc.main.id}",
        "${aws_vpc.main.id == 1 ? 2 : 3}",
        "${aws_vpc.main.id.more}",
        "${aws_eks_node_group.n.resources[5].name}",
        "${aws_eks_node_group.n.resources[x]}",
        '${jsonencode({a = "${aws_vpc.main.id}"})}',
    ],
)
def test_unknown(text: str) -> None:
    with pytest.raises(UnknownValueError):
        evaluate(text, lookup)
