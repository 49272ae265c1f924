"""Schemas come from the charts' own repositories, the right ones or none; every failure is a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.common.errors import HubError
from modules.rehearsal.verdicts.fetch import Report, fetch, foreign_charts
from modules.rehearsal.verdicts.schemas import cache, known_schemas
from modules.rehearsal.verdicts.values import check_values
from tests._support.evidence import Evidence
from tests.unit.cluster.repository import CRD, VALUES, Repository, archive, serving, sha256

SCHEMA = json.dumps({"type": "object", "additionalProperties": False, "properties": {"hub": {"type": "object"}}})
HUB = archive("jupyterhub", {"values.schema.json": SCHEMA, "values.yaml": "hub: {}\n", "charts/other/values.schema.json": "{}"})
KARPENTER = archive("karpenter", {"values.yaml": VALUES, "crds/nodepools.yaml": CRD})


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """An empty repository; no proxy of the caller's stands between."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as served:
        yield served


def fetched(root: Path, *entries: dict[str, Any]) -> tuple[Report, list[str]]:
    """The report of a checkout that lists these charts, and what was said."""
    (root / "helm").mkdir(exist_ok=True)
    (root / "helm" / "releases.yaml").write_text(yaml.safe_dump({each["chart"]: each for each in entries}, sort_keys=False))
    said: list[str] = []
    return fetch(root, said.append), said


def hub_entry(repository: Repository, **more: Any) -> dict[str, Any]:
    return {"chart": "jupyterhub", "repository": f"{repository.address}/charts", "version": "4.4.0", "digest": None, **more}


def karpenter_entry(repository: Repository, **more: Any) -> dict[str, Any]:
    place = repository.address.replace("http://", "oci://")
    return {"chart": "karpenter", "repository": f"{place}/karpenter", "version": "1.14.1", "digest": None, **more}


def test_both_kinds_of_repository(repository: Repository, tmp_path: Path, evidence: Evidence) -> None:
    evidence.record("./hub schemas fetch", "exercised", "a chart repository and a registry on loopback; no real one was reached")
    repository.add_to_index("jupyterhub", "4.4.0", HUB)
    manifest = repository.push("karpenter", "1.14.1", KARPENTER)
    entries = hub_entry(repository, digest=sha256(HUB)), karpenter_entry(repository, digest=sha256(manifest).removeprefix("sha256:"))
    report, said = fetched(tmp_path, *entries, {"chart": "nodepools", "local": True, "version": "1.0.0"})
    assert report.failed == ()
    assert sorted(report.written) == [
        "karpenter-1.14.1.crd.nodepools.json",
        "karpenter-1.14.1.values.inferred.schema.json",
        "z2jh-4.4.0.values.schema.json",
    ]
    assert len(said) == 2
    schemas = known_schemas(tmp_path, {})
    hub, karpenter = schemas.values("jupyterhub", "4.4.0"), schemas.values("karpenter", "1.14.1")
    assert hub is not None
    assert hub.document == json.loads(SCHEMA)
    assert karpenter is not None
    assert karpenter.inferred
    [pool] = schemas.crds("karpenter", "1.14.1").values()
    assert pool.document["versions"]["v1"]["openAPIV3Schema"] == {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"description": {"type": "string"}}}},
    }


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"settings": {"clusterName": "demo", "vmMemory": 2}, "replicas": 3, "nodeSelector": {"any": "thing"}, "global": {}}, None),
        ({"settings": {"clusterNam": "demo"}}, "settings.clusterNam is no known key"),
        ({"replicas": {}}, "replicas must be a number or a text or null, is a mapping"),
    ],
)
def test_an_inferred_schema(repository: Repository, tmp_path: Path, values: dict[str, Any], says: str | None) -> None:
    repository.push("karpenter", "1.14.1", KARPENTER)
    fetched(tmp_path, karpenter_entry(repository))
    schema = known_schemas(tmp_path, {}).values("karpenter", "1.14.1")
    assert schema is not None
    problems = check_values("karpenter", values, schema)
    assert [each for each in problems if says in each.summary] if says else problems == []


def test_what_is_there_is_not_fetched_again(repository: Repository, tmp_path: Path) -> None:
    repository.add_to_index("jupyterhub", "4.4.0", HUB)
    fetched(tmp_path, hub_entry(repository))
    asked = len(repository.asked)
    report, _ = fetched(tmp_path, hub_entry(repository))
    assert (report.there, report.written, len(repository.asked)) == (("jupyterhub 4.4.0",), (), asked)


def test_one_that_fails_does_not_stop_the_others(repository: Repository, tmp_path: Path) -> None:
    repository.add_to_index("jupyterhub", "4.4.0", HUB)
    report, said = fetched(tmp_path, karpenter_entry(repository), hub_entry(repository))
    assert report.written == ("z2jh-4.4.0.values.schema.json",)
    assert "cannot fetch the chart karpenter 1.14.1" in report.failed[0]
    assert "what to do" in said[0]
    assert said[1].startswith("jupyterhub 4.4.0: z2jh-4.4.0")


FAILURES = {
    "no such version": ({"version": "9.9.9"}, "has no jupyterhub 9.9.9"),
    "another archive": ({"digest": "0" * 64}, f"and {'0' * 64} was expected"),
    "nobody there": ({"repository": "http://127.0.0.1:9"}, "does not answer"),
    "no web address": ({"repository": "ftp://charts.example"}, "neither https:// nor oci://"),
    "no index": ({"repository": "{address}/nothing"}, "index.yaml does not answer: HTTP 404"),
}


@pytest.mark.parametrize(("change", "says"), FAILURES.values(), ids=FAILURES)
def test_failures_of_a_repository(repository: Repository, tmp_path: Path, change: dict[str, str], says: str) -> None:
    repository.add_to_index("jupyterhub", "4.4.0", HUB)
    change = {name: value.replace("{address}", repository.address) for name, value in change.items()}
    report, _ = fetched(tmp_path, {**hub_entry(repository), **change})
    assert says in report.failed[0]
    assert list(cache(tmp_path).iterdir()) == []


@pytest.mark.parametrize(
    ("body", "media", "says"),
    [
        (KARPENTER, "application/vnd.oci.image.layer.v1.tar", "has no layer with a chart"),
        (b"not an archive", None, "is no archive of a chart"),
        (archive("karpenter", {"README.md": ""}), None, "holds no values and no CRDs"),
    ],
)
def test_failures_of_a_registry(repository: Repository, tmp_path: Path, body: bytes, media: str | None, says: str) -> None:
    repository.push("karpenter", "1.14.1", body, *filter(None, [media]))
    report, _ = fetched(tmp_path, karpenter_entry(repository))
    assert says in report.failed[0]


def test_a_changed_index_cannot_bring_another_archive(repository: Repository, tmp_path: Path) -> None:
    repository.add_to_index("jupyterhub", "4.4.0", HUB, digest=sha256(KARPENTER).removeprefix("sha256:"))
    assert "was expected" in fetched(tmp_path, hub_entry(repository))[0].failed[0]


def test_our_own_list_can_be_read() -> None:
    charts = {each.chart for each in foreign_charts(Path(__file__).parents[3])}
    assert {"jupyterhub", "karpenter", "karpenter-crd"} <= charts
    assert "nodepools" not in charts


def test_a_list_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="cannot read the list of charts"):
        fetch(tmp_path, print)


@pytest.mark.parametrize(
    ("first", "second"), [("named", "cache"), ("cache", "shared")], ids=["HUB_SCHEMAS before the cache", "the cache before shared"]
)
def test_which_folder_wins(tmp_path: Path, first: str, second: str) -> None:
    root = tmp_path / "checkout"
    folders = {"named": tmp_path / "named", "cache": cache(root), "shared": tmp_path / "shared" / "schemas"}
    for name in (first, second):
        folders[name].mkdir(parents=True)
        (folders[name] / "z2jh-4.4.0.values.schema.json").write_text(json.dumps({"title": name}))
    schema = known_schemas(root, {"HUB_SCHEMAS": str(folders["named"])}).values("jupyterhub", "4.4.0")
    assert schema is not None
    assert schema.document == {"title": first}
