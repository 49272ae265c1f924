"""How the launcher proves to AWS and to the cluster who it is, and goes on proving it."""

from __future__ import annotations

from modules.launcher.aws.connect import connect

__all__ = ["connect"]
