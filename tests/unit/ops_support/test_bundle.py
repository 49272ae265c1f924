"""A bundle holds what helps and no secret, wherever one was planted; and it comes about where nothing else works."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.cluster_api import ClusterApi
from modules.ops.layout import Layout
from modules.ops.support.command import support_bundle
from modules.ops.support.redaction import Redactor, is_telling, secrets_of
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import ACCOUNT, make_config
from tests.unit.ops_support.conftest import CANARIES

Planted = Callable[..., SimpleNamespace]


def test_no_canary(planted: Planted, session: boto3.Session, config: HubConfig, evidence: Evidence) -> None:
    found = planted()
    whole = "\n".join(found.files.values())
    lies = _planted_texts(session, config, Layout(found.path.parent, "lab"))
    for place, canary in CANARIES.items():
        assert canary not in whole, place
        assert base64.b64encode(canary.encode()).decode() not in whole, place
    assert {place for place in ("keyed in a log", "hex in a log", "state attribute") if CANARIES[place] not in lies} == set()
    evidence.record(
        "./hub support-bundle", "exercised", f"{len(CANARIES)} planted secrets, none in the bundle; moto and the stand-in cluster"
    )


def _planted_texts(session: boto3.Session, config: HubConfig, layout: Layout) -> str:
    """What lies where the bundle looked, so that a canary nobody planted is no proof."""
    s3 = session.client("s3", region_name=config.region)
    state = s3.get_object(Bucket=config.state_bucket, Key="lab/lab-network.tfstate")["Body"].read().decode()
    return state + "".join(each.read_text() for each in layout.home.glob("runs/*/*"))


def test_what_helps_is_in_it(planted: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    found = planted()
    assert found.code == 0
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    files = found.files
    assert json.loads(files["status.json"])["users"] == {"online": 2, "starting": 1}
    assert json.loads(files["states.json"])["lab-network"] == {"serial": 1, "resources": ["aws_vpc.main"]}
    assert json.loads(files["config.json"])["auth"]["admins"] == "(1 people)"
    assert "TF_VAR_oauth_client_secret" in json.loads(files["variables.json"])
    assert json.loads(files["versions.json"])["components"]["jupyterhub"] == "4.4.0"
    log = next(text for name, text in files.items() if name.endswith("lab-hub.log"))
    assert "aws_secretsmanager_secret.hub-token: Creating..." in log
    assert '"summary": "it failed"' in log
    assert f"sha256:{'ab12' * 16}" in log
    said = capsys.readouterr().out
    assert all(name in said for name in files if not name.startswith("runs/") and name != "contents.txt")
    assert all(name in files["contents.txt"] for name in files if name != "contents.txt")
    assert "nothing was sent" in said


def test_people_are_numbers(planted: Planted) -> None:
    files = planted().files
    names = {each["pod"] for each in json.loads(files["pods.json"])}
    assert {"jupyterhub/hub", "jupyterhub/jupyter-user-1"} <= names
    (event,) = json.loads(files["events.json"])
    assert event["message"].startswith("login of jupyter-user-")
    assert not any(f"-{person}" in text for text in files.values() for person in ("ada", "bo", "cy"))


@pytest.mark.parametrize("mask", [False, True])
def test_account_ids(planted: Planted, mask: bool) -> None:
    whole = "\n".join(planted(mask_account=mask).files.values())
    assert (ACCOUNT in whole) is not mask
    assert ("arn:aws:iam::ACCOUNT:role/x" in whole) is mask


def test_an_existing_file_is_kept(planted: Planted) -> None:
    path = planted().path
    before = path.read_bytes()
    with pytest.raises(HubError, match="exists already"):
        planted()
    assert path.read_bytes() == before


def test_no_account_no_cluster(planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(root: Path, config: HubConfig) -> None:
        raise HubError("could not sign in to AWS in us-east-2")

    for place in ("status", "support"):
        monkeypatch.setattr(f"modules.ops.{place}.command.resolve_target", refuse)
    files = planted().files
    assert {name for name, text in files.items() if text.startswith("not collected: could not sign in")} == {
        "status.json",
        "pods.json",
        "events.json",
    }
    assert any(name.endswith("lab-hub.log") for name in files)
    assert "not collected: could not sign in" in capsys.readouterr().out


def test_a_defect_of_ours_is_a_line(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: ClusterApi, path: str, what: str, **query: str) -> None:
        raise ValueError(f"unexpected password={CANARIES['event']}")

    monkeypatch.setattr(ClusterApi, "items", broken)
    assert planted().files["pods.json"] == "not collected: ValueError: unexpected password=(hidden)\n"


def test_a_rehearsal_that_does_not_run_is_not_started(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert support_bundle(tmp_path, make_config(rehearsal=True, aws={}), output=None, mask_account=False, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    missing = {each["name"]: each["missing"] for each in found["parts"] if each["missing"]}
    assert missing == {"pods.json": "the rehearsal does not run", "events.json": "the rehearsal does not run"}
    assert Path(found["file"]).parent == tmp_path / ".hubsmith/lab/support"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("token: abc", "token: (hidden)"),
        ('{\\"apiKey\\":\\"abc\\"}', '{\\"apiKey\\":(hidden)}'),
        ("db_password=abc rest", "db_password=(hidden) rest"),
        ("x-amz-signature=abc&x=1", "x-amz-signature=(hidden)"),
        ("Set-Cookie: a=b; c=d\nnext", "Set-Cookie: (hidden)\nnext"),
        ("GET /cb?code=abc&state=def", "GET /cb?code=(hidden)&state=(hidden)"),
        ("exit code=1", "exit code=1"),
        ("mail ada.b@lab.test now", "mail (an address) now"),
        ("aws_secretsmanager_secret.x-token: Creation complete after 1s", "aws_secretsmanager_secret.x-token: Creation complete after 1s"),
        ("password=;a&b,c rest", "password=(hidden) rest"),
        ("password: Opening", "password: (hidden)"),
        ("hub.client_secret: abc", "hub.client_secret: (hidden)"),
        ("vpc-0123456789abcdef0 subnet-0a1b2c3d4e5f67890", "vpc-0123456789abcdef0 subnet-0a1b2c3d4e5f67890"),
        ("k2Jx_9-QwErTy7UiOpAsDf4GhJkLzXcVbNm1-0aB", "(hidden)"),
        ("hubsmith-demo-123456789012-us-east-2-state-bucket", "hubsmith-demo-123456789012-us-east-2-state-bucket"),
    ],
)
def test_redaction(text: str, left: str) -> None:
    assert Redactor(()).text(text) == left


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("two\nlines of it", "lines of it"),
        ('say "it"!', '{"x": "say \\"it\\"!"}'),
        ("a b/c?d", "?q=a%20b%2Fc%3Fd"),
        ("outer-inner", "outer-inner"),
    ],
    ids=["one line of many", "inside JSON", "inside a URL", "one inside another"],
)
def test_a_known_secret_is_found_in_other_clothes(secret: str, text: str) -> None:
    left = Redactor([secret, "inner!"]).text(text)
    assert "(hidden)" in left
    assert not {"lines of", "say", "a%20b", "outer"} & set(left.replace("(hidden)", " ").split())


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("a" * 100_000, "a" * 100_000),
        ("a-" * 50_000, "a-" * 50_000),
        ("secret" * 20_000, "secret" * 20_000),
        ("aA1" * 30_000, "(hidden)"),
        ("a.b-" * 25_000 + "@", "a.b-" * 25_000 + "@"),
    ],
    ids=["letters", "dashes", "telling", "base64", "no address"],
)
def test_a_long_line_is_looked_at_once(line: str, left: str) -> None:
    """With a pattern that may begin anywhere in them, each of these takes minutes."""
    assert Redactor(()).text(line) == left


@pytest.mark.parametrize(
    ("name", "telling"), [("client_secret", True), ("crypt-key", True), ("accessKeyId", True), ("name", False), ("kms_key_arn", False)]
)
def test_telling_names(name: str, telling: bool) -> None:
    assert is_telling(name) is telling


def test_variables() -> None:
    environ = {"TF_VAR_x": "one", "MY_API_KEY": "two", "HTTP_PROXY": "http://u:three@p", "PATH": "/bin"}
    assert secrets_of(environ) == {"one", "two", "three"}
