"""The seed's transcript, byte for byte where it shows JSON: list, start nginx, list, open, stop, list."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from modules.launcher.hpctl.cli import main
from tests.launcher.service import Service

#: The specification the seed starts, as it is in Hydroplane's examples.
NGINX = """{
  "process_name": "nginx",
  "container": {
    "image_uri": "nginxdemos/hello",
    "ports": [
      {
        "container_port": 80,
        "host_port": 8080,
        "protocol": "tcp"
      }
    ]
  },
  "has_public_ip": true
}
"""
#: What the seed shows for it. Its note says that host and port will be different; so will the moment.
LISTED = """[
  {
    "process_name": "nginx",
    "group": null,
    "socket_addresses": [
      {
        "host": "34.217.208.197",
        "port": 31491,
        "is_public": true
      }
    ],
    "created": "2022-12-01T22:40:33+00:00"
  }
]
"""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


@pytest.fixture
def hpctl(service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("HYDROPLANE_SERVER", service.url.removeprefix("http://"))
    monkeypatch.setenv("HYDROPLANE_TOKEN", "ada")

    def run(*arguments: str) -> tuple[int, str]:
        return main(arguments), capsys.readouterr().out

    return run


def _like_the_seeds(service: Service, printed: str) -> str:
    """The same text, had this cluster's node, node port and clock been the seed's."""
    port = service.cluster.object("Service", "nginx")["spec"]["ports"][0]["nodePort"]
    addresses = re.sub(r'"198\.51\.100\.\d+"', '"34.217.208.197"', printed).replace(f": {port},", ": 31491,")
    return MOMENT.sub("2022-12-01T22:40:33+00:00", addresses)


def test_the_seeds_transcript(service: Service, hpctl, tmp_path: Path) -> None:
    (tmp_path / "nginx.json").write_text(NGINX)
    assert hpctl("list") == (0, "[]\n")
    assert hpctl("start", str(tmp_path / "nginx.json")) == (0, "")
    code, printed = hpctl("list")
    assert (code, _like_the_seeds(service, printed)) == (0, LISTED)
    first = json.loads(printed)[0]["socket_addresses"][0]
    assert hpctl("open", "nginx", "--print") == (0, f"http://{first['host']}:{first['port']}\n")
    assert hpctl("stop", "nginx") == (0, "")
    assert hpctl("list") == (0, "[]\n")
    assert {kind: service.cluster.names(kind) for kind in ("Deployment", "Service", "Pod")} == {"Deployment": [], "Service": [], "Pod": []}


def test_the_servers_own_answer_begins_with_the_seeds_fields_in_their_order(service: Service, ada: httpx.Client) -> None:
    """A client of Hydroplane reads these four; ours come after them."""
    ada.post("/process", content=NGINX, headers={"Content-Type": "application/json"})
    [found] = ada.get("/process").json()
    assert list(found)[:4] == ["process_name", "group", "socket_addresses", "created"]
    assert list(found["socket_addresses"][0]) == ["host", "port", "is_public"]
    assert MOMENT.fullmatch(found["created"])


def test_the_seeds_chat(service: Service, hpctl, tmp_path: Path) -> None:
    """The other example: a server, and two clients of one group that are stopped together."""
    image = "ghcr.io/hydro-project/hydroflow-examples:latest"
    rows = [("chat-server", None, 12347), ("chat-client-alice", "chat-clients", 6000), ("chat-client-bob", "chat-clients", 6000)]
    for name, group, port in rows:
        container = {"image_uri": image, "ports": [{"container_port": port, "protocol": "udp"}], "command": ["./chat", name]}
        (tmp_path / f"{name}.json").write_text(json.dumps({"process_name": name, "group": group, "container": container}))
        assert hpctl("start", str(tmp_path / f"{name}.json")) == (0, "")
    alice, bob = json.loads(hpctl("list", "-g", "chat-clients")[1])
    assert (alice["process_name"], bob["process_name"]) == ("chat-client-alice", "chat-client-bob")
    assert [each["is_public"] for each in alice["socket_addresses"]] == [False]
    service.cluster.logs["chat-server"] = "Server live!\n"
    assert hpctl("logs", "chat-server") == (0, "Server live!\n")
    assert hpctl("stop", "-g", "chat-clients") == (0, "")
    assert [each["process_name"] for each in json.loads(hpctl("list")[1])] == ["chat-server"]
    assert hpctl("stop", "chat-clients", "-g") == (0, ""), "a group that has nobody is no error"


def test_wait_follows_a_process_into_its_failure(service: Service, hpctl, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(NGINX.replace("nginxdemos/hello", "example.org/missing"))
    assert hpctl("start", str(tmp_path / "bad.json"), "--wait")[0] == 1
    assert hpctl("stop", "nginx")[0] == 0
    (tmp_path / "good.json").write_text(NGINX)
    assert hpctl("start", str(tmp_path / "good.json"), "--wait")[0] == 0
    assert hpctl("wait", "nginx") == (0, "")
