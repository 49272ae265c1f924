"""--spawn: a server for a test user starts, runs a cell, can write to its home, and stops."""

from __future__ import annotations

from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS
from modules.ops.verify.scene import Scene

#: A server may take as long as hub.yaml says and is stopped afterwards; this is when verify gives up on either.
SECONDS = 1800.0


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    from modules.ops.verify.cells import check_arithmetic
    from modules.ops.verify.visit import visit

    with visit(scene) as server:
        check_arithmetic(server)
        return f"a server of profile {server.profile} started in {server.seconds:.0f} s, ran a cell and wrote to its home"


SERVER = Check("server", _run, seconds=SECONDS, after=("hub",), patient=False)
