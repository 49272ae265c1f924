"""`hydroplane -c FILE`: the launcher as a process. Every reason not to start is one sentence, told before anything is served."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from modules.common.errors import HubError
from modules.common.launcher import PORT

_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
#: Seconds that calls under way get when the server is told to end: as long as Kubernetes may take to answer one.
_FAREWELL = 35


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end; the exit code. 1 with a sentence on stderr when the launcher cannot work as it is set up."""
    chosen = _parser(os.environ).parse_args(arguments)
    try:
        return serve(chosen, os.environ)
    except HubError as error:
        sys.stderr.write(f"hydroplane: {error}\n")
        return error.exit_code


def serve(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Read the settings, reach the cluster, then listen. Raises HubError."""
    _log_to_stderr(environment.get("LOG_LEVEL", "INFO"))
    # Imported late: --help and a missing settings file are answered at once.
    from modules.launcher import auth, aws, settings, store
    from modules.launcher.api import make_app
    from modules.launcher.runtime.eks import EksRuntime

    found = settings.load(Path(chosen.conf))
    secrets = store.open_store(found.secret_store)
    who = auth.make_authenticator(found.auth, secrets, host=chosen.host, is_open=chosen.open)
    api = aws.connect(found.runtime, secrets)
    app = make_app(EksRuntime(api, store.GuardedStore(secrets, found.own_secrets), found.rules), who, found.rules, prefix=chosen.prefix)

    import uvicorn

    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=_FAREWELL, server_header=False)
    with _listen(chosen.host, chosen.port) as listening:
        # The port may have been chosen by the machine (--port 0).
        sys.stderr.write(f"hydroplane: serving on http://{_shown(chosen.host)}:{listening.getsockname()[1]}\n")
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise HubError(f"cannot listen on {host}:{port}: {why}", fix="choose another with --host and --port") from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hydroplane", description="Runs containers on the cluster for whoever may ask.")
    conf = environment.get("HYDROPLANE_CONF", "basic-config.yml")
    parser.add_argument("-c", "--conf", default=conf, metavar="FILE", help="settings (default: HYDROPLANE_CONF, else basic-config.yml)")
    parser.add_argument("-H", "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("-p", "--port", default=PORT, type=_port, help=f"port to listen on (default: {PORT})")
    parser.add_argument("--open", action="store_true", help="let everybody on this machine in, without a token; on a loopback address only")
    prefix = environment.get("JUPYTERHUB_SERVICE_PREFIX", "")
    parser.add_argument("--prefix", default=prefix, metavar="PATH", help="answer under this path too (default: JUPYTERHUB_SERVICE_PREFIX)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def _log_to_stderr(level: str) -> None:
    if level.upper() not in _LEVELS:
        raise HubError(f'LOG_LEVEL is "{level}"', fix=f"set it to one of {', '.join(_LEVELS)}, or unset it")
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    # At INFO the client of the hub names every address it asks.
    for noisy in ("httpx", "urllib3", "botocore", "kubernetes"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))


if __name__ == "__main__":
    sys.exit(main())
