"""What a page says to somebody who cannot come in: why, and what to do. Text and HTML, without the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

#: Relative to the callback's address, so that it holds below any base URL.
_AGAIN = '<a href="login">Log in again</a>'


@dataclass(frozen=True)
class Page:
    """An error page. text: for the log and plain clients; html: for people; status: of HTTP."""

    status: int
    text: str
    html: str


def _page(status: int, *paragraphs: str) -> Page:
    """paragraphs: text, each its own; HTML with links is added by `_with`."""
    return Page(status, " ".join(paragraphs), "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs))


def _with(page: Page, html: str) -> Page:
    return Page(page.status, page.text, page.html + html)


def not_allowed(username: str, service: str) -> Page:
    """Logged in, but on no list."""
    return _with(
        _page(
            403,
            f"You are logged in to {service} as {username}, but this hub does not let that account in.",
            f"If you have another {service} account, log out there first. Otherwise ask the people who run this hub to add you.",
        ),
        f"<p>{_AGAIN}</p>",
    )


def not_registered(username: str, sites: Sequence[str]) -> Page:
    """A GitHub user whom no archive knows. sites: where to register."""
    links = " or ".join(f'<a href="{escape(site, quote=True)}">{escape(site)}</a>' for site in sites)
    return _with(
        _page(403, f"You are logged in to GitHub as {username}, but no DANDI archive that this hub asks knows that account."),
        f"<p>Register at {links} with this GitHub account. An archive may take a day to approve you. {_AGAIN} after that.</p>",
    )


def registry_unavailable(username: str) -> Page:
    """The archives did not answer, so nothing can be said of the user."""
    return _with(
        _page(
            503,
            f"You are logged in to GitHub as {username}, but the DANDI archive does not answer, so your registration cannot be checked.",
            "This is not about your account. Please try again in a few minutes.",
        ),
        f"<p>{_AGAIN}</p>",
    )


def service_unavailable(service: str) -> Page:
    """The login service itself did not answer."""
    return _with(
        _page(503, f"{service} does not answer, so nobody can log in at the moment. Please try again in a few minutes."),
        f"<p>{_AGAIN}</p>",
    )


def login_failed(service: str) -> Page:
    """The login service refused the hub's question, most often because a login's address was opened twice."""
    return _with(
        _page(400, f"{service} did not accept this login. If it happens again, tell the people who run this hub."),
        f"<p>{_AGAIN}</p>",
    )


def claim_missing(service: str, claim: str) -> Page:
    """The login service did not say who the user is."""
    return _page(
        403,
        f"{service} did not tell this hub your {claim}, which would be your name here.",
        "Add it to your account there, or ask the people who run this hub.",
    )


def email_unverified(service: str) -> Page:
    """An address that nobody confirmed could be anybody's."""
    return _with(
        _page(403, f"Your e-mail address is your name on this hub, and {service} has not verified it. Confirm it there."),
        f"<p>{_AGAIN}</p>",
    )


def no_profile() -> Page:
    """Every profile is for a group the user is not in."""
    return _page(
        403,
        "Every kind of server on this hub is for members of a group, and you are in none of them.",
        "Ask the people who run this hub to add you to one.",
    )
