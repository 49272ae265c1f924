"""What the hub's configuration and ./hub verify agree on: the service that may start servers of one test user."""

from __future__ import annotations

#: The service's name, and that of the user whose servers it may start: no GitHub name has a full stop, and the hub lets nobody
#: log in under it (modules/hub/courtesy.py).
SERVICE = "hubsmith-verify"
USER = "hubsmith.verify"
#: What it may do, all of it to that one user alone: make the user, start, see, reach and stop the user's server.
SCOPES = tuple(f"{scope}!user={USER}" for scope in ("admin:users", "servers", "read:users", "access:servers"))
#: The role, as JupyterHub's load_roles takes it.
ROLE = {"name": SERVICE, "scopes": list(SCOPES), "services": [SERVICE]}
