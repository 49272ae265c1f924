"""Names of claims, both ways: as KubeSpawner writes them, and whose they are."""

from __future__ import annotations

import pytest

from modules.common.homes import CLAIM_TAG, Purpose, kept_purpose, owner, purpose_of, storage_class
from modules.common.tags import DEPLOYMENT


@pytest.mark.parametrize(
    ("claim", "whose"),
    [
        ("claim-ada", "ada"),
        ("claim-ada--gpu", "ada (server gpu)"),
        ("claim-ada-2dlovelace", "ada-lovelace"),
        ("claim-ada-40lab-2eorg", "ada@lab.org"),
        ("claim--41da", "Ada"),
        ("claim-jos-c3-a9", "josé"),
        ("claim-a-2d-2db", "a--b"),
        ("claim-ada--my-2dserver", "ada (server my-server)"),
        ("claim-1234", "1234"),
        ("hub-db-dir", ""),
        ("data-prometheus-0", ""),
        ("claim-", ""),
    ],
)
def test_whose_a_claim_is(claim: str, whose: str) -> None:
    assert owner(claim) == whose
    assert (purpose_of(claim) is Purpose.HOME) is bool(whose)


@pytest.mark.parametrize(
    ("tags", "purpose"),
    [
        ({DEPLOYMENT: "lab-1", CLAIM_TAG: "claim-ada"}, Purpose.HOME),
        ({DEPLOYMENT: "lab-1", CLAIM_TAG: "hub-db-dir"}, Purpose.DATABASE),
        ({DEPLOYMENT: "lab-1", CLAIM_TAG: "data-vault-0"}, Purpose.VAULT),
        ({DEPLOYMENT: "lab-1", CLAIM_TAG: "audit-vault-12"}, Purpose.VAULT),
        ({DEPLOYMENT: "lab-1", CLAIM_TAG: "data-vault-x"}, None),
        ({DEPLOYMENT: "lab-1", CLAIM_TAG: "data-prometheus-0"}, None),
        ({DEPLOYMENT: "lab-1"}, None),
        ({CLAIM_TAG: "claim-ada"}, None),
    ],
)
def test_what_is_kept(tags: dict[str, str], purpose: Purpose | None) -> None:
    assert kept_purpose(tags) is purpose


def test_two_hubs_of_one_cluster_do_not_meet() -> None:
    assert storage_class(Purpose.HOME, "lab-1", shared_cluster=False) == "homes"
    assert storage_class(Purpose.HOME, "lab-1", shared_cluster=True) == "lab-1-homes"
