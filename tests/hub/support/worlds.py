"""The world around one env's hub: its login service and archives on loopback, and canaries for secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.k8s.jupyterhub.refs import SECRET_KEYS, HubRefs
from modules.k8s.jupyterhub.values import hub_values
from tests.hub.support import logins
from tests.hub.support.archive import Archive
from tests.hub.support.hub import Ports, RunningHub, free_ports

ROOT = Path(__file__).resolve().parents[3]

#: The ten seconds that an archive is given would be most of a test's time.
_IMPATIENCE = "import hubsmith_hub.dandi; hubsmith_hub.dandi.TIMEOUT = 1.0"
_GITHUB_USERS = ("satra", "ada", "grace", "dandi-user", "dandi-user-2", "dandi-user-3", "ember-user", "stranger")
#: Values that must turn up nowhere but in the hub's environment.
CANARIES = {
    "client-secret": "canary-client-secret-5f1c",
    "dandi-token": "canary-dandi-token-77ab",
    "cookie-secret": "c0ffee00" * 8,
    "crypt-key": "deadbea7" * 8,
    "gateway-token": "ca9a4711" * 8,
    "launcher-token": "ca9a4712" * 8,
}


@dataclass
class World:
    """One hub and what it talks to. archives: by the address the env file names."""

    config: HubConfig
    hub: RunningHub
    login: logins.LoginService
    archives: dict[str, Archive] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.hub.url

    def close(self) -> None:
        self.hub.stop()
        for site in (self.login, *self.archives.values()):
            site.close()


#: Gives the running world of an env: (env, **culling).
Start = Callable[..., World]


def build(
    env: str,
    versions: str,
    folder: Path,
    *,
    without: str = "",
    root: Path = ROOT,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
    **culling: int,
) -> World:
    """The hub of `env` as its release would be, started but not waited for.

    culling: keys of the chart's `cull` to change. without: a key that the Secret has no value for. root: where envs/ is.
    elsewhere: where services beside the hub are, by the address the values write.
    """
    config = load_env(root, env)
    ports = free_ports()
    login, renamed = _login(config, ports)
    archives = _archives(config)
    values = hub_values(config, _refs(config))
    values["cull"] |= culling
    values["hub"]["extraConfig"]["99-test"] = _IMPATIENCE
    renamed |= {f"https://{config.domain}": ports.url, **{server: site.url for server, site in archives.items()}, **elsewhere}
    renamed |= inside("proxy-public", config.hub.namespace, {80: ports.public}) | {"//proxy-public/": f"//127.0.0.1:{ports.public}/"}
    tokens = dict.fromkeys([*archives][:1], CANARIES["dandi-token"])
    secrets = {**CANARIES, "dandi-tokens": json.dumps(moved(tokens, renamed))}
    if without:
        secrets[without] = ""
    environment = {"GITHUB_URL": login.url} if isinstance(login, logins.GitHub) else {}
    return World(config, RunningHub(folder, ports, versions, moved(values, renamed), secrets, **environment), login, archives)


def _refs(config: HubConfig) -> HubRefs:
    """What Terraform would fill in."""
    return HubRefs(
        secret_keys=tuple(SECRET_KEYS.values()),
        secret_revision="r1",
        code_digest="d1",
        client_id=_client(config),
        cognito_domain_url="https://pool.auth.example" if config.cognito else None,
    )


def _client(config: HubConfig) -> str:
    return str(getattr(config.auth, "client_id", "")) or "pool-client"


def inside(name: str, namespace: str, ports: dict[int, int]) -> dict[str, str]:
    """Where a Service of the cluster is now, by each way to write its name. ports: the loopback port by the Service's; 80 may go unsaid."""
    names = [f"{name}.{namespace}{end}" for end in ("", ".svc", ".svc.cluster.local")]
    found = {f"{each}:{port}": f"127.0.0.1:{here}" for each in names for port, here in ports.items()}
    return found | {each: f"127.0.0.1:{ports[80]}" for each in names if 80 in ports}


def moved(value: Any, addresses: Mapping[str, str]) -> Any:
    """`value` with every real address replaced by the loopback one, longer ones first: they may begin with a shorter one."""
    text = json.dumps(value)
    for real in sorted(addresses, key=len, reverse=True):
        text = text.replace(real, addresses[real])
    return json.loads(text)


def _login(config: HubConfig, ports: Ports) -> tuple[logins.LoginService, dict[str, str]]:
    """The service that the env logs in with, and where its address is now."""
    client, secret = _client(config), CANARIES["client-secret"]
    callback, back = f"{ports.url}/hub/oauth_callback", f"{ports.url}/hub/login"
    site: logins.LoginService
    match config.auth.kind:
        case "github" | "dummy":
            people: dict[str, dict[str, Any]] = {
                name: {} for name in ("satra", "ada", "grace", "dandi-user", "dandi-user-2", "dandi-user-3", "ember-user", "stranger")
            }
            site, real = logins.GitHub(client, secret, people, {"brain-bican:kbhub-users": {"grace"}}), {}
        case "cognito":
            site = logins.Cognito(client, secret, _pool())
            real = {"https://pool.auth.example": site.url}
        case "auth0":
            people = {"second@example-daft.org": {"email_verified": True}, "third@example-daft.org": {"email_verified": False}}
            # Auth0 gives addresses as the connection wrote them.
            people |= {"stranger@example-daft.org": {"email_verified": True}, "First@Example-Daft.ORG": {"email_verified": True}}
            # Claims an admin's address that nobody confirmed, and tells no address at all.
            people |= {"impostor": {"email": "second@example-daft.org", "email_verified": False}, "nameless": {"email": None}}
            site = logins.Auth0(client, secret, {name: {"email": name, **user} for name, user in people.items()})
            real = {f"https://{config.auth.domain}": site.url}
        case _:
            people = {"addf-admin": {"groups": []}, "driver": {"groups": ["simulation"]}, "visitor": {"groups": ["guests"]}}
            provider = logins.Provider(client, secret, {name: {"preferred_username": name, **user} for name, user in people.items()})
            site, real = provider, {getattr(config.auth, "issuer", ""): provider.issuer}
    site.callback, site.back_url = callback, back
    return site, real


def _pool() -> dict[str, dict[str, Any]]:
    """Members of a user pool."""
    members: dict[str, dict[str, Any]] = {
        "helio-admin@example-helio.org": {},
        "plain@example-helio.org": {},
        "gpu@example-helio.org": {"cognito:groups": ["gpu-users"]},
        # Changed the address to the admin's, and could not confirm it.
        "changed": {"email": "helio-admin@example-helio.org", "email_verified": False},
    }
    return {name: {"email": name, "email_verified": True, **claims} for name, claims in members.items()}


def _archives(config: HubConfig) -> dict[str, Archive]:
    servers = config.auth.allow.dandi_registered if config.auth.kind == "github" else ()
    users = [{"dandi-user", "dandi-user-2", "dandi-user-3", "stranger-twin"}, {"ember-user"}]
    tokens = [CANARIES["dandi-token"], None]
    return {server: Archive(names, token) for server, names, token in zip(servers, users, tokens, strict=False)}
