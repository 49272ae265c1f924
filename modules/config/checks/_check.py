"""The shape of a check, and the decorator that makes one of a generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from modules.config.models import HubConfig
from modules.config.place import Place, places
from modules.config.problems import Path

#: Where, and what with its fix.
Finding = tuple[Path, str]
Run = Callable[[HubConfig, date], Iterator[Finding]]
#: Namespaces that EKS and Kubernetes keep for themselves.
SYSTEM_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


@dataclass(frozen=True)
class Check:
    """One rule and the sections it reads."""

    reads: frozenset[str]
    run: Run


def reads(*sections: str) -> Callable[[Run], Check]:
    """Make a Check of a generator that reads these top-level sections."""
    return lambda run: Check(frozenset(sections), run)


__all__ = ["SYSTEM_NAMESPACES", "Check", "Finding", "Place", "Run", "places", "reads"]
