"""The certificate: trusted, made for the hub's name, and good for some weeks more."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from modules.common.errors import HubError
from modules.ops.verify.check import Check, Skipped
from modules.ops.verify.checks.dns import NOTHING_LISTENS, has_name
from modules.ops.verify.scene import Scene

_SECONDS = 15.0
#: ACM renews 60 days before the end, https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
#: so that one with less than this left is one whose renewal has failed for weeks.
_DAYS_LEFT = 14
_DAY_SECONDS = 86400


def _run(scene: Scene) -> str:
    if scene.nothing_listens:
        raise Skipped(NOTHING_LISTENS)
    place = urlsplit(scene.url)
    if place.scheme != "https":
        raise Skipped(f"{scene.url} is plain http")
    host, port = str(place.hostname), place.port or 443
    found = _certificate(host, port)
    days = (ssl.cert_time_to_seconds(found["notAfter"]) - time.time()) / _DAY_SECONDS
    if days < _DAYS_LEFT:
        fix = "look in the ACM console why it is not renewed: mostly the record that validates it is gone from the zone"
        raise HubError(f"the certificate of {host} ends in {days:.0f} days", fix=fix)
    return f"good for {host}, {days:.0f} days left"


def _certificate(host: str, port: int) -> dict[str, Any]:
    """What a browser would see and accept. Raises HubError for everything that it would refuse."""
    context = ssl.create_default_context()
    try:
        with socket.create_connection((host, port), timeout=_SECONDS) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
            return dict(secure.getpeercert() or {})
    except ssl.SSLCertVerificationError as error:
        fix = "look at the certificate in ACM and at the listener of the load balancer; ./install.sh puts both right"
        raise HubError(f"{host} shows a certificate that browsers refuse: {error.verify_message}", fix=fix) from error
    except OSError as error:
        fix = "look whether this machine may reach it: hub.load_balancer_cidrs, or hub.load_balancer: internal"
        raise HubError(f"{host}:{port} makes no TLS connection ({type(error).__name__})", fix=fix) from error


CERTIFICATE = Check("certificate", _run, after=("dns",), wanted=has_name)
