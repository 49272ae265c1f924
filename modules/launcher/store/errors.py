"""What a secret store refuses, each with the exit code that local-secret-store promises."""

from __future__ import annotations

from modules.common.errors import HubError
from modules.launcher.errors import Unavailable

WRONG_PASSWORD = 3
NO_SECRET = 4
HAS_SECRET = 5


class SecretMissing(HubError, KeyError):
    """There is no secret of this name. Also a KeyError: that is what every store promises its readers."""

    def __init__(self, what: str, *, fix: str = "") -> None:
        super().__init__(what, fix=fix, exit_code=NO_SECRET)


class SecretExists(HubError, KeyError):
    """There is a secret of this name already."""

    def __init__(self, what: str, *, fix: str = "") -> None:
        super().__init__(what, fix=fix, exit_code=HAS_SECRET)


class SecretRefused(HubError, ValueError):
    """The store or the secret is there and cannot be used as asked."""

    def __init__(self, what: str, *, fix: str = "", exit_code: int = 1) -> None:
        super().__init__(what, fix=fix, exit_code=exit_code)


class WrongPassword(SecretRefused):
    """The password does not open the store."""

    def __init__(self, location: object) -> None:
        super().__init__(
            f"this password does not open the secret store at {location}",
            fix="give the password that local-secret-store init was given",
            exit_code=WRONG_PASSWORD,
        )


class StoreUnavailable(HubError, Unavailable):
    """The store may hold the secret but does not answer now. A sentence at start-up, 503 to whoever calls later."""
