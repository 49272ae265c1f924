"""The components of a real hub, each put into tests/.hub on first use: two version sets, the proxy, Dask and Ray."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests._support.once import once

_FOLDER = Path(__file__).resolve().parents[2] / ".hub"
#: What the chart's hub image holds (4.4.0), and the newest releases. idle-culler 2.0 is six days younger than the chart.
VERSION_SETS = {
    "chart": (
        "jupyterhub==5.5.0",
        "jupyterhub-kubespawner==7.0.0",
        "oauthenticator==17.4.0",
        "jupyterhub-idle-culler==1.4.0",
        # The image's HTTP client; it fails in other ways than tornado's own.
        "pycurl==7.49.0",
    ),
    "newest": (
        "jupyterhub==6.1.1",
        "jupyterhub-kubespawner==7.1.0",
        "oauthenticator==17.4.0",
        "jupyterhub-idle-culler==2.0.0",
        "pycurl==7.49.0",
    ),
}
#: What the dask-gateway chart's images hold (2026.3.0), gateway and notebook in one. SQLAlchemy serves the local backend only.
_DASK = (
    "dask-gateway-server[local,kubernetes]==2026.3.0",
    "dask-gateway==2026.3.0",
    "dask==2026.3.0",
    "distributed==2026.3.0",
    "sqlalchemy==2.1.9",
)
#: Head, workers and clients of a Ray cluster, as one image holds them; the version is the one helm/ray-static-cluster pins.
RAY = "2.60.0"
_RAY = (f"ray[client,default]=={RAY}",)
#: What every single-user image holds beside the hub's own package, which is of the chart's version set.
_NOTEBOOK = ("jupyterhub==5.5.0", "jupyter-server==2.21.1", "ipykernel==7.4.0")
_PROXY = "configurable-http-proxy@5.2.0"
_INSTALL_SECONDS = 600
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class Missing(Exception):
    """A component cannot be had on this machine; the text says which and why."""


def python(versions: str) -> Path:
    """The interpreter of one version set. Raises Missing."""
    return _venv(versions, VERSION_SETS[versions])


def dask() -> Path:
    """The interpreter of the Dask gateway, its clusters and the notebooks that use them. Raises Missing."""
    return _venv("dask", _DASK)


def ray() -> Path:
    """The interpreter of a Ray cluster and of the notebooks that use it. Raises Missing."""
    return _venv("ray", _RAY)


def notebook() -> Path:
    """The interpreter of a user's server that runs cells. Raises Missing."""
    return _venv("notebook", _NOTEBOOK)


def proxy() -> list[str]:
    """The command of configurable-http-proxy. Raises Missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Missing("node and npm are not on PATH")
    folder = _FOLDER / "proxy"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _run(npm, "install", "--prefix", str(folder), "--silent", "--no-audit", "--no-fund", _PROXY)

    once(folder, (_PROXY,), install)
    return [node, str(folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy")]


def chromium() -> str:
    """Debian's browser. Raises Missing."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    raise Missing("no chromium on PATH (Debian: apt-get install chromium)")


def _venv(name: str, packages: tuple[str, ...]) -> Path:
    venv = _FOLDER / name

    def install() -> None:
        _run(sys.executable, "-m", "venv", "--clear", str(venv))
        _run(str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)

    once(venv, packages, install)
    return venv / "bin" / "python"


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Missing(f"{Path(command[0]).name} {command[-1]}: not there after {_INSTALL_SECONDS} s") from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Missing(f"{Path(command[0]).name} {command[-1]}: {''.join(last)}")
