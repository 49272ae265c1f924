"""Volumes that outlive the hub and its cluster: people's homes, the hub's database, Vault's. How they are named, and known again.

Such a volume is found by its tags alone once its cluster is gone, so its claim's name has to tell whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from modules.common.tags import DEPLOYMENT, PURPOSE

#: What the EBS CSI driver writes on every volume it makes, https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
CLAIM_TAG, NAMESPACE_TAG = "kubernetes.io/created-for/pvc/name", "kubernetes.io/created-for/pvc/namespace"
#: KubeSpawner's template of a home's claim. Its default shortens and hashes unusual names, from which no owner can be read.
CLAIM_TEMPLATE = "claim-{escaped_username}--{escaped_servername}"
_CLAIM_PREFIX, _SERVER = "claim-", "--"
#: The claim of the hub's database in the JupyterHub chart.
DATABASE_CLAIM = "hub-db-dir"
#: Those of Vault's members in its chart: data and audit log.
_VAULT_CLAIM = re.compile(r"(data|audit)-vault-\d+")
_ESCAPED = re.compile(rb"-([0-9a-f]{2})")


class Purpose(StrEnum):
    """What such a volume is for; also its storage class's name, and the value of the tag `hubsmith:purpose`."""

    HOME = "homes"
    DATABASE = "hub-db"
    VAULT = "vault-data"


#: Whose they are: put in place before the stack is made, and left behind when it goes.
OF_STACK = {"hub": (Purpose.HOME, Purpose.DATABASE), "vault": (Purpose.VAULT,)}


def storage_class(purpose: Purpose, deployment: str, *, shared_cluster: bool) -> str:
    """The storage class of a purpose. A class belongs to no namespace: on a cluster of somebody else's two hubs may meet."""
    return f"{deployment}-{purpose}" if shared_cluster else str(purpose)


def purpose_of(claim: str) -> Purpose | None:
    """What a claim is for, by its name; None for a claim that is nothing to the env."""
    if claim == DATABASE_CLAIM:
        return Purpose.DATABASE
    if _VAULT_CLAIM.fullmatch(claim):
        return Purpose.VAULT
    return Purpose.HOME if len(claim) > len(_CLAIM_PREFIX) and claim.startswith(_CLAIM_PREFIX) else None


def owner(claim: str) -> str:
    """Whose home a claim is: "ada@lab.org", "ada (server gpu)" for a named server; "" for what is no home.

    Undoes KubeSpawner's escaping: every byte but a-z and 0-9 is written as "-" and two hex digits.
    """
    if purpose_of(claim) is not Purpose.HOME:
        return ""
    user, _, server = claim.removeprefix(_CLAIM_PREFIX).partition(_SERVER)
    return f"{_plain(user)} (server {_plain(server)})" if server else _plain(user)


def purpose_by(tags: Mapping[str, str]) -> Purpose | None:
    """What a volume is for, by its claim's name, or by what its storage class wrote on it: anybody may claim of a class that keeps."""
    written = next((each for each in Purpose if tags.get(PURPOSE) == each), None)
    return purpose_of(tags.get(CLAIM_TAG, "")) or written


def kept_purpose(tags: Mapping[str, str]) -> Purpose | None:
    """What a volume of a claim with these tags is kept for; None for one that may go with its cluster."""
    return purpose_by(tags) if DEPLOYMENT in tags and CLAIM_TAG in tags else None


def _plain(escaped: str) -> str:
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), escaped.encode()).decode(errors="replace")
