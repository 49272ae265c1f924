"""Whose certificate the launcher believes: the cluster's own, also at the near end of a tunnel and inside the cluster."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.eks.models import Cluster, eks_backends

from modules.common.errors import HubError
from modules.launcher.aws import connect
from modules.launcher.settings import parse
from modules.launcher.settings.runtime import EksRuntime
from tests.launcher import tls
from tests.launcher.aws.cluster_api import ClusterApi
from tests.launcher.aws.conftest import CLUSTER, REGION, Secrets

NAME = f"ABC.gr7.{REGION}.eks.amazonaws.com".lower()


def runtime(endpoint: str = "") -> EksRuntime:
    """Settings with ambient credentials and, for a tunnel, its near end."""
    place = f", endpoint: '{endpoint}'" if endpoint else ""
    text = f"runtime: {{runtime_type: eks, cluster_name: {CLUSTER}, region: {REGION}, credentials: {{ambient: true}}{place}}}"
    return parse(f"secret_store: {{secret_store_type: none}}\n{text}", "eks.yml").runtime


@pytest.fixture
def certificate(tmp_path: Path) -> tls.Certificate:
    return tls.make(tmp_path, NAME)


@pytest.fixture
def secure(cloud: str, certificate: tls.Certificate, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterApi]:
    """A cluster behind TLS, and a caller with keys in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with ClusterApi(CLUSTER, certificate.server()) as running:
        yield running


def described(endpoint: str, authority: bytes) -> None:
    """What EKS says of the cluster from here on; moto invents both."""
    cluster: Cluster = eks_backends["123456789012"][REGION].clusters[CLUSTER]
    cluster.endpoint = endpoint
    cluster.certificate_authority = {"data": base64.b64encode(authority).decode()}


def test_the_certificate_that_eks_gives_is_believed(secure: ClusterApi, certificate: tls.Certificate) -> None:
    described(secure.url, certificate.authority.read_bytes())
    connect(runtime(), Secrets())
    assert secure.signers == ["AKIAENV"]


def test_another_s_certificate_is_not(secure: ClusterApi, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    described(secure.url, tls.make(tmp_path / "other").authority.read_bytes())
    with pytest.raises(HubError, match="does not show the certificate"):
        connect(runtime(), Secrets())
    assert secure.seen == [], "the token was shown to nobody"


def test_at_a_tunnel_s_near_end_the_cluster_s_own_name_is_asked_for(secure: ClusterApi, certificate: tls.Certificate) -> None:
    described(f"https://{NAME}", certificate.authority.read_bytes())
    connect(runtime(secure.url), Secrets())
    assert secure.signers == ["AKIAENV"]
    described("https://another.eks.amazonaws.com", certificate.authority.read_bytes())
    with pytest.raises(HubError, match="does not show the certificate"):
        connect(runtime(secure.url), Secrets())


@pytest.mark.parametrize("data", ["", "not base64!", base64.b64encode(b"\xff").decode()])
def test_a_certificate_that_is_none_is_a_sentence(secure: ClusterApi, data: str) -> None:
    described(secure.url, b"")
    eks_backends["123456789012"][REGION].clusters[CLUSTER].certificate_authority = {"data": data}
    with pytest.raises(HubError, match="cannot be read" if data else "has no endpoint yet"):
        connect(runtime(), Secrets())


def test_inside_the_cluster_the_service_account_speaks(
    certificate: tls.Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("account-token")
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_CERT_FILENAME", str(certificate.authority))
    inside = parse(
        "secret_store: {secret_store_type: none}\nruntime: {runtime_type: eks, credentials: {in_cluster: true}, namespace: processes}", "x"
    )
    with ClusterApi("", certificate.server()) as running:
        host, _, port = running.url.removeprefix("https://").partition(":")
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
        connect(inside.runtime, Secrets())
    assert running.seen == [("", "account-token")]
