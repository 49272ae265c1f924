"""The agent's package is in the image's folder, not in the repository's: found here, so that the tests read it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests._support.fake_kubernetes import FakeKubernetes, serve

PACKAGE = Path(__file__).resolve().parents[3] / "images" / "dcv" / "agent"
sys.path.insert(0, str(PACKAGE))

from tests.desktop.agent.aws import FakeAws, serve_aws  # noqa: E402
from tests.desktop.agent.desk import SSM, Desk  # noqa: E402


@pytest.fixture(scope="session")
def aws_server() -> Iterator[FakeAws]:
    """One moto with faults for the whole run."""
    with serve_aws() as running:
        yield running


@pytest.fixture
def aws(aws_server: FakeAws, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """An account as the desktop stack leaves it: two parameters, one secret; boto3 is steered to it."""
    aws_server.reset()
    for name, value in aws_server.environment.items():
        monkeypatch.setenv(name, value)
    ssm = aws_server.client("ssm")
    ssm.put_parameter(Name=f"{SSM}/dcv-display", Value=":0", Type="String")
    ssm.put_parameter(Name=f"{SSM}/dcv-socket-mount-path", Value="/var/addf/dcv-eks/sockets", Type="String")
    aws_server.secret("dcv-credentials", '{"UserName": "ada", "Password": "canary-7f3a"}')
    return aws_server


@pytest.fixture
def kubernetes() -> Iterator[FakeKubernetes]:
    """An API with the ConfigMap and the seats as the desktop stack leaves them."""
    with serve() as fake:
        fake.config_map("dcv-agent-config-map", display="", socket_mount_path="/var/addf/dcv-eks/sockets")
        fake.scale("dcv-seats", 1)
        yield fake


@pytest.fixture
def desks(aws: FakeAws, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    """Makes desktops of named nodes: `desks("node-a", display=":1")`."""
    made: list[Desk] = []
    # Not tmp_path: its name is longer than a socket's path may be.
    folder = tempfile.TemporaryDirectory(prefix="desk-")

    def make(node: str = "node-a", display: str = ":0", **extra: str) -> Desk:
        made.append(Desk(Path(folder.name) / node, node, aws, kubernetes, monkeypatch, extra))
        if display:
            made[-1].session(display)
        return made[-1]

    yield make
    for desk in made:
        desk.close()
    folder.cleanup()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    """The desktop of node-a, whose session has display :0."""
    return desks()
