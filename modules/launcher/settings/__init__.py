"""The launcher's settings file: Hydroplane's YAML, and what Hydroplane could not say."""

from __future__ import annotations

from modules.launcher.settings.load import load, parse
from modules.launcher.settings.models import Settings

__all__ = ["Settings", "load", "parse"]
