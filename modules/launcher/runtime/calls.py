"""Calls of the Kubernetes API: objects in and out as JSON, each failure an error of ours.

Answers stay JSON: the client's own classes cost a second for 2,000 pods, and refuse what a newer cluster says.
"""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import quote, urlencode

from kubernetes.client import ApiClient, ApiException
from urllib3.exceptions import HTTPError

from modules.launcher.errors import Conflict, Invalid, NotFound, Unavailable
from modules.launcher.runtime.refusals import refusal

Thing = dict[str, Any]
#: Seconds to reach the API, and to wait for its answer.
_PATIENCE = (5.0, 30.0)
_ERRORS_FROM = 400
#: https://kubernetes.io/docs/reference/generated/kubernetes-api: how an object of each kind is addressed.
_ROOTS = {"deployments": "/apis/apps/v1", "services": "/api/v1", "pods": "/api/v1", "secrets": "/api/v1", "nodes": "/api/v1"}


class Calls:
    """One cluster. Every method raises errors.LauncherError."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def find(self, kind: str, namespace: str = "", selector: str = "", limit: int = 0) -> list[Thing]:
        """All objects of a kind in a namespace ("" for those that live in none), in one call. limit: 0 for all."""
        query = {key: value for key, value in (("labelSelector", selector), ("limit", limit)) if value}
        try:
            answer = self._json("GET", _path(kind, namespace), f"list {kind}", query)
        except (Conflict, Invalid, NotFound) as error:
            # These speak of a process; no caller's mistake makes a list fail so.
            raise Unavailable(error.details, retry_after=5) from error
        found = answer.get("items")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def create(self, kind: str, namespace: str, body: Thing) -> Thing:
        """Make an object; it as Kubernetes has it."""
        name = body["metadata"]["name"]
        return self._json("POST", _path(kind, namespace), f'make {kind[:-1]} "{name}"', body=body)

    def delete(self, kind: str, namespace: str, thing: Thing) -> None:
        """Remove this very object and what it owns. Not an error when it is gone, or another has its name by now."""
        name, uid = str(thing["metadata"]["name"]), thing["metadata"].get("uid")
        body: Thing = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            self._ask("DELETE", _path(kind, namespace, name), f'remove {kind[:-1]} "{name}"', {}, body, passing=(409,) if uid else ())
        except NotFound:
            return

    def logs(self, namespace: str, pod: str, query: dict[str, Any]) -> str:
        """The output of a pod's container; bytes that are no text are replaced."""
        return self._ask("GET", _path("pods", namespace, pod) + "/log", f'read the log of pod "{pod}"', query).decode("utf-8", "replace")

    def _json(self, method: str, path: str, doing: str, query: Thing | None = None, body: Thing | None = None) -> Thing:
        text = self._ask(method, path, doing, query or {}, body)
        try:
            found = json.loads(text)
        except ValueError as error:
            raise Unavailable(f"Kubernetes could not {doing}: its answer is no JSON", unsure=True) from error
        return cast("Thing", found) if isinstance(found, dict) else {}

    def _ask(self, method: str, path: str, doing: str, query: Thing, body: Thing | None = None, *, passing: tuple[int, ...] = ()) -> bytes:
        headers = {"Accept": "application/json, text/plain", "Content-Type": "application/json"}
        where = f"{path}?{urlencode(query)}" if query else path
        try:
            request = self._api.param_serialize(method, where, header_params=headers, body=body, auth_settings=["BearerToken"])
            answer: Any = self._api.call_api(*request, _request_timeout=_PATIENCE)
            status, content = int(answer.status), bytes(answer.read() or b"")
        except (HTTPError, ApiException, OSError) as error:
            # The text of these names the address and sometimes the headers; its kind says enough to a caller.
            raise Unavailable(
                f"could not {doing}: no answer from Kubernetes ({type(error).__name__})", retry_after=5, unsure=True
            ) from error
        if status >= _ERRORS_FROM and status not in passing:
            raise refusal(status, content, answer.headers, doing)
        return content


def _path(kind: str, namespace: str, name: str = "") -> str:
    within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{_ROOTS[kind]}{within}/{kind}" + (f"/{quote(name, safe='')}" if name else "")
