"""Turns a page into the error that JupyterHub renders."""

from __future__ import annotations

from tornado import web

from .pages import Page

#: Seconds after which a client may ask again.
_LATER = "60"


def refusal(page: Page) -> web.HTTPError:
    """The error to raise. A 503 says when to come back."""
    # The text is an argument, not the format: a name may hold a percent sign.
    error = web.HTTPError(page.status, "%s", page.text)
    error.jupyterhub_html_message = page.html
    if page.status == 503:
        error.headers = {"Retry-After": _LATER}
    return error
