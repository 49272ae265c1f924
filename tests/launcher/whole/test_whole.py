"""The seed's quickstart with real processes: a secret store, `hydroplane -c eks.yml`, hpctl; moto's EKS, and a cluster behind TLS."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto.eks.models import eks_backends
from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer

from tests._support.evidence import Evidence
from tests.launcher import tls
from tests.launcher.contract.test_transcript import NGINX
from tests.launcher.fake_kubernetes import Cluster, serve

pytestmark = pytest.mark.slow
REGION, NAME, ACCOUNT, TOKEN = "us-west-2", "hydro-eks", "123456789012", "a-token-of-32-characters-or-so-it-is"
#: As the seed prints it, with who may call, which Hydroplane had no word for.
SETTINGS = """---
secret_store:
  secret_store_type: local
  store_location: {store}

runtime:
  runtime_type: eks
  cluster_name: {name}
  region: {region}
  credentials:
    access_key:
      access_key_id:
        secret_name: aws-credentials
        key: AccessKeyId
      secret_access_key:
        secret_name: aws-credentials
        key: SecretAccessKey

auth:
  tokens:
    - name: ada
      sha256: {digest}
"""


@dataclass(frozen=True)
class Place:
    """A folder with the store and creds.json, and the environment of the processes in it."""

    folder: Path
    cluster: Cluster
    environment: dict[str, str]
    root: Path

    def command(self, module: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", f"modules.launcher.{module}", *arguments]

    def run(self, module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        told = {**self.environment, **environment}
        return subprocess.run(self.command(module, *arguments), env=told, cwd=self.root, capture_output=True, text=True, timeout=300)

    def fill_the_store(self) -> None:
        """As the quickstart says: init, then the file with the user's keys."""
        for words in (["init"], ["add", "-f", str(self.folder / "creds.json"), "aws-credentials"]):
            done = self.run("store.cli", "--store-location", str(self.folder / "store"), *words)
            assert done.returncode == 0, done.stderr

    def settings(self, *, name: str = NAME, region: str = REGION) -> str:
        path = self.folder / "eks.yml"
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        path.write_text(SETTINGS.format(store=self.folder / "store", name=name, region=region, digest=digest))
        return str(path)


@pytest.fixture
def place(tmp_path: Path, root: Path) -> Iterator[Place]:
    moto_api_backend.reset()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto, cluster, certificate = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False), Cluster(), tls.make(tmp_path)
    moto.start()
    host, port = moto.get_host_and_port()
    keys = {"region_name": REGION, "aws_access_key_id": "owner", "aws_secret_access_key": "owner", "endpoint_url": f"http://{host}:{port}"}
    vpc: Any = {"subnetIds": []}
    boto3.client("eks", **keys).create_cluster(name=NAME, roleArn=f"arn:aws:iam::{ACCOUNT}:role/x", resourcesVpcConfig=vpc)
    made: Any = eks_backends[ACCOUNT][REGION].clusters[NAME]
    environment = {**os.environ, "AWS_ENDPOINT_URL": f"http://{host}:{port}", "HYDROPLANE_STORE_PASSWORD": "open sesame"}
    environment |= {"HYDROPLANE_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"}
    with serve(cluster, certificate.server()) as url:
        made.endpoint = url
        made.certificate_authority = {"data": base64.b64encode(certificate.authority.read_bytes()).decode()}
        (tmp_path / "creds.json").write_text(json.dumps({"AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "very-secret"}))
        yield Place(tmp_path, cluster, environment, root)
    moto.stop()


@contextmanager
def hydroplane(place: Place, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server, and the address that it says it serves on."""
    command = place.command("server", *arguments, "-p", "0")
    with subprocess.Popen(command, env=place.environment, cwd=place.root, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"serving on (http://\S+)", line):
                    yield process, found[1]
                    break
            else:
                raise AssertionError("".join(said))
        finally:
            process.kill()


def test_the_seeds_quickstart(place: Place, evidence: Evidence) -> None:
    place.fill_the_store()
    (place.folder / "creds.json").unlink()
    (place.folder / "nginx.json").write_text(NGINX)
    with hydroplane(place, "-c", place.settings()) as (process, url):
        server = {"HYDROPLANE_SERVER": url.removeprefix("http://")}
        assert _said(place.run("hpctl", "list", **server)) == (0, "[]\n", "")
        assert _said(place.run("hpctl", "start", str(place.folder / "nginx.json"), "--wait", **server))[0::2] == (0, "")
        [found] = json.loads(place.run("hpctl", "list", **server).stdout)
        node_port = place.cluster.object("Service", "nginx")["spec"]["ports"][0]["nodePort"]
        assert found["socket_addresses"] == [{"host": "198.51.100.1", "port": node_port, "is_public": True}]
        assert place.run("hpctl", "logs", "nginx", **server).stdout == "started\n"
        assert place.run("hpctl", "list", HYDROPLANE_TOKEN="wrong", **server).returncode == 1
        assert _said(place.run("hpctl", "stop", "nginx", **server)) == (0, "", "")
        assert _said(place.run("hpctl", "list", **server)) == (0, "[]\n", "")
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) in (0, -signal.SIGTERM)
    assert {_signer(token) for token in place.cluster.tokens} == {"AKIAEXAMPLE"}
    note = "real hydroplane, local-secret-store and hpctl; moto's EKS; stand-in cluster over TLS"
    evidence.record("launcher: quickstart", "exercised", note)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "hydro-ekz"}, 'there is no cluster "hydro-ekz" in us-west-2'),
        ({"region": "us-east-2"}, 'there is no cluster "hydro-eks" in us-east-2'),
    ],
)
def test_a_start_that_fails_is_one_sentence(place: Place, change: dict[str, str], said: str) -> None:
    place.fill_the_store()
    done = place.run("server", "-c", place.settings(**change), "-p", "0")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "very-secret" not in done.stderr


def _said(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


def _signer(token: str) -> str:
    """The access key that signed the question in a token of EKS."""
    assert token.startswith("k8s-aws-v1.")
    text = token.removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    return parse_qs(urlsplit(url).query)["X-Amz-Credential"][0].partition("/")[0]
