"""--dask: in a test user's server, a Dask cluster of two workers computes."""

from __future__ import annotations

from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS
from modules.ops.verify.checks.server import SECONDS
from modules.ops.verify.scene import Scene


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    from modules.ops.verify.cells import check_arithmetic, check_dask
    from modules.ops.verify.visit import visit

    with visit(scene) as server:
        check_arithmetic(server)
        took = check_dask(server)
        return f"a server of profile {server.profile} ran a cell; two Dask workers were there after {took:.0f} s and computed"


DASK = Check("dask", _run, seconds=2 * SECONDS, after=("hub", "gateway"), patient=False)
