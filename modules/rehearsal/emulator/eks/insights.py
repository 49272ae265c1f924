"""Upgrade insights: none, because they are read from an audit log, and nobody writes one here."""

from __future__ import annotations

from modules.rehearsal.emulator.answers import Call, Document
from modules.rehearsal.emulator.eks.state import answers, cluster_of, listed


@answers("ListInsights")
def list_insights(call: Call) -> Document:
    """No insight of a cluster that exists."""
    cluster_of(call, "clusterName")
    return listed(call, "insights", [])
