"""A notebook that uses the cluster: a process of its own, as Ray allows one connection a process."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import textwrap
from typing import Any

from tests.hub.support import installs
from tests.ray.support.cluster import Ray

_SECONDS = 240
#: The head starts a process a client; on a busy machine the first one has been seen to end at once. A person runs the cell again.
_TRIES, _NO_SERVER = 3, "Starting Ray client server failed"
_MARK = "result: "


class Refused(Exception):
    """What the notebook's code ended with: the last lines it said."""


def run(ray: Ray, code: str, *, token: str | None, before: str = "") -> Any:
    """What `code` leaves in `result`, by JSON, after a `ray.init` without an address; `before` runs before that.

    The variables are those of a server of the hub (modules.k8s.ray.notebooks), with this machine's address.
    token: None for a notebook that knows of none. Raises Refused when the code ends with an error.
    """
    lines = ["import json, ray", before, "ray.init(log_to_driver=False)", code, f"print({_MARK!r} + json.dumps(result))"]
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token} if token is not None else {"RAY_AUTH_MODE": "disabled"}
    with tempfile.TemporaryDirectory() as home:
        given = {"RAY_ADDRESS": ray.address, "RAY_USAGE_STATS_ENABLED": "0", **own}
        environment = {"PATH": os.environ["PATH"], "HOME": home, **given}
        script = "\n".join(textwrap.dedent(each) for each in lines)
        for _ in range(_TRIES):
            done = subprocess.run(
                [str(installs.ray()), "-c", script],
                env=environment,
                cwd=home,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
            if _NO_SERVER not in done.stderr:
                break
    if done.returncode:
        raise Refused("\n".join([*done.stderr.strip().splitlines()[-80:], *(ray.server_errors() if _NO_SERVER in done.stderr else ())]))
    (found,) = [line.removeprefix(_MARK) for line in done.stdout.splitlines() if line.startswith(_MARK)]
    return json.loads(found)
