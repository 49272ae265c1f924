"""python -m modules.launcher.auth.new_token NAME: a token for somebody, and the lines for the settings that know only its hash."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence

from modules.launcher.auth.bearer import digest


def main(argv: Sequence[str] | None = None) -> int:
    """The token alone on standard output, to be piped away; what goes into the settings on standard error."""
    names = sys.argv[1:] if argv is None else list(argv)
    if len(names) != 1 or names[0].startswith("-"):
        sys.stderr.write("usage: python -m modules.launcher.auth.new_token NAME > TOKEN_FILE\n")
        return 2
    token = secrets.token_hex(32)
    sys.stdout.write(token + "\n")
    sys.stderr.write(f"auth:\n  tokens:\n    - name: {names[0]}\n      sha256: {digest(token).hex()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
