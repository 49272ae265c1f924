"""Vault's API as the verbs use it: read, list, write, delete, and what anybody may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modules.common.errors import HubError
from modules.ops.vault.refusals import asking, not_initialised, sealed

#: Seconds to reach Vault, and for its answer: it asks AWS itself before it answers some calls.
_PATIENCE = (5.0, 30.0)
_MOVED = (301, 302, 307, 308)


@dataclass(frozen=True)
class Seal:
    """What a member says of itself. kind: what opens it, "awskms" here. version: of the server."""

    initialised: bool
    sealed: bool
    kind: str = ""
    version: str = ""


class Vault:
    """One member, or the service of all. Methods raise HubError; none repeats a token or a value.

    what: in each of them, the rest of "could not ...".
    """

    def __init__(self, env: str, url: str, authority: str, *, direct: bool = True) -> None:
        """authority: path of the CA's certificate. direct: past any proxy of the environment."""
        import hvac
        import requests

        session = requests.Session()
        session.verify = authority
        # A proxy would be asked for an address of this machine; ~/.netrc would add credentials.
        session.trust_env = not direct
        self.env, self.url = env, url
        # A standby passes requests on by itself; one that redirects names an address that is none outside the cluster.
        # With None in place of "" hvac takes any token it finds in the environment or in ~/.vault-token.
        self._client: Any = hvac.Client(url, "", session=session, timeout=_PATIENCE, allow_redirects=False)

    def __repr__(self) -> str:
        return f"Vault({self.url})"

    def use(self, token: str) -> None:
        """Send `token` from now on; "" for none."""
        self._client.token = token

    def read(self, path: str, what: str) -> dict[str, Any] | None:
        """The data at `path`; None when there is none."""
        return _data(self._ask(what, lambda: self._client.read(path)))

    def list(self, path: str, what: str) -> tuple[str, ...]:
        """The keys below `path`, sorted."""
        return tuple(sorted((_data(self._ask(what, lambda: self._client.list(path))) or {}).get("keys") or ()))

    def write(self, path: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """Write `body`; the whole answer, {} for none."""
        found = self._ask(what, lambda: self._client.write_data(path, data=body))
        return found if isinstance(found, dict) else {}

    def delete(self, path: str, what: str) -> None:
        """Remove what is at `path`; nothing happens where nothing is."""
        self._ask(what, lambda: self._client.delete(path))

    def seal(self, what: str = "ask Vault whether it is sealed") -> Seal:
        """What the member says of itself, which needs no token."""
        found = self._ask(what, lambda: self._client.seal_status)
        return Seal(bool(found["initialized"]), bool(found["sealed"]), str(found.get("type", "")), str(found.get("version", "")))

    def leads(self) -> bool:
        """Whether this member is the active one; needs no token."""
        found = self._ask("ask Vault who leads", lambda: self._client.sys.read_leader_status())
        return bool(found.get("is_self")) or not found.get("ha_enabled", True)

    def check_open(self, what: str) -> None:
        """Raises HubError unless Vault is initialised and unsealed."""
        found = self.seal(what)
        if not found.initialised:
            raise not_initialised(self.env, what)
        if found.sealed:
            raise sealed(self.env, what)

    def _ask(self, what: str, call: Callable[[], Any]) -> Any:
        with asking(self.env, what):
            answer = call()
        if getattr(answer, "status_code", None) in _MOVED:
            fix = "run the same command again: members choose a leader within seconds. With --address, name the leader's"
            raise HubError(f"could not {what}: this member is a standby and knows no leader to pass it on to", fix=fix)
        return answer


def _data(answer: Any) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (answer.get("data") or {}) if isinstance(answer, dict) else None
    return found
