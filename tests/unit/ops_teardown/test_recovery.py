"""An install after a killed helm, or after a removal that was stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.common.errors import HubError
from modules.ops.synth import Stack
from modules.ops.teardown import recovery as module
from modules.ops.teardown.helm_locks import let_go, releases_of
from modules.ops.teardown.recovery import Recovery
from modules.rehearsal.cluster import edits
from modules.rehearsal.standin.backend import Refused
from tests.unit.cluster.support import make_backend, release
from tests.unit.ops_teardown.conftest import HUB, Lab

BUSY = "another operation \\(install/upgrade/rollback\\) is in progress"
PLAN = release("metrics-server", "3.13.0", within=HUB)
DOCUMENT = {"resource": {"helm_release": {"a": {"name": "metrics-server", "namespace": HUB}}, "kubernetes_namespace_v1": {"n": {}}}}


def _interrupt(lab: Lab, name: str = "metrics-server") -> None:
    assert edits.edit(lab.world, {"interrupt": f"HelmRelease/{HUB}/{name}"}) == {"edited": True}


@pytest.mark.parametrize(("installed", "rest"), [(False, "it is installed over what is there"), (True, "revision 1 stands")])
def test_what_a_killed_helm_left_is_let_go(lab: Lab, installed: bool, rest: str) -> None:
    backend = make_backend(lab.served.worlds)
    made = backend.create("helm_release", PLAN, {})[0] if installed else None
    _interrupt(lab)
    _interrupt(lab, "somebody-s")

    def run() -> None:
        if made is not None:
            backend.update("helm_release", made, PLAN, {})
        else:
            backend.create("helm_release", PLAN, {})

    with pytest.raises(Refused, match=BUSY):
        run()
    assert let_go(lab.api, {f"{HUB}/metrics-server"}, lambda: True) == (), "a living run keeps it"
    (line,) = let_go(lab.api, {f"{HUB}/metrics-server"}, lambda: False)
    assert line.startswith(f"{HUB}/metrics-server: a killed run left revision {2 if installed else 1} pending-")
    assert line.endswith(rest)
    run()
    assert lab.world.releases[HUB, "metrics-server"].status == "deployed"
    assert lab.world.releases[HUB, "somebody-s"].status == "pending-install", "another's is not touched"
    assert let_go(lab.api, {f"{HUB}/metrics-server"}, lambda: False) == ()


@pytest.mark.parametrize("text", ["Deployment/a/b", "HelmRelease/nowhere/x", f"HelmRelease/{HUB}/twice"])
def test_what_cannot_be_interrupted(lab: Lab, text: str) -> None:
    _interrupt(lab, "twice")
    assert "error" in edits.edit(lab.world, {"interrupt": text})


def test_a_release_that_goes_takes_its_book_along(lab: Lab) -> None:
    backend = make_backend(lab.served.worlds)
    made, _ = backend.create("helm_release", PLAN, {})
    _interrupt(lab)
    assert len(lab.names("Secret")) == 2
    backend.delete("helm_release", made)
    assert lab.names("Secret") == []


def test_releases_are_those_whose_names_are_written_out() -> None:
    bodies = {"a": {"name": "x", "namespace": "y"}, "b": {"name": "z"}, "c": {"name": "${local.a}"}}
    assert releases_of({"resource": {"helm_release": bodies}}) == {"y/x", "default/z"}
    assert releases_of({}) == frozenset()


def _recovery(lab: Lab, folder: Path, opened: Any = None) -> Recovery:
    stacks = []
    for name, document in (("lab-hub", DOCUMENT), ("lab-network", {"resource": {"aws_vpc": {"main": {}}}})):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(document))
        stacks.append(Stack(name, (), path))
    return Recovery(lab.config, boto3.Session(), stacks, opened or (lambda: lab.api), lab.display.note)


def test_an_install_starts_the_hub_that_a_removal_stopped(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "held_locks", lambda *_: ())
    lab.hub(replicas=2)
    lab.look(cluster=False).run()
    assert lab.manifest("Deployment", HUB, "hub")["spec"]["replicas"] == 0
    _interrupt(lab)
    found = _recovery(lab, tmp_path)
    found.before("lab-hub")
    assert lab.manifest("Deployment", HUB, "hub")["spec"]["replicas"] == 2
    assert [line.partition(":")[0] for line in found.lines] == [f"{HUB}/metrics-server", "the hub runs again"]
    found.before("lab-hub")
    assert len(found.lines) == 2, "once"


def test_only_stacks_with_something_in_a_cluster_open_it_and_silence_is_a_note(lab: Lab, tmp_path: Path) -> None:
    def closed() -> Any:
        raise HubError("nobody answers")

    found = _recovery(lab, tmp_path, closed)
    found.before("lab-network")
    assert lab.display.said == []
    found.before("lab-hub")
    assert lab.display.said == ["lab-hub: what a killed run left in the cluster was not looked for: nobody answers"]
