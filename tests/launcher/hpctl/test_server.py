"""Which server, and which token."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.launcher.hpctl import server as which
from tests.launcher import tls
from tests.launcher.hpctl.conftest import Run
from tests.launcher.hpctl.scripted import Scripted, serve


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("hydroserver:4040", "http://hydroserver:4040"),
        ("http://launcher.launcher", "http://launcher.launcher"),
        ("https://launcher.example.org/", "https://launcher.example.org"),
        ("HTTPS://launcher.example.org", "HTTPS://launcher.example.org"),
        ("http://hub.example.org/services/launcher/", "http://hub.example.org/services/launcher"),
        ("[::1]:8000", "http://[::1]:8000"),
        (" localhost:8000\n", "http://localhost:8000"),
    ],
)
def test_address(text: str, url: str) -> None:
    assert which.address(text) == url


@pytest.mark.parametrize("text", ["", "ftp://x", "http://", "x:port", "x:99999", "http://[::1", "http://x?a=b", "http://ada:hunter2@x"])
def test_no_address(text: str) -> None:
    with pytest.raises(HubError) as refused:
        which.address(text)
    assert refused.value.fix
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ""),
        ({"HYDROPLANE_TOKEN": "ours"}, "ours"),
        ({"JUPYTERHUB_API_TOKEN": "hubs"}, "hubs"),
        ({"HYDROPLANE_TOKEN": "ours", "JUPYTERHUB_API_TOKEN": "hubs"}, "ours"),
        ({"HYDROPLANE_TOKEN": " ", "JUPYTERHUB_API_TOKEN": "hubs"}, "hubs"),
    ],
)
def test_token_of_the_environment(environment: dict[str, str], expected: str) -> None:
    assert which.token(None, environment) == expected


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "empty"), (b"two words", "more than one word"), ("sécret".encode(), "more than"), (b"\xff", "not text")]
)
def test_a_token_that_no_header_can_hold(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(HubError, match=said) as refused:
        which.token(str(path), {})
    assert "words" not in content.decode(errors="replace") or "two" not in str(refused.value)


def test_the_token_is_sent_and_never_shown(run: Run, server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from-the-file\n")
    monkeypatch.setenv("HYDROPLANE_TOKEN", "from-the-environment")
    server.answers = [(401, {"error": 401, "details": "no"})]
    said = [run("list"), run("--token-file", str(tmp_path / "token"), "list"), run("list", "--token-file", str(tmp_path / "token"))]
    assert [each.token for each in server.asked] == ["from-the-environment", "from-the-file", "from-the-file"]
    assert "from-the" not in str(said)


def test_a_token_goes_nowhere_but_to_the_server_named(run: Run, server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect is shown, not followed."""
    monkeypatch.setenv("HYDROPLANE_TOKEN", "secret")
    server.answers, server.headers = [(307, "")], {"Location": f"{server.url}/elsewhere"}
    assert "/elsewhere" in run("list")[2]
    assert len(server.asked) == 1


def test_the_flag_wins_over_the_environment(run: Run, server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDROPLANE_SERVER", "127.0.0.1:1")
    assert run("list", "--server", server.url)[0] == 0
    assert run("--server", server.url, "list")[0] == 0


def test_https_with_an_authority_of_ones_own(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused until SSL_CERT_FILE names the authority: there is no flag that would switch the check off."""
    certificate = tls.make(tmp_path)
    with serve(certificate.server()) as secure:
        code, _, complaint = run("list", "-s", secure.url)
        assert (code, secure.asked) == (1, [])
        assert "certificate verify failed" in complaint
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        assert run("list", "-s", secure.url) == (0, "[]\n", "")
