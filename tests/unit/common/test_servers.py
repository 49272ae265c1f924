"""Names of people's pods, which Vault knows them by: as KubeSpawner 7.0.0 gave them when asked (slugs.py, spawner.py)."""

from __future__ import annotations

import pytest

from modules.common.servers import pod_name

ROWS = {
    "ada": "jupyter-ada",
    "ada@example.org": "jupyter-ada-example-org---cfe00dde",
    "first@example-daft.org": "jupyter-first-example-daft-org---f1c61725",
    "1ada": "jupyter-x-1ada---ba26231b",
    "ada--x": "jupyter-ada-x---62432422",
    "a" * 46: f"jupyter-{'a' * 46}",
    "a" * 47: "jupyter-aaaaaaaaaaaaaaaaa--x---b191b19d",
    "a" * 48: "jupyter-aaaaaaaaaaaaaaaaa--x---51eb9331",
    "a" * 63: "jupyter-aaaaaaaaaaaaaaaaa--x---c99371b4",
    "-a": "jupyter-a---c2748917",
    "é@x.org": "jupyter-x-org---d17ba499",
    "ada.lovelace+x@a-very-long-department.of-the-university.example.org": "jupyter-ada-lovelace-x-a--x---77118b8a",
    "_": "jupyter-x---d2e2adf7",
    "ada-": "jupyter-ada---28cd54fe",
    "Ada": "jupyter-ada---99a563ab",
}


@pytest.mark.parametrize(("user", "pod"), ROWS.items())
def test_pod_name(user: str, pod: str) -> None:
    assert pod_name(user) == pod


def test_no_two_of_them_meet() -> None:
    assert len({pod_name(user) for user in ROWS}) == len(ROWS)


def test_no_named_server_is_somebodys_own() -> None:
    """KubeSpawner calls ada's server "x" jupyter-ada--x: a user called ada--x must not get that name."""
    assert pod_name("ada--x") != f"{pod_name('ada')}--x"
