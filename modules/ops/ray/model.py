"""What is known of one Ray cluster."""

from __future__ import annotations

from dataclasses import dataclass

from modules.ops.cluster_api import Replicas


@dataclass(frozen=True)
class Seen:
    """One cluster as Kubernetes has it. pods: all that are left of it, also those that end.

    image: of the head. ray: the version of Ray that the chart's labels or spec name; "" when they name none.
    """

    head: Replicas
    workers: Replicas
    pods: int
    image: str = ""
    ray: str = ""
    troubles: tuple[str, ...] = ()
    """Sentences about pods that do not start."""

    @property
    def is_asked_for(self) -> bool:
        """Whether the cluster is to run."""
        return self.head.wanted > 0

    @property
    def is_up(self) -> bool:
        """Whether all of it is ready."""
        return self.is_asked_for and self.head.ready >= self.head.wanted and self.workers.ready >= self.workers.wanted

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it runs any more."""
        return not self.is_asked_for and not self.pods and not self.head.ready and not self.workers.ready

    @property
    def word(self) -> str:
        """One word for a table."""
        if self.is_asked_for:
            return "up" if self.is_up else "starting"
        return "down" if self.is_gone else "stopping"
