"""The settings file: Hydroplane's own shape, ours around it, and a sentence for every mistake."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.launcher.protocols import READ, Pool, Rules
from modules.launcher.settings import Settings, load, parse

SEED = Path(__file__).with_name("seed.yml")
ROLE = "arn:aws:iam::123456789012:role/EKSAdmin"

NO_STORE = "secret_store: {secret_store_type: none}\n"
IN_CLUSTER = NO_STORE + "runtime: {runtime_type: eks, credentials: {in_cluster: true}}\n"

#: As Hydroplane's documentation prints it: assume_role one column off.
PRINTED = """\
runtime:
    runtime_type: eks
    cluster_name: my-cluster
    region: us-west-2
    credentials:
      access_key:
        access_key_id:
          secret_name: aws-creds
          key: AccessKeyId
        secret_access_key:
          secret_name: aws-creds
          key: SecretAccessKey
       assume_role:
         role_arn: "arn:aws:iam::123456789012:role/EKSAdmin"
"""


def seed_with(old: str, new: str) -> str:
    """Hydroplane's example with one change."""
    text = SEED.read_text()
    assert old in text
    return text.replace(old, new)


def eks(credentials: str, more: str = "") -> str:
    """The least settings, with these credentials."""
    return f"{NO_STORE}runtime: {{runtime_type: eks, cluster_name: c, region: us-west-2, credentials: {credentials}{more}}}\n"


def refused(text: str) -> str:
    with pytest.raises(HubError) as refusal:
        parse(text, "eks.yml")
    return str(refusal.value)


def test_the_seed_s_file_is_read_as_it_is() -> None:
    settings = load(SEED)
    keys = settings.runtime.credentials.access_key
    assert (settings.runtime.cluster_name, settings.runtime.region, settings.runtime.namespace) == ("hydro-eks", "us-west-2", "default")
    assert keys is not None
    assert (keys.access_key_id.secret_name, keys.access_key_id.key) == ("aws-credentials", "AccessKeyId")
    assert str(getattr(settings.secret_store, "store_location")) == "~/.hydro_secrets"  # noqa: B009 - one kind of three
    assert settings.rules == Rules(public_allowed=True)
    assert settings.auth is None


@pytest.mark.parametrize(
    ("written", "duration", "external", "name"),
    [
        (f"role_arn: {ROLE}", 900, None, None),
        (f"role_arn: {ROLE}\n      session_duration_seconds: 43200\n      session_name: me@work", 43200, None, "me@work"),
        (f"role_arn: {ROLE}\n      external_id: {{secret_name: ext, key: id}}", 900, ("ext", "id"), None),
    ],
)
def test_role_assumption_as_the_seed_meant_it(written: str, duration: int, external: tuple[str, str] | None, name: str | None) -> None:
    role = parse(f"{SEED.read_text()}    assume_role:\n      {written}\n", "eks.yml").runtime.credentials.assume_role
    assert role is not None
    found = (role.external_id.secret_name, role.external_id.key) if role.external_id else None
    assert (role.role_arn, role.session_duration_seconds, found, role.session_name) == (ROLE, duration, external, name)


def test_the_printed_example_is_told_which_line_to_move() -> None:
    said = refused(PRINTED)
    assert 'line 13: "assume_role:" stands 7 spaces in' in said
    assert 'Move it 1 to the left, and the lines below it with it, so that it stands beside "access_key:" on line 6' in said
    lines = PRINTED.splitlines()
    moved = [line[1:] if number in {12, 13} else line for number, line in enumerate(lines)]
    assert parse(NO_STORE + "\n".join(moved), "eks.yml").runtime.credentials.assume_role


def test_ours_are_read_into_the_rules() -> None:
    settings = parse(
        """
secret_store: {secret_store_type: aws, prefix: hubsmith/dandi/launcher/}
runtime:
  runtime_type: eks
  credentials: {in_cluster: true}
  namespace: processes
  namespaces: [team-a, processes]
  service_accounts: [runner, reader]
  public_allowed: false
  pool: {node_selector: {pool: launcher}, tolerations: [{key: dedicated, operator: Exists, effect: NoSchedule}]}
  public_pool: {node_selector: {pool: public}}
  run_as_non_root: true
  calls_at_once: 8
process_culling: {max_age_minutes: 90, culling_interval_minutes: 5}
quota: {processes: 10}
auth:
  tokens:
    - {name: ci, secret: {secret_name: ci}, scopes: [processes:read]}
    - {name: ops, file: /run/secrets/token, admin: true}
  jupyterhub: {api_url: http://hub:8081/hub/api/, scopes: {admin: [custom:launcher:admin]}}
""",
        "eks.yml",
    )
    assert settings.rules == Rules(
        namespaces=("processes", "team-a"),
        service_accounts=("runner", "reader"),
        public_allowed=False,
        quota=10,
        max_age=timedelta(minutes=90),
        culling_interval=timedelta(minutes=5),
        pool=Pool({"pool": "launcher"}, ({"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"},)),
        public_pool=Pool({"pool": "public"}),
        run_as_non_root=True,
        calls_at_once=8,
    )
    assert settings.auth is not None
    assert settings.auth.jupyterhub is not None
    assert settings.auth.jupyterhub.api_url == "http://hub:8081/hub/api"
    assert settings.auth.tokens[0].scopes == (READ,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: must be a mapping"),
        ("[1]", "line 1: must be a mapping"),
        ("a: b: c", "line 1: is not YAML"),
        ("a: &x [*x]", "repeat themselves"),
        ("a: !!python/object:os.system {}", "is not a setting"),
        (IN_CLUSTER + "runtime: {}", "line 3, runtime: is written twice, first on line 2"),
        (SEED.read_text() + "runtime2: {}", "line 18, runtime2: is not a setting; did you mean runtime?"),
        (NO_STORE, "line 1, runtime: is missing"),
        (seed_with("secret_store_type: local", "secret_store_type: vault"), "Write local, aws or none"),
        (seed_with("  secret_store_type: local\n", ""), "has no secret_store_type"),
        (seed_with("  store_location: ~/.hydro_secrets\n", ""), "secret_store.store_location: is missing"),
        (seed_with("~/.hydro_secrets", "~/.hydro_secrets\n  password: sesame"), "line 5, secret_store.password: does not belong in a file"),
        (seed_with("runtime_type: eks", "runtime_type: docker"), "line 7, runtime.runtime_type: only eks is offered here"),
        (seed_with("  cluster_name: hydro-eks\n", ""), "line 6, runtime: is without cluster_name"),
        (seed_with("region: us-west-2", "region: oregon"), "line 9, runtime.region: is not an AWS region"),
        (seed_with("region: us-west-2", "region: 2026-10-01"), "line 9, runtime.region"),
        (
            seed_with("    access_key:", f"    assume_role: {{role_arn: x, session_duration_seconds: {900}}}\n    access_key:"),
            "not the ARN of a",
        ),
        (
            seed_with("      access_key_id:", f"      assume_role: {{role_arn: {ROLE}}}\n      access_key_id:"),
            "Move it to credentials, beside",
        ),
        (eks("{}"), "runtime.credentials: names none of its ways; write exactly one of access_key, ambient, profile, in_cluster"),
        (eks("{ambient: true, profile: me}"), "names ambient and profile"),
        (eks(f"{{in_cluster: true, assume_role: {{role_arn: {ROLE}}}}}"), "no role to assume"),
        (eks(f"{{ambient: true, assume_role: {{role_arn: {ROLE}, session_duration_seconds: 60}}}}"), "a number of at least 900"),
        (eks(f"{{ambient: true, assume_role: {{role_arn: {ROLE}, session_duration_seconds: 50000}}}}"), "a number of at most 43200"),
        (eks(f"{{ambient: true, assume_role: {{role_arn: {ROLE}, session_name: a b}}}}"), "is no session name"),
        (eks("{ambient: true}", ", endpoint: http://10.0.0.1:8080"), "would send the token in clear"),
        (eks("{ambient: true}", ", endpoint: nowhere"), "is no address"),
        (eks("{in_cluster: true}", ", endpoint: https://a"), "has endpoint beside in_cluster"),
        (eks("{ambient: true}", ", namespaces: [Team]"), "is no Kubernetes name"),
        (eks("{ambient: true}", ", service_accounts: []"), "runtime.service_accounts: is not right"),
        (eks("{ambient: true}", ", calls_at_once: 0"), "must be a number of at least 1"),
        (IN_CLUSTER + "process_culling: {max_age_minutes: soon}", "line 3, process_culling.max_age_minutes: must be a number"),
        (IN_CLUSTER + "quota: 5", "line 3, quota: must be a mapping"),
        (IN_CLUSTER + "auth: {tokens: [{name: a}]}", "auth.tokens[0]: names none of its ways"),
        (IN_CLUSTER + "auth: {tokens: [{name: a b, env: X}]}", "is no name"),
        (IN_CLUSTER + "auth: {tokens: [{name: a, env: X}, {name: a, env: Y}]}", "two tokens called a"),
        (IN_CLUSTER + "auth: {tokens: [{name: a, env: X, scopes: [all]}]}", "must be one of 'processes:read' or 'processes:write'"),
        (IN_CLUSTER + "auth: {jupyterhub: {api_url: hub}}", "is no address such as"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line(text: str, said: str) -> None:
    found = refused(text)
    assert found.startswith("eks.yml: ")
    assert said in found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (seed_with("access_key_id:\n        secret_name: aws-credentials\n        key: AccessKeyId", "access_key_id: SESAME"), "line 12"),
        (seed_with("key: SecretAccessKey", "key: [SESAME]"), "line 17"),
        (IN_CLUSTER + "auth: {tokens: [{name: a, sha256: SESAME}]}", "If it is the token itself, replace the token"),
        (eks(f"{{ambient: true, assume_role: {{role_arn: {ROLE}, external_id: SESAME}}}}"), "must name a secret, not be one"),
    ],
)
def test_what_may_be_a_secret_is_never_repeated(text: str, place: str) -> None:
    found = refused(text)
    assert place in found
    assert "SESAME" not in found


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    said = refused(IN_CLUSTER + "quota: {processes: 0}\nprocess_culling: {}\n")
    assert "2 problems" in said
    assert said.index("line 3, quota.processes") < said.index("line 4, process_culling.max_age_minutes")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no such settings file"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, make: object, said: str) -> None:
    path = tmp_path / "eks.yml"
    make(path)  # type: ignore[operator]
    with pytest.raises(HubError, match=said):
        load(path)


def test_the_launcher_s_own_secrets_are_known() -> None:
    role = f"    assume_role: {{role_arn: {ROLE}, external_id: {{secret_name: partner}}}}\n"
    who = "auth: {tokens: [{name: ci, secret: {secret_name: ci}}, {name: ops, env: TOKEN}]}\n"
    assert parse(SEED.read_text() + role + who, "eks.yml").own_secrets == {"aws-credentials", "partner", "ci"}
    assert parse(IN_CLUSTER, "eks.yml").own_secrets == frozenset()


def test_settings_are_frozen() -> None:
    settings: Settings = parse(IN_CLUSTER, "eks.yml")
    with pytest.raises(ValueError, match="frozen"):
        settings.runtime.namespace = "other"  # type: ignore[misc]
