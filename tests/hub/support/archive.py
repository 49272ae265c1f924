"""A DANDI API server that can be told to be down, slow, or to fail."""

from __future__ import annotations

import time

from tests.hub.support.site import Reply, Request, Site


class Archive(Site):
    """Searches its users by part of their name, as the real one does. token: the one it asks for, if any."""

    def __init__(self, users: set[str], token: str | None = None) -> None:
        self.users, self.token = users, token
        self.status = 200
        self.delay = 0.0
        super().__init__()

    def answer(self, request: Request) -> Reply:
        time.sleep(self.delay)
        if self.status != 200:
            return Reply(self.status, {"detail": "told to fail"})
        if request.path != "/api/users/search/":
            return Reply(404, {})
        if self.token and request.headers.get("authorization") != f"token {self.token}":
            return Reply(401, {"detail": "Invalid token."})
        wanted = request.query.get("username", "").lower()
        return Reply(200, [{"username": name} for name in sorted(self.users) if wanted in name.lower()])
