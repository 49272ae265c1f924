"""What a stand-in provider asks of the cluster behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

#: A resource as Terraform sees it: attributes and blocks (list blocks are lists), snake_case; wire.UNKNOWN where not known yet.
Values = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """One thing to tell the operator. attribute: the path it is about, names and list indexes."""

    summary: str
    detail: str = ""
    warning: bool = False
    attribute: tuple[str | int, ...] = ()


class Refused(Exception):
    """The cluster says no; nothing has changed."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(each.summary for each in problems))
        self.problems = problems


class Backend(Protocol):
    """The cluster as one launch of a provider sees it. Every method may raise Refused.

    kind: a resource type ("kubernetes_secret_v1"). A write-only attribute has its value in `config` alone.
    """

    def configure(self, provider: str, config: Values) -> Sequence[Problem]:
        """Take the provider block of "kubernetes" or "helm"; its values may be UNKNOWN during a plan."""

    def validate(self, kind: str, config: Values) -> Sequence[Problem]:
        """What is wrong with a configuration, before anything is asked of a cluster."""

    def plan(self, kind: str, prior: Values | None, config: Values) -> Sequence[Problem]:
        """What the cluster says to a coming change. prior: None for what is new."""

    def create(self, kind: str, planned: Values, config: Values) -> tuple[Values, Sequence[Problem]]:
        """Make it. Gives the new state, UNKNOWN replaced where the cluster knows better, and warnings."""

    def update(self, kind: str, prior: Values, planned: Values, config: Values) -> tuple[Values, Sequence[Problem]]:
        """Change it in place. Gives the new state, and warnings."""

    def delete(self, kind: str, prior: Values) -> None:
        """Remove it; what is gone already is no error."""

    def read(self, kind: str, state: Values) -> Values | None:
        """The state as the cluster has it now; None when it is gone."""

    def find(self, kind: str, import_id: str) -> Values | None:
        """The state of something that Terraform has not made; None when there is no such thing."""
