"""The encrypted folder: Hydroplane's own expectations (facts 6.9), its format, its permissions."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modules.launcher.store import GuardedStore, LocalStore, NoStore, SecretExists, SecretMissing, SecretRefused, WrongPassword, sealing
from tests.launcher.store import hydroplane

PASSWORD = "correct horse"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    monkeypatch.setattr(sealing, "_ROUNDS", 10)
    return LocalStore.create(tmp_path / "store", PASSWORD)


@pytest.fixture
def wide_umask() -> Iterator[None]:
    """Files would be readable by all if we left it to the umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_what_is_added_is_read(store: LocalStore) -> None:
    store.add("name", "välue\n")
    assert LocalStore(store.location, PASSWORD).get("name") == "välue\n"


@pytest.mark.parametrize(
    ("value", "key", "found"),
    [
        ('{"AccessKeyId": "AKIA"}', "AccessKeyId", "AKIA"),
        ('{"port": 5}', "port", "5"),
        ('{"a": {"b": 1}}', "a", '{"b": 1}'),
    ],
)
def test_a_key_is_read_from_json(store: LocalStore, value: str, key: str, found: str) -> None:
    store.add("creds", value)
    assert store.get("creds", key) == found


@pytest.mark.parametrize("value", ["no json: sesame", '["sesame"]', '{"Sesame": "sesame"}'])
def test_a_key_that_is_not_there_is_a_value_error_without_the_secret(store: LocalStore, value: str) -> None:
    store.add("creds", value)
    with pytest.raises(ValueError, match='"creds"') as refused:
        store.get("creds", "AccessKeyId")
    assert "esame" not in str(refused.value)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (lambda store: store.add("there", "new"), SecretExists),
        (lambda store: store.remove("nowhere"), SecretMissing),
        (lambda store: store.get("nowhere"), SecretMissing),
        (lambda store: store.get("../.salt"), SecretMissing),
    ],
    ids=["add twice", "remove nothing", "get nothing", "get outside"],
)
def test_refusals_are_key_errors_as_in_the_seed(store: LocalStore, action: Callable[[LocalStore], object], kind: type[Exception]) -> None:
    store.add("there", "old")
    with pytest.raises(KeyError) as refused:
        action(store)
    assert isinstance(refused.value, kind)
    assert "what to do" in str(refused.value)
    assert store.get("there") == "old"


def test_overwrite_replaces(store: LocalStore) -> None:
    store.add("there", "old")
    store.add("there", "new", overwrite=True)
    assert store.get("there") == "new"


def test_what_is_removed_is_gone(store: LocalStore) -> None:
    store.add("there", "old")
    store.remove("there")
    with pytest.raises(KeyError):
        store.get("there")


@pytest.mark.parametrize("state", ["absent", "a file", "half"])
def test_where_there_is_no_store_it_says_so(tmp_path: Path, state: str) -> None:
    place = tmp_path / "store"
    if state == "a file":
        place.write_text("")
    elif state == "half":
        place.mkdir()
        (place / ".salt").write_bytes(b"0" * 16)
    with pytest.raises(ValueError, match="no secret store"):
        LocalStore(place, PASSWORD)


def test_a_wrong_password_is_a_value_error_that_does_not_repeat_it(store: LocalStore) -> None:
    with pytest.raises(WrongPassword, match="does not open") as refused:
        LocalStore(store.location, "Tr0ub4dor")
    assert isinstance(refused.value, ValueError)
    assert "Tr0ub4dor" not in str(refused.value)


@pytest.mark.parametrize("garbage", [b"", b"not encrypted", b"\xff\xfe"])
def test_a_damaged_secret_is_a_sentence(store: LocalStore, garbage: bytes) -> None:
    store.add("name", "value")
    (store.location / sealing.file_name("name")).write_bytes(garbage)
    with pytest.raises(SecretRefused, match="damaged"):
        store.get("name")


def test_a_store_that_hydroplane_made_opens(tmp_path: Path) -> None:
    creds = json.dumps({"AccessKeyId": "AKIA", "SecretAccessKey": "s"})
    hydroplane.make(tmp_path / "old", PASSWORD, {"aws-credentials": creds, "ünïcode name": "x"})
    store = LocalStore(tmp_path / "old", PASSWORD)
    assert store.get("aws-credentials", "AccessKeyId") == "AKIA"
    assert store.get("ünïcode name") == "x"
    with pytest.raises(WrongPassword):
        LocalStore(tmp_path / "old", PASSWORD + " ")


def test_hydroplane_opens_a_store_that_we_made_and_one_that_we_changed(tmp_path: Path) -> None:
    store = LocalStore.create(tmp_path / "new", PASSWORD)
    store.add("name", "ours")
    assert hydroplane.read(store.location, PASSWORD, "name") == "ours"
    hydroplane.make(tmp_path / "old", PASSWORD, {"name": "theirs"})
    LocalStore(tmp_path / "old", PASSWORD).add("name", "ours", overwrite=True)
    assert hydroplane.read(tmp_path / "old", PASSWORD, "name") == "ours"


@pytest.mark.usefixtures("wide_umask")
def test_nobody_else_may_read(tmp_path: Path) -> None:
    store = LocalStore.create(tmp_path / "store", PASSWORD)
    store.add("name", "value")
    store.add("name", "other", overwrite=True)
    assert stat.S_IMODE(store.location.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.location.iterdir()}
    assert set(files) == {".salt", ".sentinel", ".lock", sealing.file_name("name")}
    assert set(files.values()) == {0o600}


@pytest.mark.parametrize("there", ["store", "other", "file"])
def test_init_changes_nothing_that_is_there(tmp_path: Path, there: str) -> None:
    place = tmp_path / "place"
    if there == "store":
        LocalStore.create(place, PASSWORD).add("name", "value")
    elif there == "other":
        place.mkdir()
        (place / "notes").write_text("mine")
    else:
        place.write_text("mine")
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())
    with pytest.raises(ValueError, match="exists already"):
        LocalStore.create(place, "another")
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file()) == before


def test_an_empty_folder_becomes_a_store(tmp_path: Path) -> None:
    LocalStore.create(tmp_path, PASSWORD)
    assert LocalStore(tmp_path, PASSWORD).location == tmp_path


def test_no_store_has_no_secret_and_says_why() -> None:
    with pytest.raises(KeyError) as refused:
        NoStore().get("aws-credentials")
    assert "secret_store_type: none" in str(refused.value)


def test_no_process_is_given_what_the_launcher_lives_on(store: LocalStore) -> None:
    """Hydroplane's bug: any caller could have the launcher's AWS key put into a process of theirs."""
    store.add("aws-credentials", '{"AccessKeyId": "AKIA"}')
    store.add("database", "x")
    guarded = GuardedStore(store, {"aws-credentials"})
    assert guarded.get("database") == "x"
    for key in (None, "AccessKeyId"):
        with pytest.raises(KeyError):
            guarded.get("aws-credentials", key)
