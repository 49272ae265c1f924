"""Turns a page into the error that JupyterHub renders."""

from __future__ import annotations

from tornado import web
from tornado.log import app_log

from .pages import Page

#: Seconds after which a client may ask again.
_LATER = "60"


def refusal(page: Page) -> web.HTTPError:
    """The error to raise; logged here. A 503 says when to come back."""
    app_log.warning("%s: %s", page.status, page.text)
    # Without a log message of its own: tornado would write it beside the address, which holds the login's code.
    error = web.HTTPError(page.status)
    error.jupyterhub_message = page.text
    error.jupyterhub_html_message = page.html
    if page.status == 503:
        error.headers = {"Retry-After": _LATER}
    return error
