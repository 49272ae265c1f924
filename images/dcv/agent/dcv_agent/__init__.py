"""The agent of a DCV desktop: makes its session, publishes its display, says whether it is ready."""

from __future__ import annotations

VERSION = "1.0.0"
