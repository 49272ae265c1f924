"""The server's API, as calls; what it refuses becomes one sentence."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import quote

import httpx

from modules.common.errors import HubError
from modules.launcher.hpctl.refusals import refusal

#: Seconds. Starting is several calls of the server to Kubernetes, each of which may be repeated.
_CONNECT, _ANSWER = 10.0, 60.0


class Client:
    """One server. address: without a slash at its end. token: "" for none."""

    def __init__(self, address: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._address = address
        # Plain HTTP needs no authorities, and reading them takes longer than a call: this context trusts nobody at all.
        verify = True if address.lower().startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # Redirects are not followed: they would carry the token to wherever they point.
        self._http = httpx.Client(headers=headers, timeout=httpx.Timeout(_ANSWER, connect=_CONNECT), verify=verify)

    def close(self) -> None:
        """Give its connections back."""
        self._http.close()

    def start(self, spec: dict[str, Any]) -> None:
        """Start a process. Raises HubError."""
        self._ask("POST", "/process", json=spec)

    def stop(self, name: str) -> None:
        """Stop a process. Raises HubError, also when there is none of this name."""
        self._ask("DELETE", f"/process/{quote(name, safe='')}")

    def stop_group(self, group: str) -> None:
        """Stop whatever is of this group, if anything. Raises HubError."""
        self._ask("DELETE", f"/group/{quote(group, safe='')}")

    def processes(self, group: str | None = None) -> list[dict[str, Any]]:
        """All processes, or those of a group, as the server shows them. Raises HubError."""
        answer = self._ask("GET", "/process" if group is None else f"/group/{quote(group, safe='')}")
        found = _json(answer)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise HubError(f"{self._address} did not answer with a list of processes", fix="is this the launcher's address?")
        return found

    def process(self, name: str) -> dict[str, Any]:
        """One process. Raises HubError when there is none of this name."""
        for each in self.processes():
            if each.get("process_name") == name:
                return each
        raise HubError(f'there is no process "{name}"', fix="hpctl list")

    def logs(self, name: str, tail: int | None = None, *, previous: bool = False) -> str:
        """The last lines a process wrote. previous: before its last restart. Raises HubError."""
        query: dict[str, str | int] = {} if tail is None else {"tail": tail}
        if previous:
            query["previous"] = "true"
        return self._ask("GET", f"/process/{quote(name, safe='')}/logs", params=query).text

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, f"{self._address}{path}", **more)
        except httpx.TimeoutException as error:
            raise HubError(f"{self._address} did not answer in time", fix="try again; is the address right?") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HubError(
                f"cannot reach {self._address}: {error or 'it hung up'}", fix="is the server running, and --server right?"
            ) from error
        if not answer.is_success:
            raise refusal(answer.status_code, answer.headers, _json(answer), self._address)
        return answer


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
