"""`python tests/faults/quick.py <arguments>`: ./hub in the current checkout, with retries that do not wait and are one, not three."""

from __future__ import annotations

import sys

from modules.ops import retry
from modules.ops.cli import main
from modules.ops.failures.terraform import TRANSIENT

TRANSIENT.update(dict.fromkeys(TRANSIENT, 0.1))
retry.RETRIES = 1
sys.exit(main(sys.argv[1:]))
