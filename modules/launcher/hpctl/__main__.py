"""`python -m modules.launcher.hpctl`, the same as `hpctl`."""

from __future__ import annotations

import sys

from modules.launcher.hpctl.cli import main

if __name__ == "__main__":
    sys.exit(main())
