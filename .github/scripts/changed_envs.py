"""Which envs a pull request touches, for the jobs of diff.yml: paths in, step outputs out.

    git diff --name-only -z HEAD^1 HEAD | changed_envs.py --account "dandi linc" >> "$GITHUB_OUTPUT"

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

#: What every env is built from.
_SHARED = ("envs/shared/", "helm/", "modules/")
_SHARED_FILES = frozenset({"cdktf.json", "hub", "main.py", "requirements.txt"})
#: A folder of another name is no env of ours, and may be anything that a shell or GitHub would act on.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


def known_envs(root: Path) -> tuple[str, ...]:
    """The envs of the checkout `root`."""
    return tuple(sorted(found.parent.name for found in (root / "envs").glob("*/hub.yaml") if _NAME.fullmatch(found.parent.name)))


def touched(paths: Iterable[str], envs: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(envs that the paths touch, envs whose hub.yaml they took away)."""
    changed = set(paths)
    if any(path.startswith(_SHARED) or path in _SHARED_FILES for path in changed):
        hit = set(envs)
    else:
        hit = {path.split("/")[1] for path in changed if path.startswith("envs/") and path.count("/") >= 2} & set(envs)
    gone = {match[1] for path in changed if (match := re.fullmatch(rf"envs/({_NAME.pattern})/hub\.yaml", path))} - set(envs)
    return tuple(sorted(hit)), tuple(sorted(gone))


def outputs(hit: Sequence[str], gone: Sequence[str], with_account: Sequence[str]) -> str:
    """Lines for $GITHUB_OUTPUT. `account` and `offline` are lists for a matrix, `envs` and `removed` are words."""
    account = [env for env in hit if env in with_account or "all" in with_account]
    offline = [env for env in hit if env not in account]
    rows = {"account": json.dumps(account), "offline": json.dumps(offline), "envs": " ".join(hit), "removed": " ".join(gone)}
    return "".join(f"{name}={value}\n" for name, value in rows.items())


def main() -> int:
    """Read paths, each ended by a zero byte, from standard input."""
    parser = argparse.ArgumentParser(description="Which envs a list of changed paths touches.")
    parser.add_argument("--account", default="", help="envs to plan with credentials, separated by spaces; `all` for every one")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the checkout; default: the working directory")
    options = parser.parse_args()
    paths = [path for path in sys.stdin.buffer.read().decode("utf-8", "replace").split("\0") if path]
    hit, gone = touched(paths, known_envs(options.root))
    sys.stdout.write(outputs(hit, gone, options.account.split()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
