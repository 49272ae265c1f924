"""Services of the hub that users' servers call: the Dask gateway and the launcher, each with its token, its address and who is let in."""

from __future__ import annotations

from typing import Any

from .settings import GATEWAY_TOKEN, LAUNCHER_TOKEN, Secrets, Settings

#: The part of the settings that each is in: its name in the hub, and the variable with its token.
_SERVICES = {"dask": ("dask-gateway", GATEWAY_TOKEN), "launcher": ("launcher", LAUNCHER_TOKEN)}
#: JupyterHub's own scopes of the roles that everybody and every server has; a role that is named again is replaced whole.
_OWN = {"user": ["self"], "server": ["users:activity!user", "access:servers!server"]}


def configure(c: Any, settings: Settings, secrets: Secrets) -> None:
    """Add the services that the settings name, and let users and their servers in to them. Raises SettingsError.

    A server that ran before keeps a token without the scopes until it is started again.
    """
    scopes = []
    for part, (service, token) in _SERVICES.items():
        if settings.values.get(part):
            url = settings.part(part).text("url")
            # Not shown among the hub's services: it has no page for people.
            c.JupyterHub.services.append({"name": service, "url": url, "api_token": secrets.text(token), "display": False})
            # https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html
            scopes.append(f"access:services!service={service}")
    if scopes:
        c.JupyterHub.load_roles.extend({"name": role, "scopes": [*own, *scopes]} for role, own in _OWN.items())
