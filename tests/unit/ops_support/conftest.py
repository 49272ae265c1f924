"""The applied env of the status's tests, with secrets planted wherever one could lie."""

from __future__ import annotations

import base64
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from modules.config.models import HubConfig
from modules.ops.layout import Layout, write_json, write_private
from modules.ops.support.command import support_bundle
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT
from tests.unit.ops_status.conftest import api, cluster, config, running, served, served_process, service, session, stage
from tests.unit.ops_verify.cluster import HUB, Cluster, event

__all__ = ["api", "cluster", "config", "running", "served", "served_process", "service", "session", "stage"]

#: Where a secret is planted, and what: some look like one, most only lie where one does.
CANARIES = {
    "variable": "canary-in-variable",
    "variable in a log": "correct horse battery staple",
    "access key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYcanaryKEYX",
    "proxy": "canary-proxy-pass",
    "output in a log": "canary-output",
    "snippet in a log": "canary-snippet",
    "drift in a log": "canary-drift",
    "keyed in a log": "canary-keyed",
    "bearer in a log": "canary.bearer.token",
    "hex in a log": "3f9ac0de" * 8,
    "base64 in a log": base64.b64encode(bytes(range(100, 148))).decode(),
    "state attribute": "canary-attribute",
    "state output": "canary-state-output",
    "secrets manager": "canary-secrets-manager",
    "kubernetes secret": "canary-kubernetes-secret",
    "pod environment": "canary-pod-environment",
    "event": "canary-event",
}


def _log(*events: dict[str, Any]) -> str:
    return "".join(json.dumps({"@level": "info", "@timestamp": "2026-11-21T10:00:00Z", **each}) + "\n" for each in events)


def _plant_logs(root: Path) -> None:
    run = Layout(root, "lab").start_run()
    snippet = {"code": f"password = {CANARIES['snippet in a log']}"}
    diagnostic = {
        "severity": "error",
        "summary": "it failed",
        "detail": f'client_secret = "{CANARIES["keyed in a log"]}"',
        "snippet": snippet,
    }
    change = {"resource": {"addr": "aws_vpc.main"}, "action": "update", "before": CANARIES["drift in a log"]}
    text = _log(
        {"type": "outputs", "@message": "Outputs: 1", "outputs": {"x": {"value": CANARIES["output in a log"]}}},
        {"type": "diagnostic", "@message": "Error: it failed", "diagnostic": diagnostic},
        {"type": "resource_drift", "@message": "aws_vpc.main: Drift detected", "change": change},
        {"type": "apply_start", "@message": "aws_secretsmanager_secret.hub-token: Creating..."},
    )
    lines = (
        f"helper said {CANARIES['variable in a log']} and left",
        f"Authorization: Bearer {CANARIES['bearer in a log']}",
        f"made {CANARIES['hex in a log']} today",
        f"made {CANARIES['base64 in a log']} today",
        f"asked as {CANARIES['access key']}",
        f"via http://ada:{CANARIES['proxy']}@proxy.lab.test:3128",
        f"and {CANARIES['state attribute']}, also {base64.b64encode(CANARIES['state output'].encode()).decode()}",
        f"arn:aws:iam::{ACCOUNT}:role/x and sha256:{'ab12' * 16}",
    )
    write_private(run.log("lab-hub"), text + "\n".join(lines))
    write_json(run.folder / "run.json", {"command": "install", "exit": 1, "token": CANARIES["keyed in a log"]})


def _plant_state(session: boto3.Session, config: HubConfig) -> None:
    attributes = {"id": "x", "settings": {"admin_password": CANARIES["state attribute"]}}
    resources = [{"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{"attributes": attributes}]}]
    outputs = {"oauth_token": {"value": CANARIES["state output"], "sensitive": True}}
    body = json.dumps({"version": 4, "serial": 1, "resources": resources, "outputs": outputs})
    key = f"{config.env}/{config.env}-network.tfstate"
    session.client("s3", region_name=config.region).put_object(Bucket=config.state_bucket, Key=key, Body=body)


def _plant_cluster(cluster: Cluster) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "canary", "namespace": HUB}}
    secret["data"] = {"value": base64.b64encode(CANARIES["kubernetes secret"].encode()).decode()}
    cluster.api.ask("POST", f"/api/v1/namespaces/{HUB}/secrets", "plant it", body=secret)
    container = {"name": "main", "image": "registry.k8s.io/pause:3.10", "env": [{"name": "PASSWORD", "value": CANARIES["pod environment"]}]}
    limits = {"cpu": "10m", "memory": "16Mi"}
    container["resources"] = {"requests": limits, "limits": limits}
    cluster.put({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "talker", "namespace": HUB}, "spec": {"containers": [container]}})
    cluster.put(event("claim-ada", "Failed", f"login of jupyter-ada with password={CANARIES['event']} refused"))


@pytest.fixture
def planted(
    tmp_path: Path, running: Cluster, session: boto3.Session, config: HubConfig, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., SimpleNamespace]:
    """Makes a bundle of the env with every canary in its place: files by name, and the archive's path."""
    for name, value in {
        "TF_VAR_oauth_client_secret": CANARIES["variable"],
        "GITHUB_TOKEN": CANARIES["variable in a log"],
        "AWS_SECRET_ACCESS_KEY": CANARIES["access key"],
        "HTTPS_PROXY": f"http://ada:{CANARIES['proxy']}@proxy.lab.test:3128",
    }.items():
        monkeypatch.setenv(name, value)
    session.client("secretsmanager", region_name=config.region).create_secret(Name="lab/canary", SecretString=CANARIES["secrets manager"])
    _plant_logs(tmp_path)
    _plant_state(session, config)
    _plant_cluster(running)
    target = Target({}, {}, session, ACCOUNT, False, "moto")
    monkeypatch.setattr("modules.ops.support.command.resolve_target", lambda root, config: target)

    def make(**options: Any) -> SimpleNamespace:
        path = tmp_path / "bundle.tar.gz"
        code = support_bundle(tmp_path, config, **{"output": path, "mask_account": False, "as_json": False} | options)
        with tarfile.open(path) as archive:
            files = {each.name.partition("/")[2]: archive.extractfile(each).read().decode() for each in archive}  # type: ignore[union-attr]
        return SimpleNamespace(code=code, path=path, files=files)

    return make
