"""What becomes of the logs of pods."""

from __future__ import annotations

from modules.config._base import Model
from modules.config.network import RetentionDays


class PodLogs(Model):
    """Logs of all pods, shipped from every node to CloudWatch."""

    enabled: bool = True
    """Off only where something else in the cluster already ships them."""
    retention_days: RetentionDays = 30
    """How long CloudWatch keeps them."""
