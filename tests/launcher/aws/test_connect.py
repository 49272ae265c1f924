"""From a settings file to a cluster that knows who asks: keys, rotated keys, roles, and time that passes."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client import AppsV1Api
from moto.core.exceptions import AccessDeniedError
from moto.sts.models import STSBackend

from modules.common.errors import HubError
from modules.launcher.aws import connect
from modules.launcher.aws.credentials import make_source
from modules.launcher.errors import Unavailable
from modules.launcher.settings import parse
from tests.launcher.aws.cluster_api import ClusterApi
from tests.launcher.aws.conftest import CLUSTER, REGION, Clock, Secrets

ROLE = "arn:aws:iam::123456789012:role/EKSAdmin"
KEYS = "access_key: {access_key_id: {secret_name: aws, key: AccessKeyId}, secret_access_key: {secret_name: aws, key: SecretAccessKey}}"


def settings(credentials: str, *, cluster: str = CLUSTER, region: str = REGION, endpoint: str = "", more: str = "") -> Any:
    """The runtime section of a settings file."""
    place = f", endpoint: '{endpoint}'" if endpoint else ""
    text = f"secret_store: {{secret_store_type: none}}\nruntime: {{runtime_type: eks, cluster_name: {cluster}, region: {region}"
    return parse(f"{text}, credentials: {{{credentials}}}{place}{more}}}", "eks.yml").runtime


def keys(id: str = "AKIAFIRST", secret: str = "first") -> dict[str, str]:
    return {"AccessKeyId": id, "SecretAccessKey": secret}


def ask(client: Any) -> None:
    AppsV1Api(client).list_namespaced_deployment("default")


def refusal(runtime: Any, store: Any = None) -> str:
    with pytest.raises(HubError) as refused:
        connect(runtime, store or Secrets(aws=keys()))
    assert "first" not in str(refused.value), "a secret key is never repeated"
    return str(refused.value)


def test_stored_keys_sign_and_a_token_serves_many_calls(api: ClusterApi, clock: Clock) -> None:
    store = Secrets(aws=keys())
    client = connect(settings(KEYS, endpoint=api.url), store, clock=clock)
    clock.move(minutes=12)
    for _ in range(3):
        ask(client)
    assert api.signers == ["AKIAFIRST"] * 4
    assert len({token for _, token in api.seen}) == 1


def test_rotated_keys_are_picked_up_with_the_next_token(api: ClusterApi, clock: Clock) -> None:
    store = Secrets(aws=keys())
    client = connect(settings(KEYS, endpoint=api.url), store, clock=clock)
    store.values["aws"] = keys("AKIASECOND", "second")
    ask(client)
    clock.move(minutes=13)
    ask(client)
    assert api.signers == ["AKIAFIRST", "AKIAFIRST", "AKIASECOND"]


def test_a_store_that_fails_in_mid_run_is_borne_while_the_token_is_good_and_then_told(api: ClusterApi, clock: Clock) -> None:
    store = Secrets(aws=keys())
    client = connect(settings(KEYS, endpoint=api.url), store, clock=clock)
    del store.values["aws"]
    clock.move(minutes=13, seconds=10)
    ask(client)
    clock.move(minutes=2)
    with pytest.raises(Unavailable, match="lost its access"):
        ask(client)
    store.values["aws"] = keys("AKIASECOND", "second")
    clock.move(seconds=10)
    ask(client)
    assert api.signers[-1] == "AKIASECOND"


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[dict[str, Any]]:
    """What STS was asked for each role. Two things that moto would not do: the role's trust policy wants the external id
    `partner`, and sessions end by the test's clock."""
    asked: list[dict[str, Any]] = []
    real: Callable[..., Any] = STSBackend.assume_role

    def judge(self: STSBackend, **words: Any) -> Any:
        asked.append(words)
        if words["external_id"] != "partner":
            raise AccessDeniedError("hydro", "sts:AssumeRole")
        given = real(self, **words)
        given.expiration = (clock() + timedelta(seconds=words["duration"])).replace(tzinfo=None)
        return given

    monkeypatch.setattr(STSBackend, "assume_role", judge)
    return asked


def role(more: str = "") -> str:
    return f"{KEYS}, assume_role: {{role_arn: '{ROLE}', external_id: {{secret_name: partner}}{more}}}"


def test_a_role_is_taken_with_the_external_id_as_text(api: ClusterApi, clock: Clock, sessions: list[dict[str, Any]]) -> None:
    connect(settings(role(), endpoint=api.url), Secrets(aws=keys(), partner={"value": "partner"}), clock=clock)
    assert [(each["role_arn"], each["external_id"], each["duration"]) for each in sessions] == [(ROLE, "partner", 900)]
    assert sessions[0]["role_session_name"].startswith("hydroplane-launch-")
    assert api.signers[0].startswith("ASIA")


def test_the_wrong_external_id_stops_the_start(api: ClusterApi, sessions: list[dict[str, Any]]) -> None:
    said = refusal(settings(role(), endpoint=api.url), Secrets(aws=keys(), partner={"value": "other"}))
    assert f"cannot take the role {ROLE}: access denied" in said
    assert "sts:AssumeRole" in said


def test_a_role_is_taken_anew_before_it_ends_and_its_tokens_end_with_it(
    api: ClusterApi, clock: Clock, sessions: list[dict[str, Any]]
) -> None:
    runtime = settings(role(", session_name: me, session_duration_seconds: 3600"), endpoint=api.url)
    client = connect(runtime, Secrets(aws=keys(), partner={"value": "partner"}), clock=clock)
    for _ in range(24):
        clock.move(minutes=5)
        ask(client)
    assert {(each["role_session_name"], each["duration"]) for each in sessions} == {("me", 3600)}
    assert len(sessions) == 3, "at the start, after an hour, after two"
    assert len(set(api.signers)) == 3


def test_ambient_keys_and_profiles_are_found(api: ClusterApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    connect(settings("ambient: true", endpoint=api.url), Secrets())
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "credentials").write_text("[me]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    connect(settings("profile: me", endpoint=api.url), Secrets())
    assert api.signers == ["AKIAENV", "AKIAPROFILE"]


@pytest.mark.parametrize("way", ["irsa", "profile"])
def test_a_role_that_aws_s_own_search_takes_ends_and_so_do_its_tokens(
    api: ClusterApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    (tmp_path / "web-token").write_text("signed by the cluster")
    (tmp_path / "config").write_text(f"[profile me]\nrole_arn = {ROLE}\nsource_profile = keys\n")
    (tmp_path / "credentials").write_text("[keys]\naws_access_key_id = AKIA\naws_secret_access_key = x\n")
    given = {
        "irsa": {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "web-token")},
        "profile": {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")},
    }[way]
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    runtime = settings("ambient: true" if way == "irsa" else "profile: me", endpoint=api.url)
    connect(runtime, Secrets())
    assert api.signers[0].startswith("ASIA")
    assert make_source(runtime.credentials, REGION, Secrets())().ends is not None


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("runtime", "said"),
    [
        ({"credentials": KEYS, "cluster": "typo"}, f'there is no cluster "typo" in {REGION} (there is: {CLUSTER})'),
        ({"credentials": KEYS, "region": "eu-west-1"}, f'no cluster "{CLUSTER}" in eu-west-1 (there is none)'),
        ({"credentials": KEYS.replace("AccessKeyId", "Absent")}, 'gives no secret "aws" with the key "Absent"'),
        ({"credentials": "ambient: true"}, "there are no AWS credentials"),
        ({"credentials": "profile: nobody"}, "there is no such AWS profile"),
        ({"credentials": "in_cluster: true"}, "does not run in a cluster"),
        ({"credentials": KEYS}, "certificate that cannot be read"),
        ({"credentials": KEYS, "endpoint": "http://127.0.0.1:1"}, "http://127.0.0.1:1 cannot be reached: "),
    ],
)
def test_what_is_wrong_at_the_start_is_one_sentence(runtime: dict[str, str], said: str) -> None:
    found = refusal(settings(**runtime))
    assert said in found
    assert "what to do" in found
    assert "\n" not in found.partition("\n  what to do")[0]


def test_something_else_that_answers_for_aws_is_a_sentence(monkeypatch: pytest.MonkeyPatch, cloud: str) -> None:
    """moto answers an unknown path as a captive portal would: with a page."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{cloud}/moto-api/nothing")
    assert "is not AWS" in refusal(settings(f"{KEYS}, assume_role: {{role_arn: '{ROLE}'}}"))


def test_aws_that_cannot_be_reached_is_a_sentence(monkeypatch: pytest.MonkeyPatch, cloud: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert f"AWS cannot be reached in {REGION}" in refusal(settings(KEYS))


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "give their IAM user or role an access entry"), (403, "may not list deployments in the namespace"), (500, "API answered 500")],
)
def test_a_cluster_that_refuses_is_a_sentence(api: ClusterApi, status: int, said: str) -> None:
    api.status = status
    assert said in refusal(settings(KEYS, endpoint=api.url))


def test_each_namespace_of_the_list_is_tried(api: ClusterApi) -> None:
    connect(settings(KEYS, endpoint=api.url, more=", namespace: a, namespaces: [b]"), Secrets(aws=keys()))
    assert len(api.seen) == 2


def test_a_key_that_aws_does_not_know_is_told_from_one_that_ends(judged: dict[str, str], api: ClusterApi) -> None:
    runtime = settings(f"{KEYS}, assume_role: {{role_arn: '{ROLE}'}}")
    store = Secrets(aws=judged)
    source = make_source(runtime.credentials, REGION, store)
    assert source().frozen.access_key.startswith("ASIA")
    for wrong in (keys(judged["AccessKeyId"], "first"), keys("AKIANOBODY")):
        with pytest.raises(HubError, match="AWS does not know this access key"):
            make_source(runtime.credentials, REGION, Secrets(aws=wrong))()


def test_the_seed_s_whole_way_from_a_local_store(tmp_path: Path, api: ClusterApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """creds.json is stored, the settings name it, the launcher starts with a password file."""
    from modules.launcher.settings import load
    from modules.launcher.store import open_store
    from modules.launcher.store.cli import main

    monkeypatch.setenv("HYDROPLANE_STORE_PASSWORD", "pw")
    (tmp_path / "creds.json").write_text('{"AccessKeyId": "AKIASTORE", "SecretAccessKey": "s"}')
    place = ["--store-location", str(tmp_path / "store")]
    assert main([*place, "init"]) == main([*place, "add", "-f", str(tmp_path / "creds.json"), "aws-credentials"]) == 0
    monkeypatch.delenv("HYDROPLANE_STORE_PASSWORD")
    (tmp_path / "password").write_text("pw\n")
    seed = Path(__file__).parents[1].joinpath("settings", "seed.yml").read_text()
    seed = seed.replace("~/.hydro_secrets", f"{tmp_path}/store\n  password_file: {tmp_path}/password") + f"  endpoint: {api.url}\n"
    (tmp_path / "eks.yml").write_text(seed)
    found = load(tmp_path / "eks.yml")
    connect(found.runtime, open_store(found.secret_store))
    assert api.signers == ["AKIASTORE"]
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700
