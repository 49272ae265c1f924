"""./hub launcher: what runs, as the launcher itself would have started it, and the settings for outside the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.launcher.models import ProcessSpec
from modules.launcher.protocols import Pool
from modules.launcher.runtime.manifests import Launch, deployment
from modules.launcher.settings.load import parse
from modules.ops.launcher.outside import print_settings
from modules.ops.launcher.processes import processes_of
from modules.ops.launcher.status import age, status, table
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session

ROOT = Path("/nowhere")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/hubsmith/lab-1/lab-launcher-operator"
MADE = datetime(2026, 11, 1, 12, tzinfo=UTC)
LAUNCHER = {"image": "registry.example.org/launcher", "tag": "1.0", "process_namespaces": ["processes", "more"]}


class FakeApi:
    """Stands in for ClusterApi: lists by path, and which were asked for."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def items(self, path: str, what: str, **query: str) -> list[dict[str, Any]]:
        self.asked.append((path, query))
        return self.lists.get(path, [])

    def start(self, name: str, namespace: str = "processes", *, status: dict[str, Any] | None = None, **pod: Any) -> None:
        """A process as the launcher makes it, with one pod in status `pod`."""
        spec = ProcessSpec.model_validate({"process_name": name, "group": "lab", "container": {"image_uri": "nginx:1"}})
        launch = Launch(spec, "1a2b", "ann@lab.org", namespace, "default", Pool(), MADE + timedelta(hours=24))
        made = deployment(launch)
        made["metadata"] |= {"namespace": namespace, "creationTimestamp": "2026-11-01T12:00:00Z"}
        self.lists.setdefault(f"/apis/apps/v1/namespaces/{namespace}/deployments", []).append({**made, "status": status or {}})
        self.lists.setdefault(f"/api/v1/namespaces/{namespace}/pods", []).append({**made["spec"]["template"], "status": pod})


@pytest.fixture
def config() -> HubConfig:
    return make_config(launcher=LAUNCHER)


@pytest.fixture
def installed(config: HubConfig, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The outputs of stack launcher, in a state in moto; what a test puts in is found by the verbs."""
    outputs: dict[str, Any] = {}
    with mock_aws():
        session = new_session()
        session.client("s3").create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})

        def resolve(root: Path, asked: HubConfig) -> Target:
            resource = {"mode": "managed", "type": "kubernetes_service_v1", "name": "service", "instances": [{"attributes": {"id": "x"}}]}
            values = {name: {"value": value} for name, value in outputs.items()}
            body = {"version": 4, "serial": 1, "resources": [resource], "outputs": values}
            session.client("s3").put_object(Bucket=asked.state_bucket, Key="lab/lab-launcher.tfstate", Body=json.dumps(body))
            return Target({}, {}, session, ACCOUNT, False, "account in moto")

        monkeypatch.setattr("modules.ops.installed.resolve_target", resolve)
        yield outputs


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    made = FakeApi()
    monkeypatch.setattr("modules.ops.launcher.status.open_cluster", lambda root, config, target: made)
    return made


def waiting(reason: str) -> dict[str, Any]:
    return {"containerStatuses": [{"state": {"waiting": {"reason": reason}}}]}


@pytest.mark.parametrize(
    ("deployment_status", "pod", "state", "reason"),
    [
        ({"readyReplicas": 1}, {}, "running", ""),
        ({}, {}, "starting", ""),
        ({}, waiting("ContainerCreating"), "starting", ""),
        ({}, waiting("ImagePullBackOff"), "failed", "ImagePullBackOff"),
        ({}, {"containerStatuses": [{"state": {"terminated": {"exitCode": 3}}}]}, "failed", "ended with 3"),
    ],
)
def test_a_process_as_the_launcher_makes_it_is_seen(
    config: HubConfig, deployment_status: dict[str, Any], pod: dict[str, Any], state: str, reason: str
) -> None:
    api = FakeApi()
    api.start("web", status=deployment_status, **pod)
    assert config.launcher is not None
    (found,) = processes_of(api, config.launcher)  # type: ignore[arg-type]
    assert (found.name, found.namespace, found.owner, found.group) == ("web", "processes", "ann@lab.org", "lab")
    assert (found.state, found.reason, found.created, found.expires) == (state, reason, MADE, "2026-11-02T12:00:00+00:00")


def test_two_questions_a_namespace_however_many_processes(config: HubConfig) -> None:
    api = FakeApi()
    for number in range(50):
        api.start(f"web{number}")
    assert config.launcher is not None
    assert len(processes_of(api, config.launcher)) == 50  # type: ignore[arg-type]
    assert len(api.asked) == 4
    assert all(query == {"labelSelector": "hydroplane/process-id"} for _, query in api.asked)


def test_status(config: HubConfig, installed: dict[str, Any], api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.start("web", status={"readyReplicas": 1})
    api.start("job", "more", **waiting("CrashLoopBackOff"))
    assert status(ROOT, config, as_json=False) == 0
    first, head, web, job, why = capsys.readouterr().out.splitlines()
    assert first == "lab: 2 processes"
    assert head.split() == ["process", "namespace", "owner", "group", "state", "age"]
    assert web.split()[:5] == ["web", "processes", "ann@lab.org", "lab", "running"]
    assert job.split()[4] == "failed"
    assert why.strip() == "job: CrashLoopBackOff"
    assert status(ROOT, config, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["state"], row["reason"]) for row in found["processes"]] == [
        ("web", "running", None),
        ("job", "failed", "CrashLoopBackOff"),
    ]


def test_nothing_runs(config: HubConfig, installed: dict[str, Any], api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(ROOT, config, as_json=False) == 0
    assert capsys.readouterr().out == "lab: 0 processes\n"
    assert table((), MADE) == []


@pytest.mark.parametrize(("seconds", "text"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (86400, "1d"), (400_000, "4d")])
def test_age(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("outputs", "aws", "credentials"),
    [
        ({"launcher_operator_role_arn": ROLE}, {}, {"ambient": True, "assume_role": {"role_arn": ROLE}}),
        ({"launcher_operator_role_arn": ROLE}, {"profile": "lab"}, {"profile": "lab", "assume_role": {"role_arn": ROLE}}),
        ({}, {}, {"ambient": True}),
    ],
    ids=["role", "role-by-profile", "own-credentials"],
)
def test_the_settings_for_outside_are_those_that_hydroplane_reads(
    outputs: dict[str, str],
    aws: dict[str, str],
    credentials: dict[str, Any],
    installed: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    installed.update(outputs)
    config = make_config(launcher=LAUNCHER, aws={"account": ACCOUNT, **aws})
    assert print_settings(ROOT, config, as_json=False) == 0
    text = capsys.readouterr().out
    found = parse(text, "eks.yml")
    assert (found.runtime.cluster_name, found.runtime.region) == ("lab", "us-east-2")
    assert found.rules.namespaces == ("processes", "more")
    assert ("access entry of their own" in text) is not bool(outputs)
    assert print_settings(ROOT, config, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["runtime"]["credentials"] == credentials


def test_an_env_without_a_launcher_says_so(installed: dict[str, Any]) -> None:
    with pytest.raises(HubError, match="lab has no launcher"):
        print_settings(ROOT, make_config(), as_json=False)


def test_one_that_is_not_installed_says_so(config: HubConfig, installed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.ops.installed.stack_state", lambda session, config, stack: None)
    with pytest.raises(HubError, match="the launcher of lab is not installed"):
        status(ROOT, config, as_json=False)
