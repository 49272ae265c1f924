"""Whether somebody has the time: HUB_LONG=1 adds an hour and more to a run (README, "Working on it")."""

from __future__ import annotations

import os

LONG = os.environ.get("HUB_LONG") == "1"
