"""Tokens that rotate while the agent runs: it reads both from their files, and needs no restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dcv_agent.aws import Aws
from dcv_agent.cluster import Cluster, configuration
from dcv_agent.errors import Trouble
from dcv_agent.parameters import Parameters

from tests._support.fake_kubernetes import FakeKubernetes
from tests.desktop.agent.aws import REGION, FakeAws
from tests.desktop.agent.desk import MAP, SSM, Desk


def test_kubernetes_token_is_read_at_every_call(desk: Desk, kubernetes: FakeKubernetes) -> None:
    kubernetes.token = "first"
    desk.step()
    assert desk.ready == ":0"
    kubernetes.token = "second"
    desk.pass_time(400, stride=20)
    assert desk.sentence.startswith("Kubernetes: get configmaps/dcv-agent-config-map answered 401 Unauthorized")
    (Path(desk.environment["KUBECONFIG"]).parent / "token").write_text("second")
    desk.pass_time(65)
    assert desk.ready == ":0"


def test_a_token_file_that_is_gone_is_a_sentence(desk: Desk) -> None:
    token = Path(desk.environment["KUBECONFIG"]).parent / "token"
    _ = desk.watch
    token.unlink()
    desk.step()
    assert "needs the pod's token, which cannot be read: No such file or directory" in desk.sentence


def test_the_pods_own_account(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one\n")
    made = configuration({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}, tmp_path)
    assert (made.host, made.ssl_ca_cert, made.verify_ssl) == ("https://10.0.0.1:443", str(tmp_path / "ca.crt"), True)
    assert made.auth_settings()["BearerToken"]["value"] == "Bearer one"
    (tmp_path / "token").write_text("two")
    assert made.auth_settings()["BearerToken"]["value"] == "Bearer two"


@pytest.mark.parametrize(("host", "address"), [("fd00::1", "https://[fd00::1]:443"), ("kubernetes", "https://kubernetes:443")])
def test_the_address_of_the_api(tmp_path: Path, host: str, address: str) -> None:
    assert configuration({"KUBERNETES_SERVICE_HOST": host}, tmp_path).host == address


def test_outside_a_pod() -> None:
    with pytest.raises(Trouble, match="KUBERNETES_SERVICE_HOST is not set"):
        configuration({})


@pytest.fixture
def web_identity(aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of IRSA: no keys, a role and a token file; credentials of a minute, which boto3 renews at every call."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    token = tmp_path / "token"
    token.write_text("first")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/demo-dcv")
    aws.token, aws.lifetime = "first", 60
    return token


def test_one_client_survives_a_rotated_web_identity_token(web_identity: Path, aws: FakeAws) -> None:
    parameters = Parameters(Aws("ssm", REGION))
    assert parameters.get(f"{SSM}/dcv-display") == ":0"
    aws.token = "second"
    with pytest.raises(Trouble, match="AssumeRoleWithWebIdentity answered ExpiredTokenException: the token of the pod or the trust policy"):
        parameters.get(f"{SSM}/dcv-display")
    web_identity.write_text("second")
    assert parameters.get(f"{SSM}/dcv-display") == ":0"


def test_credentials_that_arrive_expired(web_identity: Path, aws: FakeAws) -> None:
    aws.lifetime = -60
    with pytest.raises(Trouble, match="is the node's clock right"):
        Parameters(Aws("ssm", REGION)).get(f"{SSM}/dcv-display")


def test_a_web_identity_token_file_that_is_gone(web_identity: Path) -> None:
    web_identity.unlink()
    with pytest.raises(Trouble, match="the pod's web identity token cannot be read: No such file or directory"):
        Parameters(Aws("ssm", REGION)).get(f"{SSM}/dcv-display")


def test_credentials_that_ssm_calls_expired_are_fetched_anew(web_identity: Path, aws: FakeAws) -> None:
    aws.lifetime = 3600
    parameters = Parameters(Aws("ssm", REGION))
    aws.faults = {"GetParameter": ("ExpiredTokenException", 1)}
    with pytest.raises(Trouble, match=r"GetParameter of .* answered ExpiredTokenException"):
        parameters.get(f"{SSM}/dcv-display")
    assert parameters.get(f"{SSM}/dcv-display") == ":0"
    assert aws.calls.count("AssumeRoleWithWebIdentity") == 2


def test_no_aws_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(Trouble, match=r"AWS: ssm for /x got no answer \(EndpointConnectionError\)"):
        Parameters(Aws("ssm", REGION)).get("/x")


def test_merge_patch_touches_named_keys_alone(desks: Callable[..., Desk], kubernetes: FakeKubernetes) -> None:
    desk = desks()
    cluster = Cluster("dcv", configuration(desk.environment))
    kubernetes.edit(MAP, {"kept": "1", "gone": "2"})
    cluster.patch_config_map(MAP, {"gone": None, "new": "3"})
    assert kubernetes.data(MAP) == {"display": "", "socket_mount_path": "/var/addf/dcv-eks/sockets", "kept": "1", "new": "3"}
