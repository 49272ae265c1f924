"""The catalog's dates and shapes, against figures known from elsewhere."""

from __future__ import annotations

import re
from datetime import date

import pytest

from modules.catalog.components import COMPONENTS, least_version
from modules.catalog.eks import VERSIONS, support_of, supported_versions
from modules.catalog.instances import families, find_shape


@pytest.mark.parametrize(
    ("version", "on", "support"),
    [
        ("1.35", date(2026, 11, 21), "standard"),
        ("1.34", date(2026, 12, 2), "standard"),
        ("1.34", date(2026, 12, 3), "extended"),
        ("1.32", date(2026, 11, 21), "extended"),
        ("1.30", date(2026, 11, 21), "ended"),
        ("1.99", date(2026, 11, 21), "unknown"),
    ],
)
def test_support(version: str, on: date, support: str) -> None:
    assert support_of(version, on) == support


def test_supported_today() -> None:
    assert supported_versions(date(2026, 11, 21)) == ("1.34", "1.35", "1.36")
    assert supported_versions(date(2026, 11, 21), extended=True)[0] == "1.31"


def test_versions_follow_one_another_and_last_as_long_as_aws_says() -> None:
    assert list(VERSIONS) == sorted(VERSIONS, key=lambda each: each.released)
    for each in VERSIONS:
        assert 400 < (each.standard_ends - each.released).days < 435
        assert 360 < (each.extended_ends - each.standard_ends).days < 370


@pytest.mark.parametrize(
    ("instance_type", "arch", "vcpu", "gib", "accelerators", "pods"),
    [
        ("m5.2xlarge", "amd64", 8, 32, 0, 58),
        ("t3a.medium", "amd64", 2, 4, 0, 17),
        ("g4dn.2xlarge", "amd64", 8, 32, 1, 29),
        ("g4dn.12xlarge", "amd64", 48, 192, 4, 234),
        ("p4d.24xlarge", "amd64", 96, 1152, 8, 737),
        ("m7g.large", "arm64", 2, 8, 0, 29),
        ("inf2.xlarge", "amd64", 4, 16, 1, 58),
    ],
)
def test_shapes(instance_type: str, arch: str, vcpu: int, gib: int, accelerators: int, pods: int) -> None:
    shape = find_shape(instance_type)
    assert shape is not None
    assert (shape.arch, shape.vcpu, shape.memory_mib, shape.accelerators, shape.pods) == (arch, vcpu, gib * 1024, accelerators, pods)


@pytest.mark.parametrize("unknown", ["m5.gigantic", "zz9.large", "m5", ""])
def test_unknown_types(unknown: str) -> None:
    assert find_shape(unknown) is None


@pytest.mark.parametrize(
    ("instance_type", "cpu_milli", "memory_mib"),
    # nodeadm on m5.2xlarge: 60 + 10 + 5 + 5 + 4 * 2.5 thousandths of a CPU, 11 * 58 + 255 MiB.
    [("m5.2xlarge", 90, 893), ("t3a.medium", 70, 442), ("m5.24xlarge", 310, 8362)],
)
def test_what_the_kubelet_keeps(instance_type: str, cpu_milli: int, memory_mib: int) -> None:
    shape = find_shape(instance_type)
    assert shape is not None
    assert (shape.reserved_cpu_milli, shape.reserved_memory_mib) == (cpu_milli, memory_mib)


@pytest.mark.parametrize(("gib", "fits"), [(25, True), (28, True), (29, False)])
def test_the_seeds_found_out_what_fits_a_g4dn(gib: int, fits: bool) -> None:
    """dandihub lowered a guarantee from 29G to 25G because it did not fit; HelioCloud ran 28G."""
    shape = find_shape("g4dn.2xlarge")
    assert shape is not None
    assert (shape.free_memory_mib >= gib * 1024) is fits


def test_every_shape_is_whole() -> None:
    shapes = [shape for sizes in families().values() for shape in sizes.values()]
    assert len(shapes) > 800
    for shape in shapes:
        assert shape.vcpu > 0
        assert shape.memory_mib >= 512
        assert shape.free_memory_mib >= 0
        assert shape.arch in {"amd64", "arm64"}
        assert bool(shape.accelerators) == bool(shape.accelerator)


def test_components_have_versions_and_sources() -> None:
    assert least_version("karpenter", "1.35") == "1.9"
    assert least_version("vault", "1.35") is None
    for name, component in COMPONENTS.items():
        assert re.match(r"v?\d", component.version), name
        assert component.source.startswith("https://"), name
