"""`python -m modules.ops`: the command line."""

from __future__ import annotations

import sys

try:
    from modules.ops.cli import main
except KeyboardInterrupt:
    # Before there is anybody to say so: nothing has begun.
    sys.exit(130)

sys.exit(main(sys.argv[1:]))
