"""Who calls the launcher: holders of tokens, users of a JupyterHub, or, on a machine of one's own, anybody."""

from __future__ import annotations

from modules.launcher.auth.choose import make_authenticator

__all__ = ["make_authenticator"]
