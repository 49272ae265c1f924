"""What waking waits for, what both refuse before they touch anything, and whose work is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.sleep.work import at_work, said
from modules.rehearsal.cluster.world import Key
from tests.unit.cluster.api_support import deployment
from tests.unit.ops_aws.support import make_config
from tests.unit.ops_sleep.lab import HUB, SYSTEM, Lab
from tests.unit.ops_sleep.test_sleep import fall, rise
from tests.unit.ops_sleep.test_way_out import HUB_SHUT, HUB_STACK, Bench


class Web:
    """A hub's address that answers with each of `statuses` in turn, then with the last."""

    def __init__(self) -> None:
        self.statuses = [200]
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(web.statuses[0] if len(web.statuses) == 1 else web.statuses.pop(0))
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def web(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The env as a real one, whose hub answers here."""
    made = Web()
    lab.target = replace(lab.target, is_rehearsal=False)
    monkeypatch.setattr("modules.ops.verify.scene.Scene.url", made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


def ready(lab: Lab, pods: int, namespace: str = HUB, name: str = "hub") -> None:
    with lab.world.lock:
        lab.world.tell(Key("Deployment", namespace, name), {"readyReplicas": pods})


def test_until_the_hub_answers(lab: Lab, web: Web, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fall(lab)
    web.statuses = [503, 200]
    ready(lab, 0)
    # As soon as somebody asks for its pod, there is one.
    monkeypatch.setattr(lab, "move", lambda: ready(lab, lab.replicas()["hub"]))
    assert rise(lab) == 0
    said = capsys.readouterr().out
    for words in ("waits: the hub's pod is not ready", "waits: the hub answers 503", f"answers at {web.url}", "is awake as it was before"):
        assert words in said


def test_a_hub_that_stays_silent(lab: Lab, web: Web) -> None:
    """Sizes are back all the same, so install is no longer refused; waking again only waits."""
    awake = lab.all()
    fall(lab)
    web.statuses = [503]
    ready(lab, 1)
    with pytest.raises(HubError, match=r"still the hub answers 503[^\0]*\./hub verify lab says what is missing"):
        rise(lab)
    assert lab.all() == awake
    web.statuses = [200]
    assert rise(lab) == 0


def test_a_cluster_without_a_hub(lab: Lab, web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    lab.drop("Deployment", HUB, "hub")
    fall(lab)
    assert rise(lab) == 0
    assert "there is no hub in this cluster to wait for" in capsys.readouterr().out


def test_while_terraform_works(lab: Lab) -> None:
    lock = {"ID": "1", "Operation": "OperationTypeApply", "Who": "ada@desk", "Created": "2026-11-21T09:14:00Z"}
    key = "lab/lab-cluster.tfstate.tflock"
    lab.session.client("s3").put_object(Bucket=lab.config.state_bucket, Key=key, Body=json.dumps(lock).encode())
    before = lab.all()
    for act in (fall, rise):
        with pytest.raises(HubError, match=r"Terraform works on lab-cluster \(ada@desk"):
            act(lab)
    assert lab.all() == before


def test_a_memory_that_cannot_be_read(lab: Lab) -> None:
    """A stopped writer cannot leave one; a person with an editor can. Nothing is guessed."""
    fall(lab)
    s3, place = lab.session.client("s3"), {"Bucket": lab.config.state_bucket, "Key": "lab/asleep.json"}
    for body, words in ((b"{", "not what ./hub sleep writes"), (b'{"version": 2}', "has version 2")):
        s3.put_object(**place, Body=body)
        with pytest.raises(HubError, match=words):
            rise(lab)
    assert lab.groups()["lab-core"]["desiredSize"] == 0


def test_desktops_and_ray(lab: Lab) -> None:
    """Somebody who looks at a desktop works; so does a Ray cluster with more workers than it rests with."""
    config = make_config(region=lab.config.region, desktop={"image": "example.test/dcv:1.0", "cidrs": ["10.0.0.0/8"]})
    board = {"status.n1": json.dumps({"connections": 2, "seen": "2999-01-01T00:00:00Z"}), "display.n1": ":0"}
    assert config.desktop is not None
    lab.put("ConfigMap", config.desktop.namespace, "dcv-agent-config-map", data=board)
    lab.world.custom_kinds["RayCluster"] = ("ray.io", "kuberay-operator", "1.6.0")
    group = {"groupName": "w", "replicas": 2, "minReplicas": 1, "maxReplicas": 4}
    for name in ("busy", "resting"):
        lab.put("RayCluster", HUB, name, spec={"enableInTreeAutoscaling": True, "workerGroupSpecs": [group]})
    for name, cluster in (("b1", "busy"), ("b2", "busy"), ("r1", "resting")):
        lab.pod(name, "RayCluster", **{"ray.io/cluster": cluster, "ray.io/node-type": "worker"})
    assert said(at_work(lab.api, config)) == "1 Ray cluster (busy), 1 desktop (n1)"


def test_balancers_wait_for_their_controller(lab: Lab, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its webhook has to agree to the Service, and it alone makes the load balancer."""
    name, bench = "aws-load-balancer-controller", Bench(lab, tmp_path)
    lab.put("Deployment", SYSTEM, name, spec=deployment(name, 1)["spec"])
    monkeypatch.setattr("modules.ops.sleep.scene.open_workbench", lambda *args, **more: bench)
    fall(lab, remove_balancers=True)
    ready(lab, 1)
    ready(lab, 0, SYSTEM, name)
    with pytest.raises(HubError, match=f"{name} has no pod ready"):
        rise(lab)
    assert len(bench.applied) == 1
    ready(lab, 1, SYSTEM, name)
    assert rise(lab) == 0
    assert [document for _, document, _ in bench.applied] == [HUB_SHUT, HUB_STACK]
