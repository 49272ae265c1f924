"""Every refusal that a caller of the launcher may get, each with its HTTP status."""

from __future__ import annotations


class LauncherError(Exception):
    """A refusal: becomes `{"error": status, "details": details}`. details: whole sentences, never a secret."""

    status = 503

    def __init__(self, details: str, *, retry_after: int | None = None, unsure: bool = False) -> None:
        super().__init__(details)
        self.details = details
        #: Whether what was asked may have been done all the same: the answer was lost, or was "something went wrong".
        self.unsure = unsure
        #: Seconds after which the same call may go well; None when nobody knows.
        self.retry_after = retry_after


class Unauthorized(LauncherError):
    """No token, or one that nobody knows."""

    status = 401


class Forbidden(LauncherError):
    """The caller is known and may not do this."""

    status = 403


class NotFound(LauncherError):
    """There is no such process."""

    status = 404


class Conflict(LauncherError):
    """The name is taken, or the process is not far enough for this."""

    status = 409


class Invalid(LauncherError):
    """The process cannot be what the caller asked for."""

    status = 422


class TooMany(LauncherError):
    """The caller has as many processes as one may have, or the cluster asks for patience."""

    status = 429


class Unavailable(LauncherError):
    """The cluster, AWS or the hub does not answer as it should."""

    status = 503
