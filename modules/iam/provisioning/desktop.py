"""Desktops: their parameters, the licence policy on somebody else's node role, and sessions that forward a port to a node."""

from __future__ import annotations

from modules.iam.document import Document, Statement, allow, document
from modules.iam.provisioning.scope import Scope

#: Terraform makes two parameters; the agents' own, one a node, are removed at cleanup.
_PARAMETERS = (
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:DeleteParameters",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:ListTagsForResource",
    "ssm:PutParameter",
    "ssm:RemoveTagsFromResource",
)
#: AWS's own, which forward a port and open no shell.
_DOCUMENTS = ("AWS-StartPortForwardingSession", "AWS-StartPortForwardingSessionToRemoteHost")
#: Without it, a session that names no document gets a shell on the node, whatever documents are allowed,
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-specify-session-document.html
_NO_SHELL = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}
_LICENCE = ("iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy")


def desktop(scope: Scope) -> Document:
    """What desktops need besides the rest; a document without statements for an env without desktops."""
    if not scope.parameters:
        return document()
    parameters = scope.arn("ssm", f"parameter{scope.parameters}")
    return document(
        allow("OwnParameters", _PARAMETERS, f"{parameters}/dcv-*"),
        # The path asked for is the resource, with and without what is below it.
        allow("ListOwnParameters", "ssm:GetParametersByPath", (parameters, f"{parameters}/*")),
        allow("FindParameters", "ssm:DescribeParameters", "*", conditions=scope.here),
        *_forward(scope),
        *_foreign_nodes(scope),
    )


def _forward(scope: Scope) -> list[Statement]:
    """Through nodes that this deployment made; those of an existing cluster carry the cluster's tag instead."""
    through = scope.cluster_owned if scope.foreign_node_role else scope.owned
    documents = [f"arn:{scope.partition}:ssm:{scope.region}::document/{name}" for name in _DOCUMENTS]
    # Sessions are named after whoever opened them, so each person ends only their own.
    own = scope.arn("ssm", "session/${aws:userid}-*")
    return [
        allow("ForwardThroughNodes", "ssm:StartSession", scope.ec2("instance"), conditions={**through, **_NO_SHELL}),
        allow("ForwardPorts", "ssm:StartSession", documents, conditions=_NO_SHELL),
        allow("OwnSessions", ("ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"), own),
    ]


def _foreign_nodes(scope: Scope) -> list[Statement]:
    """The nodes' role of an existing cluster lies outside our path; AWS cannot limit which inline policy is put on it, so it is this
    one role by its ARN."""
    return [allow("LicenceOfForeignNodes", _LICENCE, scope.foreign_node_role)] if scope.foreign_node_role else []
