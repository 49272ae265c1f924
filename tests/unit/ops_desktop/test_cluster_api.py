"""The cluster's API as verbs use it: what is asked with what, and what a refusal says."""

from __future__ import annotations

import urllib.parse
from base64 import urlsafe_b64decode
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import cluster_api
from modules.ops.cluster_api import Replicas, open_cluster
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT
from tests.unit.ops_desktop.conftest import desktop_config
from tests.unit.ops_desktop.fake_cluster import BOARD, FakeCluster, serve

OK, SCALE = 200, "/apis/apps/v1/namespaces/dcv/deployments/dcv-seats/scale"
MAP, SEATS = ("dcv", "dcv-agent-config-map"), ("dcv", "dcv-seats")
EXISTING = {
    "name": "theirs",
    "admin_role_arn": f"arn:aws:iam::{ACCOUNT}:role/ClusterAdmin",
    "oidc_provider_arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/AB",
    "oidc_issuer": "oidc.eks.us-east-2.amazonaws.com/id/AB",
    "security_group_id": "sg-0a",
    "node_role_arn": f"arn:aws:iam::{ACCOUNT}:role/nodes",
}


def described(monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, *, public: bool = True) -> None:
    """EKS names the fake as the env's cluster."""
    answer = {
        "endpoint": cluster.url,
        "certificateAuthority": {"data": cluster.authority},
        "resourcesVpcConfig": {"endpointPublicAccess": public},
    }
    monkeypatch.setattr(cluster_api, "_describe", lambda config, target: answer)


def signer(authorization: str) -> str:
    """The session token that signed a bearer token, "" for long-lived keys."""
    packed = authorization.removeprefix("Bearer k8s-aws-v1.")
    url = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query).get("X-Amz-Security-Token", [""])[0]


@pytest.mark.parametrize("existing", [None, EXISTING])
def test_eks_and_a_token(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: dict[str, Any] | None) -> None:
    config = desktop_config({"cluster": {"existing": existing}} if existing else {})
    with serve(FakeCluster(data={"display": ":0"}, wanted=2, ready=1), tmp_path) as cluster:
        described(monkeypatch, cluster)
        api = open_cluster(tmp_path, config, target)
        assert api.config_map(*MAP) == {"display": ":0"}
        assert api.replicas(*SEATS) == Replicas(2, 1)
        assert api.scale(*SEATS, 0)
        assert cluster.wanted == 0
        tokens = {authorization for _, _, authorization, _ in cluster.calls}
        assert len(tokens) == 1, "one token serves until it grows old"
        assert bool(signer(tokens.pop())) is bool(existing), "an existing cluster is met as the role that hub.yaml names"


def test_an_old_token_is_replaced(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter(["none yet", "one", "two"])
    monkeypatch.setattr("modules.ops.eks_token.token", lambda config, environ: next(made))
    monkeypatch.setattr(cluster_api, "_TOKEN_SECONDS", 0.0)
    with serve(FakeCluster(), tmp_path) as cluster:
        described(monkeypatch, cluster)
        api = open_cluster(tmp_path, desktop_config(), target)
        api.config_map(*MAP)
        api.config_map(*MAP)
        assert [authorization for _, _, authorization, _ in cluster.calls] == ["Bearer one", "Bearer two"]


def test_a_cluster_that_vouches_for_itself_is_not_believed(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with serve(FakeCluster(), tmp_path) as cluster, serve(FakeCluster(), other) as liar:
        liar.authority = cluster.authority
        described(monkeypatch, liar)
        with pytest.raises(HubError, match="does not answer"):
            open_cluster(tmp_path, desktop_config(), target).config_map(*MAP)
        assert liar.calls == [], "nothing, the token least of all, was sent"


def test_what_is_not_there(cluster: FakeCluster, target: Target, tmp_path: Path) -> None:
    cluster.data = cluster.wanted = None
    api = open_cluster(tmp_path, desktop_config(), target)
    assert api.config_map(*MAP) is None
    assert api.replicas(*SEATS) is None
    assert not api.scale(*SEATS, 3)


@pytest.mark.parametrize(
    ("existing", "refuse", "words", "fix"),
    [
        (None, (401, "Unauthorized"), f"does not know arn:aws:sts::{ACCOUNT}", "cluster.admins"),
        (EXISTING, (401, "Unauthorized"), "does not know arn:aws:iam::123456789012:role/ClusterAdmin", "cluster.existing.admin_role_arn"),
        (None, (403, 'User "ada" cannot patch'), r'forbids it \(User "ada" cannot patch\)', "cluster.admins"),
        (EXISTING, (403, "no"), "forbids it", "access entry"),
        (None, (500, "etcd is ill"), r"answered 500 \(etcd is ill\)", "same command again"),
    ],
)
def test_refusals_say_who_and_what_to_add(
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    existing: dict[str, Any] | None,
    refuse: tuple[int, str],
    words: str,
    fix: str,
) -> None:
    config = desktop_config({"cluster": {"existing": existing}} if existing else {})
    with serve(FakeCluster(refuse=refuse), tmp_path) as cluster:
        described(monkeypatch, cluster)
        with pytest.raises(HubError, match=words) as caught:
            open_cluster(tmp_path, config, target).config_map(*MAP)
        assert fix in caught.value.fix
        assert "k8s-aws-v1" not in str(caught.value)


class Moody(FakeCluster):
    """Answers its first calls with `moods`: a status, or 0 for a connection cut off."""

    moods: tuple[int, ...] = ()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        mood = dict(enumerate(self.moods)).get(len(self.calls) - 1, 200)
        if not mood:
            raise ConnectionAbortedError
        return super().answer(method, path, body) if mood == OK else (mood, {"kind": "Status", "message": "busy"})


@pytest.mark.parametrize(
    ("method", "moods", "words"),
    [
        ("GET", (200, 0, 200), ""),
        ("GET", (503, 200), ""),
        ("GET", (429, 200), ""),
        ("GET", (200, 500, 503), "answered 503"),
        ("GET", (200, 0, 0), "does not answer"),
        ("GET", (0,), "does not answer"),
        ("GET", (403,), "forbids"),
        ("PATCH", (503,), "answered 503"),
        ("PATCH", (200, 0), "does not answer"),
    ],
)
def test_a_read_outlives_one_bad_moment(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, moods: tuple[int, ...], words: str
) -> None:
    """A row lists what each call meets: the last call is the last mood, so that nothing is asked more often, nor less."""
    monkeypatch.setattr(cluster_api, "_AGAIN_SECONDS", 0.0)
    cluster = Moody(data={})
    cluster.moods = moods
    with serve(cluster, tmp_path):
        described(monkeypatch, cluster)
        api = open_cluster(tmp_path, desktop_config(), target)
        for _ in range(moods[0] == OK):
            api.read(BOARD, "the board")
        body = {"spec": {"replicas": 0}} if method == "PATCH" else None
        with pytest.raises(HubError, match=words) if words else nullcontext():
            assert api.ask(method, BOARD if method == "GET" else SCALE, "try it", body=body)
    assert len(cluster.calls) == len(moods)


def test_a_page_of_a_proxy_is_no_answer(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(FakeCluster(), tmp_path) as cluster:
        described(monkeypatch, cluster)
        api = open_cluster(tmp_path, desktop_config(), target)
        monkeypatch.setattr(api, "_once", lambda *_: b"<html>Sign in</html>")
        with pytest.raises(HubError, match="sent no JSON") as caught:
            api.items("/api/v1/pods", "the pods")
    assert "NO_PROXY" in caught.value.fix


@pytest.mark.parametrize(("public", "words"), [(True, "NewConnection"), (False, "its endpoint is private")])
def test_an_api_that_does_not_answer(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public: bool, words: str) -> None:
    with serve(FakeCluster(), tmp_path) as cluster:
        described(monkeypatch, cluster, public=public)
    with pytest.raises(HubError, match=words):
        open_cluster(tmp_path, desktop_config(), target).config_map(*MAP)


@pytest.mark.parametrize(("existing", "fix"), [(None, "./install.sh lab"), (EXISTING, "cluster.existing.name")])
def test_no_cluster(target: Target, tmp_path: Path, existing: dict[str, Any] | None, fix: str) -> None:
    config = desktop_config({"cluster": {"existing": existing}} if existing else {})
    with pytest.raises(HubError, match="there is no cluster") as caught:
        open_cluster(tmp_path, config, target)
    assert fix in caught.value.fix


def test_a_kubeconfig_that_is_none(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_KUBECONFIG", str(tmp_path / "nowhere"))
    with pytest.raises(HubError, match="no kubeconfig"):
        open_cluster(tmp_path, desktop_config(), target)


def test_eks_is_asked(session: boto3.Session, target: Target, tmp_path: Path) -> None:
    config: HubConfig = desktop_config()
    eks = session.client("eks", region_name=config.region)
    eks.create_cluster(name=config.cluster_name, roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks", resourcesVpcConfig={})
    found = cluster_api._describe(config, target)
    assert found["endpoint"].startswith("https://")
