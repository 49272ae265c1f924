"""Runs every check at once; the order of the answers is that of the list."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from modules.common.errors import HubError
from modules.ops.preflight.callback import CALLBACK
from modules.ops.preflight.certificate import CERTIFICATE
from modules.ops.preflight.check import Check, Context, Result
from modules.ops.preflight.identity import IDENTITY
from modules.ops.preflight.instance_types import INSTANCE_TYPES
from modules.ops.preflight.names import NAMES
from modules.ops.preflight.permissions import PERMISSIONS
from modules.ops.preflight.quotas import QUOTA_ROOM
from modules.ops.preflight.secrets import SECRETS
from modules.ops.preflight.spot_role import SPOT_ROLE
from modules.ops.preflight.versions import VERSIONS
from modules.ops.preflight.zone import ZONE

#: A check more is a file more, and a name here.
CHECKS: tuple[Check, ...] = (
    VERSIONS,
    IDENTITY,
    PERMISSIONS,
    SPOT_ROLE,
    INSTANCE_TYPES,
    QUOTA_ROOM,
    ZONE,
    CERTIFICATE,
    SECRETS,
    NAMES,
    CALLBACK,
)


def run_checks(context: Context, checks: Sequence[Check] = CHECKS) -> tuple[Result, ...]:
    """One Result a check. A check that AWS does not let look is `unchecked`; a defect of ours keeps its traceback."""
    with ThreadPoolExecutor(max_workers=max(len(checks), 1)) as pool:
        return tuple(pool.map(lambda check: _run(check, context), checks))


def _run(check: Check, context: Context) -> Result:
    started = time.monotonic()
    try:
        answer = check.run(context)
    except HubError as error:
        return Result(check.name, "not checked", unchecked=str(error), seconds=time.monotonic() - started)
    return Result(check.name, answer.said, tuple(answer.findings), answer.unchecked, time.monotonic() - started)
