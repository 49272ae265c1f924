"""helm/releases.yaml: it agrees with the catalogue, and its mistakes are named."""

from __future__ import annotations

import re

import pytest
import yaml

from modules.catalog.components import COMPONENTS
from modules.common.errors import HubError
from modules.k8s.releases import FILE, Release, parse, releases
from tests._support.evidence import Evidence

GOOD = {
    "chart": "thing",
    "repository": "https://charts.example.org",
    "version": "1.2.3",
    "app": "1.0.0",
    "namespace": "kube-system",
    "digest": "a" * 64,
    "source": "https://example.org",
}
#: Releases that are not a component of their own, by the component whose version they carry.
SAME_AS = {"karpenter-crd": "karpenter"}


def text(**changed: object) -> str:
    given = {**GOOD, **changed}
    return yaml.safe_dump({"thing": {key: value for key, value in given.items() if value != "absent"}})


@pytest.mark.parametrize("name", releases())
def test_versions_are_those_of_the_catalogue(name: str) -> None:
    if releases()[name].local:
        chart = yaml.safe_load((FILE.parent / releases()[name].chart / "Chart.yaml").read_text())
        assert (releases()[name].version, releases()[name].app) == (chart["version"], chart["appVersion"])
        return
    assert releases()[name].version == COMPONENTS[SAME_AS.get(name, name)].version


def test_the_pools_are_of_the_very_controller() -> None:
    assert releases()["nodepools"].app == COMPONENTS["karpenter"].version


def test_the_crds_are_of_the_very_controller() -> None:
    assert releases()["karpenter-crd"].version == releases()["karpenter"].version


@pytest.mark.parametrize("release", releases().values(), ids=lambda release: release.name)
def test_every_release_has_a_digest_or_says_how_to_get_it(release: Release) -> None:
    if release.local:
        assert release.chart_path == f"./charts/{release.chart}"
        return
    assert release.chart_path == release.chart
    if release.digest is None:
        assert f"--version {release.version}" in release.digest_note
        assert release.repository in release.digest_note
    else:
        assert release.digest_seen
    assert release.is_oci == release.repository.startswith("oci://")


def test_no_two_charts_carry_the_same_digest(evidence: Evidence) -> None:
    evidence.record("digests of charts in helm/releases.yaml", "asserted", "read in public repositories; no chart was downloaded")
    known = [release.digest for release in releases().values() if release.digest]
    assert len(known) >= 8
    assert len(set(known)) == len(known)


def test_the_namespaces_that_the_env_names() -> None:
    assert {name for name, release in releases().items() if release.namespace is None} == {
        "jupyterhub",
        "dask-gateway",
        "vault",
        "desktop-app",
        "ray-static-cluster",
        "raycluster",
    }


def test_a_whole_entry() -> None:
    assert parse(text())["thing"] == Release(
        name="thing",
        chart="thing",
        repository="https://charts.example.org",
        version="1.2.3",
        app="1.0.0",
        namespace="kube-system",
        source="https://example.org",
        digest="a" * 64,
    )


@pytest.mark.parametrize(
    ("wrong", "where", "what"),
    [
        (text(version="^1.2.0"), "thing.version", "exact version"),
        (text(version="1.2"), "thing.version", "exact version"),
        (text(version=1.2), "thing.version", "exact version"),
        (text(version="latest"), "thing.version", "exact version"),
        (text(repository="http://charts.example.org"), "thing.repository", "https:// or oci://"),
        (text(repository="absent"), "thing.repository", "https:// or oci://"),
        (text(local=True, digest=None), "thing.repository", "none for a local chart"),
        (text(digest="sha256:" + "a" * 64), "thing.digest", "64 hex"),
        (text(digest="A" * 64), "thing.digest", "64 hex"),
        (text(digest=None), "thing.digest_note", "prints a missing digest"),
        (text(digest_note="run this"), "thing.digest_note", "nothing beside a digest"),
        (text(chart=""), "thing.chart", "name of a chart"),
        (text(app=5.5), "thing.app", "as text"),
        (text(source="absent"), "thing.source", "seen"),
        (text(namespace=["a"]), "thing.namespace", "a namespace"),
        (text(local="yes"), "thing.local", "true or false"),
        (text(repo="https://x"), "thing.repo", "not a known field"),
        ("thing: 4.4.0", "thing", "mapping"),
        ("Thing_: {}", "helm/releases.yaml", "no name of a release"),
        ("[]", "helm/releases.yaml", "no releases"),
        ("", "helm/releases.yaml", "no releases"),
        ("a: [", "helm/releases.yaml:", "not YAML"),
    ],
)
def test_a_wrong_file_names_release_and_field(wrong: str, where: str, what: str) -> None:
    with pytest.raises(HubError) as caught:
        parse(wrong)
    assert where in caught.value.where
    assert what in str(caught.value)
    assert caught.value.fix


def test_the_file_says_where_each_version_was_seen() -> None:
    assert not re.search(r"latest|\bmaster\b", FILE.read_text())
    assert all(release.source.startswith("https://") or release.local for release in releases().values())


def test_a_chart_of_ours_has_the_version_its_release_names() -> None:
    ours = [each for each in releases().values() if each.local]
    assert ours
    for each in ours:
        chart = yaml.safe_load((FILE.parent / each.chart / "Chart.yaml").read_text())
        assert (chart["name"], chart["version"], chart["appVersion"]) == (each.chart, each.version, each.app)
