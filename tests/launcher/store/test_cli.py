"""local-secret-store as a person and as a script use it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.launcher.store import LocalStore, sealing
from modules.launcher.store.cli import main
from modules.launcher.store.password import VARIABLE, VARIABLE_FILE, new_password, read_password
from tests.conftest import ROOT

PASSWORD = "correct horse"


class Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one secret in it; the password is in the environment and standard input is empty.

    Its key is derived in a moment: what the rounds cost is no subject of these rows.
    """
    monkeypatch.setenv(VARIABLE, PASSWORD)
    monkeypatch.delenv(VARIABLE_FILE, raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sealing, "_ROUNDS", 10)
    LocalStore.create(tmp_path / "store", PASSWORD).add("there", '{"AccessKeyId": "AKIA"}')
    return tmp_path / "store"


def ask(answers: list[str]) -> Callable[[str], str]:
    """Somebody who types `answers`, and then closes the terminal."""

    def answer(question: str) -> str:
        if not answers:
            raise EOFError
        return answers.pop(0)

    return answer


@pytest.mark.parametrize("flag", ["--store-location", "--store_location"])
@pytest.mark.parametrize("before", [True, False])
def test_options_stand_before_and_after_the_verb(place: Path, capsys: pytest.CaptureFixture[str], flag: str, before: bool) -> None:
    words = [flag, str(place)]
    assert main([*words, "get", "there"] if before else ["get", "there", *words]) == 0
    assert capsys.readouterr().out == '{"AccessKeyId": "AKIA"}\n'


@pytest.mark.parametrize(
    ("words", "password", "code", "said"),
    [
        (["get", "there", "--key", "AccessKeyId"], PASSWORD, 0, ""),
        (["get", "there", "--key", "none"], PASSWORD, 1, 'has no key "none"'),
        (["get", "there"], "wrong", 3, "does not open"),
        (["remove", "there"], "wrong", 3, "does not open"),
        (["add", "new"], "wrong", 3, "does not open"),
        (["get", "nothing"], PASSWORD, 4, "add it: local-secret-store add nothing"),
        (["remove", "nothing"], PASSWORD, 4, 'no secret "nothing"'),
        (["add", "there", "-f", "FILE"], PASSWORD, 5, "--overwrite"),
        (["add", "there", "-f", "FILE", "--overwrite"], PASSWORD, 0, ""),
        (["add", "new", "-f", "FILE"], PASSWORD, 0, ""),
        (["add", "new", "-f", "/nowhere/creds.json"], PASSWORD, 1, "/nowhere/creds.json: No such file"),
        (["add", "new"], PASSWORD, 1, "secret is empty"),
        (["init"], PASSWORD, 5, "exists already"),
        (["get", "there"], "", 1, "password is empty"),
    ],
)
def test_the_exit_code_and_the_sentence_say_what_came_of_it(
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    password: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv(VARIABLE, password)
    (tmp_path / "FILE").write_text("contents\n")
    words = [str(tmp_path / "FILE") if word == "FILE" else word for word in words]
    assert main(["--store-location", str(place), *words]) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("ERROR: ") == (code != 0)


def test_a_missing_verb_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "init|add|get|remove" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("piped", "words", "stored"),
    [("typed\n", [], "typed"), ("as it is\n", ["-f", "-"], "as it is\n")],
)
def test_a_secret_is_piped_in(place: Path, monkeypatch: pytest.MonkeyPatch, piped: str, words: list[str], stored: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
    assert main(["--store-location", str(place), "add", "new", *words]) == 0
    assert LocalStore(place, PASSWORD).get("new") == stored


def test_a_secret_is_typed_hidden(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("modules.launcher.store.password.getpass.getpass", ask(["typed"]))
    assert main(["--store-location", str(place), "add", "new"]) == 0
    assert LocalStore(place, PASSWORD).get("new") == "typed"
    assert "typed" not in "".join(capsys.readouterr())


def test_init_add_get_remove_in_turn(place: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fresh = str(tmp_path / "deep" / "fresh")
    (tmp_path / "creds.json").write_text('{"AccessKeyId": "A", "SecretAccessKey": "S"}')
    steps = [["init"], ["add", "-f", str(tmp_path / "creds.json"), "aws"], ["get", "aws", "--key", "SecretAccessKey"], ["remove", "aws"]]
    assert [main(["--store-location", fresh, *step]) for step in steps] == [0, 0, 0, 0]
    assert capsys.readouterr().out == "S\n"
    assert main(["--store-location", fresh, "get", "aws"]) == 4


@pytest.mark.parametrize(
    ("environ", "file", "found"),
    [
        ({VARIABLE: "from env"}, False, "from env"),
        ({VARIABLE: "from env"}, True, "from file"),
        ({VARIABLE_FILE: "FILE"}, False, "from file"),
        ({VARIABLE: "from env", VARIABLE_FILE: "FILE"}, False, "from env"),
        ({}, False, "typed"),
    ],
)
def test_the_nearest_source_gives_the_password(tmp_path: Path, environ: dict[str, str], file: bool, found: str) -> None:
    path = tmp_path / "password"
    path.write_text("from file\r\n")
    environ = {name: str(path) if value == "FILE" else value for name, value in environ.items()}
    assert read_password(environ, file=path if file else None, ask=ask(["typed"])) == found


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [(["one", "two"], "differ"), ([""], "empty"), ([], "no terminal"), (["one"], "no terminal")],
)
def test_a_new_password_is_typed_twice(answers: list[str], refusal: str) -> None:
    with pytest.raises(Exception, match=refusal):
        new_password({}, ask=ask(answers))
    assert new_password({}, ask=ask(["same", "same"])) == "same"


@pytest.mark.parametrize("source", [{"file": Path("/nowhere/password")}, {"fd": 987}])
def test_a_source_that_cannot_be_read_is_a_sentence(source: dict[str, object]) -> None:
    with pytest.raises(Exception, match="cannot be read"):
        read_password({}, **source)  # type: ignore[arg-type]


@pytest.mark.slow
def test_without_a_terminal_the_command_uses_a_descriptor_and_does_not_hang(tmp_path: Path) -> None:
    place = tmp_path / "store"
    LocalStore.create(place, PASSWORD).add("there", '{"AccessKeyId": "AKIA"}')
    words = [sys.executable, "-m", "modules.launcher.store.cli", "--store-location", str(place), "get", "there"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HYDROPLANE_")}
    ends = os.pipe()
    os.write(ends[1], PASSWORD.encode() + b"\n")
    os.close(ends[1])
    told = subprocess.run(
        [*words, "--password-fd", str(ends[0])], cwd=ROOT, env=environ, pass_fds=[ends[0]], capture_output=True, text=True, timeout=120
    )
    os.close(ends[0])
    assert (told.returncode, told.stdout) == (0, '{"AccessKeyId": "AKIA"}\n')
    alone = subprocess.run(words, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert alone.returncode == 1
    assert VARIABLE in alone.stderr
    assert "Traceback" not in alone.stderr


def test_the_command_does_not_wait_for_aws_to_be_imported() -> None:
    program = (
        "import sys; import modules.launcher.store.cli; print([name for name in ('botocore', 'pydantic', 'yaml') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120).stdout == "[]\n"
