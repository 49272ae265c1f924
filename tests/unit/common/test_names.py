"""Names fit AWS's limits, and two long names never meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.common import names

LONG = "a-very-long-cluster-name-that-somebody-thought-was-good"


@pytest.mark.parametrize(
    ("name", "limit", "expected"),
    [
        ("hub", 63, "hub"),
        ("x" * 10, 10, "x" * 10),
        ("x" * 11, 10, f"xxx-{names.digest('x' * 11)}"),
        ("abc-defghij", 10, f"abc-{names.digest('abc-defghij')}"),
        ("ab--_.cdefgh", 12, "ab--_.cdefgh"),
        ("ab--_.cdefghi", 12, f"ab-{names.digest('ab--_.cdefghi')}"),
    ],
)
def test_fit(name: str, limit: int, expected: str) -> None:
    assert names.fit(name, limit) == expected
    assert len(names.fit(name, limit)) <= limit


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=90), st.integers(min_value=10, max_value=64))
def test_fit_never_exceeds_and_is_stable(name: str, limit: int) -> None:
    made = names.fit(name, limit)
    assert len(made) <= limit
    assert made == names.fit(name, limit)


@given(st.text("ab-", min_size=30, max_size=60), st.text("ab-", min_size=30, max_size=60))
def test_two_long_names_never_meet(one: str, other: str) -> None:
    assert (names.fit(one, 20) == names.fit(other, 20)) is (one == other)


@pytest.mark.parametrize(
    ("made", "limit"),
    [
        (names.role_name(LONG, "karpenter-controller"), 64),
        (names.bucket_name(LONG + "-1a2b3c", "scratch"), 63),
        (names.role_name("c" * names.CLUSTER_NAME_MAX, "karpenter-controller"), 64),
    ],
)
def test_limits(made: str, limit: int) -> None:
    assert len(made) <= limit


def test_the_longest_cluster_name_keeps_its_longest_role_name_whole() -> None:
    cluster = "c" * names.CLUSTER_NAME_MAX
    assert names.role_name(cluster, "karpenter-controller") == f"{cluster}-karpenter-controller"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("demo", "1", "us-east-2"), ("demo", "1", "us-east-2"), True),
        (("demo", "1", "us-east-2"), ("demo", "2", "us-east-2"), False),
        (("demo", "1", "us-east-2"), ("demo", "1", "us-east-1"), False),
        (("demo", "1", "us-east-2"), ("prod", "1", "us-east-2"), False),
        (("demo", "", "us-east-2"), ("demo", "1", "us-east-2"), False),
    ],
)
def test_deployment_ids(one: tuple[str, str, str], other: tuple[str, str, str], same: bool) -> None:
    assert (names.deployment_id(*one) == names.deployment_id(*other)) is same
    assert names.deployment_id(*one).startswith(f"{one[0]}-")


@pytest.mark.parametrize(("length", "expected"), [(6, "2cf24d"), (10, "2cf24dba5f")])
def test_a_digest_is_the_same_for_ever(length: int, expected: str) -> None:
    assert names.digest("hello", length) == expected


def test_parameters_stand_where_the_seed_put_them() -> None:
    assert names.parameter_prefix("addf", "mlops", "dcv") == "/addf/mlops/dcv"
