"""`python -m modules.ops`: the command line."""

from __future__ import annotations

import sys

from modules.ops.cli import main

sys.exit(main(sys.argv[1:]))
