"""Sessions: one emulator a checkout and env, never somebody else's, never a real account."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from modules.common.errors import HubError
from modules.config.load import load_env
from modules.config.models import Aws, HubConfig
from modules.rehearsal import process, session

ACCOUNT = "999988887777"


@pytest.fixture(scope="module")
def demo() -> HubConfig:
    return load_env(Path(__file__).resolve().parents[3], "demo")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A place for the emulators of one test; they are stopped afterwards."""
    yield tmp_path
    for folder in tmp_path.glob("**/.hubsmith/rehearsal/*"):
        session.stop(folder.parents[2], folder.name)


def _ready(checkout: Path) -> Path:
    return checkout / ".hubsmith" / "rehearsal" / "demo" / "emulator.json"


def _zones(running: session.Running, config: HubConfig) -> list[str]:
    environment = session.environment(running, config)
    keys = {"aws_access_key_id": environment["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"]}
    client = boto3.Session(region_name=environment["AWS_REGION"], **keys).client("route53", endpoint_url=environment["AWS_ENDPOINT_URL"])
    return [zone["Name"] for zone in client.list_hosted_zones()["HostedZones"]]


def test_a_life(checkout: Path, demo: HubConfig) -> None:
    assert session.status(checkout, "demo") is None
    running = session.start(checkout, demo)
    assert session.start(checkout, demo) == running == session.status(checkout, "demo")
    assert running.url == f"http://127.0.0.1:{running.port}"
    mirror = session.mirror(checkout, "demo")
    assert mirror is not None
    assert (mirror / "port").read_text() == f"{running.plugin_port}\n"
    assert len(list(mirror.glob("registry.terraform.io/hashicorp/*/*/*/terraform-provider-*"))) == 2
    assert session.stop(checkout, "demo")
    assert session.status(checkout, "demo") is None
    assert session.mirror(checkout, "demo") is None
    assert not session.stop(checkout, "demo")
    assert not session.reset(checkout, "demo")


def test_the_zone_is_there_before_the_hub_and_after_a_reset(checkout: Path, demo: HubConfig) -> None:
    assert demo.dns is not None
    running = session.start(checkout, demo)
    assert _zones(running, demo) == [f"{demo.dns.zone}."]
    assert session.reset(checkout, "demo")
    assert _zones(running, demo) == []
    assert session.start(checkout, demo) == running
    session.seed(running, demo)
    assert _zones(running, demo) == [f"{demo.dns.zone}."], "made once"
    assert session.faults(checkout, "demo") == ()


def test_two_that_start_at_once_share_one(checkout: Path, demo: HubConfig) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: session.start(checkout, demo), range(3)))
    assert len(set(found)) == 1


def test_two_checkouts_do_not_meet(checkout: Path, demo: HubConfig) -> None:
    for name in ("one", "other"):
        (checkout / name).mkdir()
    one, other = (session.start(checkout / name, demo) for name in ("one", "other"))
    assert one.port != other.port
    assert session.stop(checkout / "one", "demo")
    assert session.status(checkout / "other", "demo") == other


def _dead(ready: Path) -> None:
    ready.write_text(json.dumps({**json.loads(ready.read_text()), "pid": 2**22 - 1, "port": 1}))


def _another_process(ready: Path) -> None:
    """The port is the emulator's, the token is not: as when the machine was restarted and the port given to another."""
    ready.write_text(json.dumps({**json.loads(ready.read_text()), "token": "another"}))


def _another_pid(ready: Path) -> None:
    ready.write_text(json.dumps({**json.loads(ready.read_text()), "pid": os.getpid()}))


def _half_a_file(ready: Path) -> None:
    ready.write_text('{"pid": 1')


def _a_list(ready: Path) -> None:
    ready.write_text("[]")


@pytest.mark.parametrize("spoil", [_dead, _another_process, _another_pid, _half_a_file, _a_list])
def test_a_stale_file_is_not_believed(checkout: Path, demo: HubConfig, spoil: Callable[[Path], None]) -> None:
    running = session.start(checkout, demo)
    genuine = _ready(checkout).read_text()
    spoil(_ready(checkout))
    assert session.status(checkout, "demo") is None
    assert not session.stop(checkout, "demo"), "nobody is stopped on a stale file's word"
    fresh = session.start(checkout, demo)
    assert fresh.pid != running.pid
    assert session.stop(checkout, "demo")
    _ready(checkout).write_text(genuine)
    assert session.status(checkout, "demo") == running, "the first one was left alone"


def _real(demo: HubConfig) -> HubConfig:
    return demo.model_copy(update={"rehearsal": False, "aws": Aws(account=ACCOUNT)})


def _both(demo: HubConfig) -> HubConfig:
    return demo.model_copy(update={"aws": Aws(account=ACCOUNT)})


def _neither(demo: HubConfig) -> HubConfig:
    return demo.model_copy(update={"rehearsal": False})


@pytest.mark.parametrize(("change", "words"), [(_real, ACCOUNT), (_both, ACCOUNT), (_neither, "is no rehearsal")])
def test_it_refuses_what_is_no_rehearsal(checkout: Path, demo: HubConfig, change: Callable[[HubConfig], HubConfig], words: str) -> None:
    with pytest.raises(HubError, match=words) as refused:
        session.start(checkout, change(demo))
    assert refused.value.fix
    assert not (checkout / ".hubsmith").exists()


def test_one_that_does_not_come_up_is_said_with_its_log(checkout: Path, demo: HubConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_CODE", checkout)
    with pytest.raises(HubError, match="did not start") as refused:
        session.start(checkout, demo)
    assert "emulator.log" in refused.value.where


def test_the_folder_is_private(checkout: Path, demo: HubConfig) -> None:
    session.start(checkout, demo)
    for path in (_ready(checkout), *list(_ready(checkout).parents)[:3]):
        assert path.stat().st_mode & 0o077 == 0


def test_it_ends_when_idle(tmp_path: Path, root: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "modules.rehearsal.emulator", "--ready-file", str(ready), "--idle-seconds", "0.5"]
    with subprocess.Popen(command, cwd=root) as emulator:
        assert emulator.wait(20) == 0
    assert ready.exists(), "it had come up"


def test_asking_after_its_health_does_not_keep_it_alive(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "modules.rehearsal.emulator", "--ready-file", str(tmp_path / "emulator.json"), "--idle-seconds", "1"]
    with subprocess.Popen(command, cwd=root) as emulator:
        deadline = time.monotonic() + 20
        while emulator.poll() is None and time.monotonic() < deadline:
            process.find(tmp_path)
            time.sleep(0.1)
        assert emulator.poll() == 0


def test_a_provider_keeps_it_alive(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "modules.rehearsal.emulator", "--ready-file", str(tmp_path / "emulator.json"), "--idle-seconds", "2"]
    with subprocess.Popen(command, cwd=root) as emulator:
        while (found := process.find(tmp_path)) is None:
            assert emulator.poll() is None
        with socket.create_connection(("127.0.0.1", found.plugin_port)) as launch:
            launch.sendall(b"helm\n/\n")
            assert launch.recv(1024).startswith(b"1|6|unix|")
            with pytest.raises(subprocess.TimeoutExpired):
                emulator.wait(3)
        assert emulator.wait(20) == 0


def test_its_end_leaves_no_socket_of_a_provider(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "modules.rehearsal.emulator", "--ready-file", str(tmp_path / "emulator.json")]
    with subprocess.Popen(command, cwd=root) as emulator:
        while (found := process.find(tmp_path)) is None:
            assert emulator.poll() is None
        with socket.create_connection(("127.0.0.1", found.plugin_port)) as launch:
            launch.sendall(b"helm\n/\n")
            place = Path(launch.recv(1024).decode().split("|")[3])
            assert place.is_socket()
            emulator.terminate()
            assert emulator.wait(10) == 0
    assert not place.parent.exists()


def test_the_environment_leads_nowhere_else(demo: HubConfig) -> None:
    running = session.Running("demo", 4711, 4712, 1, "http://127.0.0.1:4711", 0.0)
    caller = {
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "x",
        "AWS_ENDPOINT_URL_S3": "https://s3",
        "AWS_CA_BUNDLE": "/ca",
        "HOME": "/home/me",
    }
    environment = {**session.without_aws(caller), **session.environment(running, demo)}
    assert environment["AWS_ENDPOINT_URL"] == running.url
    assert environment["AWS_REGION"] == demo.region
    assert environment["HOME"] == "/home/me"
    assert environment["HUBSMITH_STANDIN_PORT"] == "4712"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE"} & environment.keys()
    assert "127.0.0.1" in environment["NO_PROXY"].split(",")


def test_the_override_fails_fast() -> None:
    assert session.terraform_override() == {"provider": {"aws": [{"max_retries": 2}]}}


def test_a_session_is_imported_without_what_only_the_emulator_needs(root: Path) -> None:
    heavy = {
        "moto",
        "boto3",
        "flask",
        "cdktf",
        "grpc",
        "google.protobuf",
        "msgpack",
        "cryptography",
        "jsonschema",
        "kubernetes_validate",
        "celpy",
    }
    code = f"import sys, modules.rehearsal.session; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_an_emulator_starts_without_what_only_a_provider_needs(root: Path) -> None:
    heavy = {"grpc", "google.protobuf", "jsonschema", "kubernetes_validate", "celpy"}
    code = f"import sys, modules.rehearsal.emulator.server; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
