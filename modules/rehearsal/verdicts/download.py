"""A chart's archive from its own repository: an https:// repository's index, or an oci:// registry."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from modules.common.errors import HubError

_SECONDS = 60.0
_MAX_BYTES = 64 * 1024 * 1024
#: https://github.com/opencontainers/image-spec/blob/main/manifest.md and https://helm.sh/docs/topics/registries/
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_LOOPBACK = ("127.0.0.1", "localhost")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Pinned:
    """One entry of helm/releases.yaml. digest: sha256 of the archive, or of the manifest in a registry; None when not known."""

    name: str
    chart: str
    repository: str
    version: str
    digest: str | None


def download(pinned: Pinned) -> bytes:
    """The chart's .tgz. Raises HubError when it cannot be had, or is not the one that was pinned."""
    scheme = urlsplit(pinned.repository).scheme
    if scheme == "oci":
        return _from_registry(pinned)
    if scheme in ("https", "http"):
        return _from_repository(pinned)
    raise _trouble(pinned, f"{pinned.repository} is neither https:// nor oci://")


def _from_repository(pinned: Pinned) -> bytes:
    import yaml

    base = pinned.repository.rstrip("/") + "/"
    index = yaml.load(_get(pinned, f"{base}index.yaml"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    entries = ((index or {}).get("entries") or {}).get(pinned.chart) or []
    found = next((each for each in entries if str(each.get("version")).removeprefix("v") == pinned.version.removeprefix("v")), None)
    if found is None or not found.get("urls"):
        raise _trouble(pinned, f"the index of {pinned.repository} has no {pinned.chart} {pinned.version}")
    archive = _get(pinned, urljoin(base, found["urls"][0]))
    _verify(pinned, archive, pinned.digest or found.get("digest"))
    return archive


def _from_registry(pinned: Pinned) -> bytes:
    place = urlsplit(pinned.repository)
    scheme = "http" if place.hostname in _LOOPBACK else "https"
    base = f"{scheme}://{place.netloc}/v2/{place.path.strip('/')}/{pinned.chart}"
    address = f"{base}/manifests/{pinned.version}"
    token = _token(pinned, address)
    manifest = _get(pinned, address, token)
    _verify(pinned, manifest, pinned.digest)
    layers = _json(pinned, manifest).get("layers") or []
    layer = next((each for each in layers if each.get("mediaType") == _CHART_LAYER), None)
    if layer is None:
        raise _trouble(pinned, "its manifest has no layer with a chart")
    archive = _get(pinned, f"{base}/blobs/{layer['digest']}", token)
    _verify(pinned, archive, layer["digest"])
    return archive


def _token(pinned: Pinned, address: str) -> str:
    """A token for anybody, from where the registry sends those who have none; "" when it wants none."""
    try:
        urllib.request.urlopen(_request(address, ""), timeout=_SECONDS).close()
    except urllib.error.HTTPError as error:
        if error.code != 401:
            return ""
        challenge = dict(_CHALLENGE.findall(error.headers.get("WWW-Authenticate", "")))
    except OSError:
        return ""
    else:
        return ""
    if not challenge.get("realm"):
        raise _trouble(pinned, "the registry wants a login and does not say where")
    asked = {name: challenge[name] for name in ("service", "scope") if name in challenge}
    answer = _json(pinned, _get(pinned, f"{challenge['realm']}?{urlencode(asked)}"))
    return str(answer.get("token") or answer.get("access_token") or "")


def _get(pinned: Pinned, address: str, token: str = "") -> bytes:
    try:
        with urllib.request.urlopen(_request(address, token), timeout=_SECONDS) as answer:
            body: bytes = answer.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(getattr(error, "reason", error))
        raise _trouble(pinned, f"{address} does not answer: {why}") from error
    if len(body) > _MAX_BYTES:
        raise _trouble(pinned, f"{address} is larger than {_MAX_BYTES // 1024 // 1024} MB, which no chart is")
    return body


def _request(address: str, token: str) -> urllib.request.Request:
    if urlsplit(address).scheme not in ("https", "http"):
        raise ValueError(f"{address} is no web address")
    request = urllib.request.Request(address, headers={"Accept": f"{_MANIFEST}, */*", "User-Agent": "hubsmith"})
    if token:
        # A registry sends on to a store that has its own signature in the address and refuses a second one.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return request


def _json(pinned: Pinned, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _trouble(pinned, "the registry's answer is not JSON") from error
    return document if isinstance(document, dict) else {}


def _verify(pinned: Pinned, body: bytes, digest: str | None) -> None:
    wanted, found = (digest or "").removeprefix("sha256:"), hashlib.sha256(body).hexdigest()
    if wanted and wanted != found:
        raise _trouble(pinned, f"what came has the digest {found}, and {wanted} was expected")


def _trouble(pinned: Pinned, why: str) -> HubError:
    fix = "Look at the network and at helm/releases.yaml, then run ./hub schemas fetch again."
    return HubError(f"cannot fetch the chart {pinned.chart} {pinned.version}: {why}", where=pinned.repository, fix=fix)
