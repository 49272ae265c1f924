"""What a head itself tells: its version of Ray, and who runs something on it. By its dashboard's API, which wants the token."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modules.common.errors import HubError

#: https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html
_VERSION, _JOBS = "/api/version", "/api/jobs/"
_SECONDS = 20.0
_AGAIN = "kubectl logs of the head's pod says more; run the same command again"


@dataclass(frozen=True)
class Head:
    """One head that runs. dial: gives a new connection to its dashboard's port, or raises HubError."""

    name: str
    dial: Callable[[], socket.socket]
    token: str = field(repr=False)

    def version(self) -> str:
        """Ray's version there, such as 2.60.0. Raises HubError when the head does not answer."""
        return str(self._ask(_VERSION)["ray_version"])

    def running(self) -> tuple[str, ...]:
        """What runs or waits there: ids of submitted jobs and of drivers, such as a notebook that is connected. Raises HubError."""
        jobs = [job for job in self._ask(_JOBS) if job.get("status") in ("RUNNING", "PENDING")]
        return tuple(sorted(str(job.get("submission_id") or job.get("job_id")) for job in jobs))

    def _ask(self, path: str) -> Any:
        what = f"the head of {self.name} does not tell {path}"
        try:
            status, text = self._get(path)
            if status == http.client.OK:
                return json.loads(text)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise HubError(f"{what}: {type(error).__name__}", fix=_AGAIN) from error
        if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            raise HubError(f"{what}: it does not take this cluster's token", fix="restart its pods: they have an older token")
        raise HubError(f"{what}: it answered {status}", fix=_AGAIN)

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("ray-head", timeout=_SECONDS)
        # Not dialled by name: the connection may be a port-forward.
        connection.sock = self.dial()
        connection.sock.settimeout(_SECONDS)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
