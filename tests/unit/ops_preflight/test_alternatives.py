"""What stands in for a type that is not offered: near sizes, newer families of the same make, close names."""

from __future__ import annotations

import pytest

from modules.ops.preflight.alternatives import alternatives, close_name


@pytest.mark.parametrize(
    ("wanted", "offered", "proposed"),
    [
        ("m5.4xlarge", ["m5.large", "m5.8xlarge", "m5.2xlarge", "m5.24xlarge"], ["m5.8xlarge", "m5.2xlarge", "m5.24xlarge"]),
        ("m5.4xlarge", ["m6i.4xlarge", "m7i.4xlarge", "m4.4xlarge", "m6g.4xlarge", "c6i.4xlarge"], ["m6i.4xlarge", "m7i.4xlarge"]),
        ("g4dn.xlarge", ["g5.xlarge", "g5g.xlarge", "g6.xlarge", "g6.2xlarge"], ["g5.xlarge", "g6.xlarge"]),
        ("g4dn.xlarge", ["g4ad.xlarge", "p3.2xlarge"], []),
        ("m5n.xlarge", ["m6i.xlarge", "m6in.xlarge", "m6idn.xlarge", "m7i.xlarge"], ["m6i.xlarge", "m6idn.xlarge", "m6in.xlarge"]),
        ("m6i.xlarge", ["m7a.xlarge", "m7i.xlarge", "m99.xlarge"], ["m7i.xlarge", "m7a.xlarge"]),
        ("m5.tiny", ["m5.large", "m6i.tiny", "m5.xlarge"], ["m5.large", "m5.xlarge"]),
        ("u-6tb1.metal", ["m5.metal"], []),
        ("m5.xlarge", [], []),
    ],
)
def test_alternatives(wanted: str, offered: list[str], proposed: list[str]) -> None:
    assert list(alternatives(wanted, offered)) == proposed


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("m55.xlarge", ["m5.xlarge", "c5.large"], '; did you mean "m5.xlarge"?'),
        ("plural", ["m5.xlarge"], ""),
        ("m5.xlarge", [], ""),
    ],
)
def test_close_names(name: str, known: list[str], said: str) -> None:
    assert close_name(name, known) == said
