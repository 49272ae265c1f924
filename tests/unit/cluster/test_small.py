"""Quantities, tallies, charts' names and the API's spelling of names: pure functions in rows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modules.rehearsal.cluster.laws import plural
from modules.rehearsal.cluster.manifests import camel, manifest_of
from modules.rehearsal.standin.backend import Refused, Values
from modules.rehearsal.verdicts.given import chart_of
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.quantities import quantity
from modules.rehearsal.verdicts.schemas import Schemas
from modules.rehearsal.verdicts.tally import Tally
from tests.unit.cluster.support import meta


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", "0.5"), ("2", "2"), (4, "4"), ("1.5Gi", "1610612736"), ("16G", "16000000000"), ("1e3", "1000"), ("12E", "12e18"),
        ("16GB", None), ("4 Gi", None), ("", None), ("Gi", None), ("1m5", None),
    ],
)  # fmt: skip
def test_quantities(text: object, number: str | None) -> None:
    assert quantity(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("chart", "version", "said"),
    [
        ("karpenter", "1.14.1", ("karpenter", "1.14.1", "")),
        ("oci://public.ecr.aws/karpenter/karpenter", "1.14.1", ("karpenter", "1.14.1", "")),
        ("oci://public.ecr.aws/karpenter/karpenter:1.14.1@sha256:00", None, ("karpenter", "1.14.1", "")),
        ("./charts/nodepools", None, ("nodepools", "", "./charts/nodepools")),
    ],
)
def test_charts(chart: str, version: str | None, said: tuple[str, str, str]) -> None:
    given = chart_of({"chart": chart, "version": version, "values": ["a: {b: 1, c: 2}", '{"a": {"b": 3}}', ""]})
    assert (given.name, given.version, given.path) == said
    assert given.values == {"a": {"b": 3, "c": 2}}


@pytest.mark.parametrize("values", ["- a", "a: [", "text"])
def test_values_that_are_no_mapping(values: str) -> None:
    with pytest.raises(Refused):
        chart_of({"chart": "karpenter", "values": [values]})


@pytest.mark.parametrize(
    ("name", "parent", "said"),
    [
        ("volume_mount", "", "volumeMount"), ("cluster_ip", "", "clusterIP"), ("host_pid", "", "hostPID"), ("fs_group", "", "fsGroup"),
        ("strategy", "Deployment", "strategy"), ("strategy", "DaemonSet", "updateStrategy"), ("ipv4_address", "", "ipv4Address"),
    ],
)  # fmt: skip
def test_names_of_the_api(name: str, parent: str, said: str) -> None:
    assert camel(name, parent) == said


@pytest.mark.parametrize(
    ("kind", "said"), [("NetworkPolicy", "networkpolicies"), ("StorageClass", "storageclasses"), ("Secret", "secrets")]
)
def test_plurals(kind: str, said: str) -> None:
    assert plural(kind) == said


@pytest.mark.parametrize(("given", "said"), [(None, None), ("", ""), ("gp3", "gp3")])
def test_no_class_is_not_the_default_class(given: str | None, said: str | None) -> None:
    claim: Values = {"metadata": meta("homes", "hub"), "spec": [{"storage_class_name": given, "access_modes": ["ReadWriteMany"]}]}
    assert manifest_of("kubernetes_persistent_volume_claim_v1", claim)["spec"].get("storageClassName") == said


def test_what_is_checked_later_is_no_longer_unchecked() -> None:
    tally = Tally()
    chart = chart_of({"chart": "karpenter", "version": "1.14.1", "values": ["{a: 1}"]})
    Judge(Schemas(())).values(chart, tally)
    assert tally.document()["unchecked"] == ["karpenter: no schema of version 1.14.1 found"]
    tally.checked("karpenter")
    assert tally.document() == {"checked": {"values": 0, "manifests": 0, "rules": 0}, "unchecked": [], "trusted": []}
