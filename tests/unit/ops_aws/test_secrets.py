"""Secrets: which there are, where values come from, how they reach Secrets Manager, and that they show up nowhere else."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops import secrets_command as command
from modules.ops.adopt import adoptions
from modules.ops.secret_delivery import collect, lacking
from modules.ops.secret_store import SecretStore
from modules.ops.secrets import Need, check_value, gather, needs, read_by
from modules.ops.synth import Stack, Synthesised
from modules.ops.target import Target
from tests.unit.ops_aws.support import make_config

CANARY = "canary-4711-never-shown"
SERVER = "https://api.dandi.test"
TOKENS = json.dumps({SERVER: CANARY})


def reads(*ids: str) -> dict[str, Any]:
    return {"aws_secretsmanager_secret_version": {f"r{number}": {"secret_id": id} for number, id in enumerate(ids)}}


@pytest.fixture
def config() -> HubConfig:
    allow = {"dandi_registered": [SERVER]}
    return make_config(auth={"kind": "github", "admins": ["ada"], "allow": allow})


@pytest.fixture
def stacks(tmp_path: Path, config: HubConfig) -> tuple[Stack, ...]:
    """Room for three secrets in data, one of them filled by Terraform; hub reads all, and one that data does not know."""
    id = f"{config.deployment}/"
    containers = {name: {"name": id + name} for name in ("oauth-client-secret", "dandi-api-credentials", "hub-cookie-secret", "spare")}
    cookie = {"secret_id": "${aws_secretsmanager_secret.hub-cookie-secret.arn}", "secret_string_wo": "x"}
    documents: dict[str, Any] = {
        "lab-data": {
            "resource": {"aws_secretsmanager_secret": containers, "aws_secretsmanager_secret_version": {"cookie": cookie}},
        },
        "lab-hub": {"ephemeral": reads(*(id + name for name in ("oauth-client-secret", "dandi-api-credentials", "hub-cookie-secret")))},
    }
    made = []
    for name, document in documents.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document))
        made.append(Stack(name, ("lab-data",) if name == "lab-hub" else (), path))
    return tuple(made)


@pytest.fixture
def store(session: boto3.Session, config: HubConfig) -> SecretStore:
    return SecretStore(session, config)


def value(session: boto3.Session, id: str) -> str:
    found: dict[str, str] = session.client("secretsmanager", region_name="us-east-2").get_secret_value(SecretId=id)  # type: ignore[assignment]
    return found["SecretString"]


def nobody(question: str) -> None:
    """There is no terminal."""


def test_what_is_needed_is_read_from_the_documents(stacks: tuple[Stack, ...], config: HubConfig) -> None:
    found = {need.name: need for need in needs(stacks)}
    assert set(found) == {"oauth-client-secret", "dandi-api-credentials", "hub-cookie-secret", "spare"}
    assert [name for name, need in found.items() if need.made] == ["hub-cookie-secret"]
    assert [name for name, need in found.items() if not need.readers] == ["spare"]
    oauth = found["oauth-client-secret"]
    assert oauth.container == "lab-data/aws_secretsmanager_secret.oauth-client-secret"
    assert (oauth.variable, oauth.readers) == ("TF_VAR_oauth_client_secret", ("lab-hub",))
    assert len(read_by(stacks[1])) == 3
    assert read_by(stacks[0]) == ()


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("oauth-client-secret", "", "is empty"),
        ("oauth-client-secret", " \n", "is empty"),
        ("oauth-client-secret", CANARY * 4000, "longer than 65536"),
        ("dandi-api-credentials", CANARY, "no JSON object"),
        ("dandi-api-credentials", "{}", "no JSON object"),
        ("dandi-api-credentials", '{"a": 1}', "no JSON object"),
        ("dandi-api-credentials", f'["{CANARY}"]', "no JSON object"),
    ],
)
def test_a_value_that_cannot_be_right(config: HubConfig, name: str, given: str, words: str) -> None:
    with pytest.raises(HubError, match=words) as caught:
        check_value(config, name, given)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(("name", "given"), [("oauth-client-secret", f"{CANARY}\n"), ("dandi-api-credentials", TOKENS), ("spare", "{x")])
def test_a_value_that_can(config: HubConfig, name: str, given: str) -> None:
    assert check_value(config, name, given) == given.rstrip("\n")


@pytest.mark.parametrize("answer", [None, ""])
def test_all_that_is_missing_is_named_at_once(stacks: tuple[Stack, ...], store: SecretStore, config: HubConfig, answer: str | None) -> None:
    missing = store.without_value(needs(stacks))
    assert [need.name for need in missing] == ["dandi-api-credentials", "oauth-client-secret"]
    with pytest.raises(HubError, match="no value yet: dandi-api-credentials, oauth-client-secret") as caught:
        gather(config, missing, {}, lambda question: answer)
    assert "./hub secrets set lab oauth-client-secret" in caught.value.fix


def test_values_come_from_the_environment_first_then_from_a_person(
    stacks: tuple[Stack, ...], store: SecretStore, config: HubConfig
) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return TOKENS

    found, made_up = gather(config, store.without_value(needs(stacks)), {"TF_VAR_oauth_client_secret": CANARY}, ask)
    assert {id.rpartition("/")[2]: text for id, text in found.items()} == {"oauth-client-secret": CANARY, "dandi-api-credentials": TOKENS}
    assert (len(asked), made_up) == (1, ())
    assert "dandi-api-credentials" in asked[0]


def test_a_rehearsal_makes_values_up_and_says_so(stacks: tuple[Stack, ...], store: SecretStore) -> None:
    auth = {"kind": "github", "admins": ["ada"], "allow": {"dandi_registered": [SERVER]}}
    rehearsal = make_config(rehearsal=True, aws={}, auth=auth)
    found, made_up = gather(rehearsal, store.without_value(needs(stacks)), {}, nobody)
    assert set(made_up) == {"oauth-client-secret", "dandi-api-credentials"}
    tokens = next(text for id, text in found.items() if id.endswith("dandi-api-credentials"))
    assert list(json.loads(tokens)) == [SERVER]
    assert len(set(found.values())) == 2


def test_values_are_put_when_their_reader_s_turn_comes(
    stacks: tuple[Stack, ...], store: SecretStore, session: boto3.Session, config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_oauth_client_secret", CANARY)
    said: list[str] = []
    delivery = collect(store, config, stacks, lambda question: TOKENS, said.append)
    id = f"{config.deployment}/oauth-client-secret"
    delivery.before("lab-data")
    assert store.changed(id) is None, "the container is Terraform's to make"
    assert lacking(store, stacks[1], needs(stacks)) == tuple(
        f"secret {name}" for name in ("dandi-api-credentials", "hub-cookie-secret", "oauth-client-secret")
    )
    assert lacking(store, stacks[0], needs(stacks)) == ()
    delivery.before("lab-hub")
    assert value(session, id) == CANARY
    assert lacking(store, stacks[1], needs(stacks)) == ("secret hub-cookie-secret",), "Terraform's to make, with stack data"
    monkeypatch.setattr(store, "put", lambda need, text: pytest.fail("put once"))
    delivery.before("lab-hub")
    assert said == []


def test_a_secret_set_before_the_first_install_is_taken_over(
    stacks: tuple[Stack, ...], store: SecretStore, session: boto3.Session, config: HubConfig
) -> None:
    need = next(need for need in needs(stacks) if need.name == "oauth-client-secret")
    store.put(need, CANARY)
    found = adoptions(session, config, "lab-data", stacks[0].document(), frozenset())
    assert [each.address for each in found] == ["aws_secretsmanager_secret.oauth-client-secret"]
    store.put(need, "another")
    assert value(session, need.id) == "another"


@pytest.mark.parametrize("scheduled", [True, False])
def test_a_container_without_a_value_has_none(store: SecretStore, session: boto3.Session, config: HubConfig, scheduled: bool) -> None:
    need = Need(f"{config.deployment}/x", ("lab-hub",))
    client: Any = session.client("secretsmanager", region_name="us-east-2")
    tags = [{"Key": "hubsmith:deployment", "Value": config.deployment}]
    client.create_secret(Name=need.id, Tags=tags, **({"SecretString": "old"} if scheduled else {}))
    if scheduled:
        client.delete_secret(SecretId=need.id)
    assert store.without_value([need]) == (need,)
    store.put(need, CANARY)
    assert value(session, need.id) == CANARY


def test_somebody_else_s_secret_is_left_alone(store: SecretStore, session: boto3.Session, config: HubConfig) -> None:
    need = Need(f"{config.deployment}/x", ("lab-hub",))
    client: Any = session.client("secretsmanager", region_name="us-east-2")
    client.create_secret(Name=need.id, SecretString="theirs")
    with pytest.raises(HubError, match="does not carry this env's tag"):
        store.put(need, CANARY)
    assert value(session, need.id) == "theirs"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, stacks: tuple[Stack, ...], session: boto3.Session) -> Callable[[str, bool], None]:
    """The command over these stacks and this account; gives standard input a text, and says whether it is a terminal."""
    monkeypatch.setattr(command, "synth", lambda layout, environ: Synthesised(stacks, True, 0.0))
    monkeypatch.setattr(command, "resolve_target", lambda root, config: Target({}, {}, session, "1", False, "here"))

    def give(text: str, terminal: bool) -> None:
        stdin = io.StringIO(text)
        monkeypatch.setattr(stdin, "isatty", lambda: terminal)
        monkeypatch.setattr(command.sys, "stdin", stdin)
        monkeypatch.setattr(command.getpass, "getpass", lambda question: text)

    return give


@pytest.mark.parametrize(
    ("source", "text", "terminal", "variable"),
    [
        ("-", f"{CANARY}\n", False, None),
        ("", f"{CANARY}\n", False, None),
        ("-", CANARY, True, None),
        ("", CANARY, True, None),
        ("", "", False, CANARY),
        ("", "", True, CANARY),
    ],
)
def test_set_and_list(
    typed: Callable[[str, bool], None],
    config: HubConfig,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    session: boto3.Session,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    text: str,
    terminal: bool,
    variable: str | None,
) -> None:
    typed(text, terminal)
    if variable:
        monkeypatch.setenv("TF_VAR_oauth_client_secret", variable)
    assert command.set_secret(tmp_path, config, "oauth-client-secret", source, as_json=False) == 0
    assert value(session, f"{config.deployment}/oauth-client-secret") == CANARY
    assert command.list_secrets(tmp_path, config, as_json=False) == 0
    said = capsys.readouterr().out
    assert CANARY not in said
    assert "./hub secrets set lab dandi-api-credentials" in said
    assert command.list_secrets(tmp_path, config, as_json=True) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["secrets"]}
    assert rows["oauth-client-secret"]["changed"]
    assert rows["dandi-api-credentials"]["changed"] is None
    assert rows["hub-cookie-secret"]["by"] == "Terraform"


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("oauth", "", 'reads no secret "oauth"'),
        ("hub-cookie-secret", "", "Terraform fills hub-cookie-secret"),
        ("oauth-client-secret", CANARY, "not given on the command line"),
        ("oauth-client-secret", "-", "is empty"),
        ("dandi-api-credentials", "", "is empty"),
    ],
)
def test_what_is_refused(
    typed: Callable[[str, bool], None], config: HubConfig, tmp_path: Path, store: SecretStore, name: str, source: str, words: str
) -> None:
    typed("", False)
    with pytest.raises(HubError, match=words) as caught:
        command.set_secret(tmp_path, config, name, source, as_json=False)
    assert CANARY not in str(caught.value)
    assert store.changed(f"{config.deployment}/{name}") is None
