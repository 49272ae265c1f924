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


def to_service(page: Page, hub: str) -> None:
    """From the hub's front door to the login service."""
    page.goto(f"{hub}/hub/login")
    page.get_by_role("link", name="Sign in with").or_(page.get_by_role("button", name="Sign in with")).first.click()
    page.wait_for_load_state()


def log_in(page: Page, hub: str, user: str) -> None:
    """From the hub's front door, through the login service's page of users, back to the hub."""
    to_service(page, hub)
    page.get_by_role("link", name=user, exact=True).click()
    page.wait_for_load_state()


def spawn(page: Page, hub: str, user: str, profile: str, image: str | None = None) -> None:
    """Choose a profile, by its slug, and an image, by its label; wait for the server's own page."""
    page.goto(f"{hub}/hub/spawn")
    page.locator(f"input[name='profile'][value='{profile}']").check()
    if image:
        page.locator(f"select[name='profile-option-{profile}--image']").select_option(label=image)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{hub}/user/{user}/**")
