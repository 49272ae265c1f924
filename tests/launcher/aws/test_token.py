"""The token: whose question it carries, for which cluster, to which STS."""

from __future__ import annotations

import base64
import urllib.parse
from datetime import timedelta

import pytest
from botocore.credentials import ReadOnlyCredentials

from modules.launcher.aws.credentials import Keys
from modules.launcher.aws.token import make_token
from tests.launcher.aws.conftest import Clock


def url_of(token: str) -> urllib.parse.SplitResult:
    """The signed request inside a token."""
    packed = token.removeprefix("k8s-aws-v1.")
    assert "=" not in packed
    return urllib.parse.urlsplit(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode())


@pytest.mark.parametrize(
    ("region", "environ", "host"),
    [
        ("us-west-2", {}, "https://sts.us-west-2.amazonaws.com/"),
        ("us-east-1", {}, "https://sts.us-east-1.amazonaws.com/"),
        ("cn-north-1", {}, "https://sts.cn-north-1.amazonaws.com.cn/"),
        ("us-gov-west-1", {}, "https://sts.us-gov-west-1.amazonaws.com/"),
        ("us-west-2", {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_STS": "http://b/"}, "http://b/"),
    ],
)
def test_the_region_s_own_sts_is_asked(monkeypatch: pytest.MonkeyPatch, region: str, environ: dict[str, str], host: str) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    keys = Keys(ReadOnlyCredentials("AKIA", "secret", "session"))
    asked = url_of(make_token(lambda: keys, "hydro-eks", region).get()[0])
    words = urllib.parse.parse_qs(asked.query)
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == host
    assert (words["Action"], words["X-Amz-Expires"], words["X-Amz-Security-Token"]) == (["GetCallerIdentity"], ["60"], ["session"])
    assert words["X-Amz-Credential"][0].split("/")[::2] == ["AKIA", region, "aws4_request"]
    assert "x-k8s-aws-id" in words["X-Amz-SignedHeaders"][0], "a token of one cluster opens no other"


@pytest.mark.parametrize(("left", "good_for"), [(None, 14), (60, 14), (14, 14), (6, 6)])
def test_a_token_ends_with_the_keys_that_signed_it(clock: Clock, left: float | None, good_for: float) -> None:
    start = clock()
    ends = start + timedelta(minutes=left) if left else None
    keys = Keys(ReadOnlyCredentials("AKIA", "secret", None), ends)
    until = make_token(lambda: keys, "c", "us-west-2", lambda: start).get()[1]
    assert until == start + timedelta(minutes=good_for)
