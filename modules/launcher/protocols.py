"""What the parts of the launcher know of each other; each part is written and tested alone against this file.

server.py calls, in this order, and gives up with one sentence on the HubError of any of them:

    settings = modules.launcher.settings.load(path)                           -> Settings (below)
    store    = modules.launcher.store.open_store(settings.secret_store)       -> Store
    api      = modules.launcher.aws.connect(settings.runtime, store)          -> kubernetes.client.ApiClient
    who      = modules.launcher.auth.make_authenticator(settings.auth, store, host=bind, is_open=flag) -> Authenticator
    runtime  = modules.launcher.runtime.eks.EksRuntime(api, GuardedStore(store, settings.own_secrets), settings.rules)
    app      = modules.launcher.api.make_app(runtime, who, settings.rules)

`connect` asks AWS and the cluster once, so that bad credentials are known before anything is served; the ApiClient it
returns renews its own token (`refresh_api_key_hook`, which may raise errors.Unavailable) and is used by many threads at
once: make it with `Configuration(retries=False, connection_pool_maxsize=rules.calls_at_once)`. With any other `retries`
urllib3 sleeps through a Retry-After in our thread, and turns the answer's status into an error without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

#: What a caller may hold: look at processes and their logs; start and stop them.
READ: Final = "processes:read"
WRITE: Final = "processes:write"
ALL_SCOPES = frozenset({READ, WRITE})


@dataclass(frozen=True)
class Principal:
    """Who calls. name: the hub user or the token's name; becomes the owner of what is started. admin: may touch everybody's."""

    name: str
    admin: bool = False
    scopes: frozenset[str] = ALL_SCOPES


class Authenticator(Protocol):
    """Tells who calls. May block (it runs in a thread) and is called by many threads at once."""

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """The caller. headers: names in lower case. Raises errors.Unauthorized (no or unknown token), errors.Unavailable (hub down)."""
        ...


class Store(Protocol):
    """Where secrets lie that a process is given by name."""

    def get(self, name: str, key: str | None = None) -> str:
        """The secret, or one key of a secret that is a JSON object. Raises KeyError (no such secret), ValueError (no such key)."""
        ...


@dataclass(frozen=True)
class Pool:
    """Where processes are placed: labels a node must have, and the taints (Kubernetes tolerations) they bear."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Rules:
    """What this server allows. The first namespace and the first service account are used where a caller names none."""

    namespaces: tuple[str, ...] = ("default",)
    service_accounts: tuple[str, ...] = ("default",)
    public_allowed: bool = False
    """Whether has_public_ip may be true (a NodePort)."""
    quota: int | None = None
    """Processes one owner may have at a time; None: as many as they like. Does not bind admins."""
    max_age: timedelta | None = None
    """Age at which every process is stopped; None: never. A process may ask for less (ttl_minutes), not for more."""
    culling_interval: timedelta = timedelta(minutes=1)
    pool: Pool = field(default_factory=Pool)
    public_pool: Pool | None = None
    """Where processes with a public address go; None: as the others."""
    run_as_non_root: bool = False
    """True refuses images that run as root, and makes their file system read-only."""
    calls_at_once: int = 40
    """Threads that may wait for Kubernetes at a time; further calls queue, and past as many again are refused with 503."""


class Settings(Protocol):
    """The settings file, read. runtime, secret_store and auth are for modules.launcher.{aws,store,auth} alone."""

    @property
    def runtime(self) -> Any: ...
    @property
    def secret_store(self) -> Any: ...
    @property
    def auth(self) -> Any: ...
    @property
    def own_secrets(self) -> frozenset[str]: ...
    @property
    def rules(self) -> Rules: ...
