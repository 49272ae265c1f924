"""Debian's Chromium, headless, with nothing of its own to say to the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.hub.support import installs

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser. Raises installs.Missing."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=installs.chromium(), args=list(_FLAGS))
        yield started
        started.close()


def log_in(page: Page, hub: str, user: str) -> None:
    """From the hub's front door, through the login service's page of users, back to the hub."""
    page.goto(f"{hub}/hub/login")
    page.get_by_role("link", name="Sign in with").or_(page.get_by_role("button", name="Sign in with")).first.click()
    page.get_by_role("link", name=user, exact=True).click()
    page.wait_for_load_state()
