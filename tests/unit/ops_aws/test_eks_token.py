"""The cluster's credential: its shape, who signs it, and that STS answers it."""

from __future__ import annotations

import base64
import json
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.eks_token import credential, token
from tests._support.emulator import Emulator
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import make_config, refusal

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A caller with keys in the environment, and nothing else."""
    found = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return found


def url_of(text: str) -> urllib.parse.SplitResult:
    """The signed request inside a token."""
    packed = text.removeprefix("k8s-aws-v1.")
    assert "=" not in packed
    return urllib.parse.urlsplit(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode())


def test_the_credential_is_what_kubernetes_reads(config: HubConfig, keys: dict[str, str]) -> None:
    found = json.loads(credential(config, keys, NOW))
    assert (found["apiVersion"], found["kind"]) == ("client.authentication.k8s.io/v1", "ExecCredential")
    assert found["status"]["expirationTimestamp"] == "2026-11-21T09:14:00Z"
    asked = url_of(found["status"]["token"])
    words = urllib.parse.parse_qs(asked.query)
    assert words["Action"] == ["GetCallerIdentity"]
    assert words["X-Amz-Expires"] == ["60"]
    assert "x-k8s-aws-id" in words["X-Amz-SignedHeaders"][0], "a token of one cluster opens no other"


@pytest.mark.parametrize(
    ("region", "environ", "host"),
    [
        ("us-east-2", {}, "https://sts.us-east-2.amazonaws.com/"),
        ("cn-north-1", {}, "https://sts.cn-north-1.amazonaws.com.cn/"),
        ("us-gov-west-1", {}, "https://sts.us-gov-west-1.amazonaws.com/"),
        ("us-east-2", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4000"}, "http://127.0.0.1:4000/"),
        ("us-east-2", {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_STS": "http://b/"}, "http://b/"),
    ],
)
def test_the_region_s_own_sts_is_asked(keys: dict[str, str], region: str, environ: dict[str, str], host: str) -> None:
    asked = url_of(token(make_config(region=region), keys | environ))
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == host


@pytest.mark.parametrize("profile", [None, "nowhere"])
def test_no_credentials_is_a_sentence(monkeypatch: pytest.MonkeyPatch, profile: str | None) -> None:
    for name, value in {
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(HubError, match="credentials") as caught:
        token(make_config(aws={"account": "123456789012", "profile": profile}), {})
    assert "AWS_PROFILE" in caught.value.fix


def existing(role: str | None) -> HubConfig:
    provider = "oidc.eks.us-east-2.amazonaws.com/id/AB"
    return make_config(
        cluster={
            "existing": {
                "name": "theirs",
                "admin_role_arn": role,
                "oidc_provider_arn": f"arn:aws:iam::123456789012:oidc-provider/{provider}",
                "oidc_issuer": provider,
                "security_group_id": "sg-0a",
                "node_role_arn": "arn:aws:iam::123456789012:role/nodes",
            }
        }
    )


ROLE = "arn:aws:iam::123456789012:role/ClusterAdmin"


@pytest.mark.parametrize("role", [None, ROLE])
def test_an_existing_cluster_is_met_as_the_role_that_administers_it(emulator: Emulator, keys: dict[str, str], role: str | None) -> None:
    words = urllib.parse.parse_qs(url_of(token(existing(role), keys | {"AWS_ENDPOINT_URL": emulator.url})).query)
    assert ("X-Amz-Security-Token" in words) is bool(role)
    assert (words["X-Amz-Credential"][0].startswith("testing/")) is not bool(role)


def test_a_role_that_may_not_be_taken(keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, operation: str, arguments: dict[str, str]) -> None:
        assert (operation, arguments["RoleArn"], arguments["RoleSessionName"]) == ("AssumeRole", ROLE, "hubsmith-lab")
        raise refusal("AccessDenied", operation)

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refuse)
    with pytest.raises(HubError, match="the role that administers the cluster theirs cannot be taken") as caught:
        token(existing(ROLE), keys)
    assert caught.value.where == "cluster.existing.admin_role_arn"
    assert "trust policy" in caught.value.fix


def test_sts_answers_the_request_in_a_token(emulator: Emulator, config: HubConfig, keys: dict[str, str], evidence: Evidence) -> None:
    evidence.record("./hub eks-token", "exercised", "the emulator's STS, which checks no signature; no cluster judged the token")
    asked = url_of(token(config, keys | {"AWS_ENDPOINT_URL": emulator.url}))
    scope = urllib.parse.parse_qs(asked.query)["X-Amz-Credential"][0]
    # The emulator finds the service by this header alone; STS itself reads the scope in the query.
    routed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    request = urllib.request.Request(asked.geturl(), headers={"x-k8s-aws-id": config.cluster_name} | routed)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert b"123456789012" in answer.read()
