"""What AWS says, and what the operator is told."""

from __future__ import annotations

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from modules.common.errors import HubError
from modules.launcher.aws.cluster import find_cluster
from modules.launcher.aws.credentials import Keys
from modules.launcher.aws.failures import asking


def answer(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "arn:aws:iam::1:user/x SECRET"}}, "DescribeCluster")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (answer("UnrecognizedClientException"), "AWS does not know this access key"),
        (answer("InvalidClientTokenId"), "AWS does not know this access key"),
        (answer("SignatureDoesNotMatch"), "AWS does not know this access key"),
        (answer("ExpiredTokenException"), "the credentials have expired"),
        (answer("AccessDeniedException"), "access denied\n  what to do  allow these credentials eks:DescribeCluster"),
        (answer("ThrottlingException"), "AWS answered ThrottlingException"),
        (ReadTimeoutError(endpoint_url="https://eks"), "cannot describe the cluster: Read timeout"),
        (BotoCoreError(), "cannot describe the cluster: "),
    ],
)
def test_a_refusal_is_a_sentence(error: Exception, said: str) -> None:
    with pytest.raises(HubError) as refused, asking("describe the cluster", region="us-west-2", permission="eks:DescribeCluster"):
        raise error
    assert said in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_a_cluster_that_is_being_made_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Making:
        class exceptions:  # noqa: N801 - botocore's name
            ResourceNotFoundException = KeyError

        def describe_cluster(self, name: str) -> dict[str, object]:
            return {"cluster": {"name": name, "status": "CREATING"}}

    monkeypatch.setattr("modules.launcher.aws.cluster.make_client", lambda *_: Making())
    with pytest.raises(HubError, match='"young" is creating and has no endpoint yet'):
        find_cluster("young", "us-west-2", Keys(frozen=None))  # type: ignore[arg-type]
