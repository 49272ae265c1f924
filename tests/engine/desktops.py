"""Desktops of an installed env without their nodes: the image's real agent as processes, told what the DaemonSet tells it.

What DCV says is fake (a `dcv` on PATH); the account, the cluster's API and everything the agent does with them are not.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from modules.common import desktops as refs
from modules.rehearsal import session as rehearsal
from tests.engine.conftest import ROOT, Life

_AGENT = ROOT / "images" / "dcv" / "agent"
_PATIENCE = 60.0
_DCV = """#!/bin/sh
if [ "$1" = describe-session ]; then cat "{folder}/session.json"; fi
"""


@contextmanager
def desktops(hub: Life, nodes: dict[str, str]) -> Iterator[None]:
    """An agent on each of `nodes` (name → display), all of them ready; they are stopped as the kubelet stops them."""
    with ExitStack() as stack:
        # Not below tmp_path: a socket's path may have 108 characters.
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="desk-")))
        variables = _of_the_daemon_set(hub)
        for node, display in nodes.items():
            stack.enter_context(_agent(hub, home / node, {**variables, "NODE_NAME": node}, display))
        yield


def board(hub: Life) -> dict[str, str]:
    """What the agents wrote into their ConfigMap."""
    data: dict[str, str] = _object(hub, "api/v1", "configmaps", refs.CONFIG_MAP)["data"]
    return data


def seats(hub: Life) -> int:
    """How many nodes are asked for."""
    return int(_object(hub, "apis/apps/v1", "deployments", refs.SEATS)["spec"]["replicas"])


def published(hub: Life) -> dict[str, str]:
    """Every SSM parameter below the desktops' prefix, by the end of its name."""
    settings = hub.config.desktop
    assert settings is not None
    prefix = f"/{settings.project}/{hub.config.env}/{settings.module}/"
    pages = hub.session.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
    return {each["Name"].removeprefix(prefix): each["Value"] for page in pages for each in page["Parameters"]}


def until(true: Callable[[], object], why: Callable[[], str]) -> None:
    """Wait until it holds; `why` says what stands in the way when it never does."""
    deadline = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


def _object(hub: Life, group: str, kind: str, name: str) -> dict[str, Any]:
    """One object of the desktops' namespace, as the cluster's API tells of it. group: such as apis/apps/v1."""
    settings = hub.config.desktop
    assert settings is not None
    api = rehearsal.kubernetes_url(hub.checkout.root, hub.config.env)
    with urllib.request.urlopen(f"{api}/{group}/namespaces/{settings.namespace}/{kind}/{name}", timeout=10) as answer:
        manifest: dict[str, Any] = json.load(answer)
        return manifest


def _of_the_daemon_set(hub: Life) -> dict[str, str]:
    """The container's own variables, as the cluster has them."""
    (container,) = _object(hub, "apis/apps/v1", "daemonsets", refs.DAEMON_SET)["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


@contextmanager
def _agent(hub: Life, folder: Path, variables: dict[str, str], display: str) -> Iterator[None]:
    settings = hub.config.desktop
    assert settings is not None
    for name in ("bin", "run", "sockets", "auth"):
        (folder / name).mkdir(parents=True)
    _session(folder, display)
    with socket.socket(socket.AF_UNIX) as screen, (folder / "log").open("w") as log:
        screen.bind(str(folder / "sockets" / f"X{display[1:]}"))
        screen.listen()
        environment = {
            **variables,
            "POD_NAMESPACE": settings.namespace,
            "KUBECONFIG": str(_kubeconfig(hub, folder)),
            "AWS_ENDPOINT_URL": hub.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "PATH": f"{folder / 'bin'}{os.pathsep}/usr/bin:/bin",
            "PYTHONPATH": str(_AGENT),
            "DCV_AGENT_RUN": str(folder / "run"),
            "DCV_AGENT_SOCKETS": str(folder / "sockets"),
            "DCV_AGENT_AUTH": str(folder / "auth"),
            "DCV_AGENT_PACE": "0.1",
        }
        agent = subprocess.Popen([sys.executable, "-m", "dcv_agent", "watch"], env=environment, stdout=log, stderr=log)
        try:
            until((folder / "run" / "ready").exists, lambda: (folder / "log").read_text())
            yield
        finally:
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(_PATIENCE) == 0, (folder / "log").read_text()


def _session(folder: Path, display: str) -> None:
    """A session as `dcv describe-session --json` tells of one, and its X cookie as xauth writes it."""
    parts = (b"host", display[1:].encode(), b"MIT-MAGIC-COOKIE-1", b"c" * 16)
    authority = folder / "authority"
    authority.write_bytes(struct.pack(">H", 256) + b"".join(struct.pack(">H", len(part)) + part for part in parts))
    facts = {
        "id": refs.SESSION,
        "owner": "ada",
        "x11-display": display,
        "x11-authority": str(authority),
        "num-of-connections": 1,
        "creation-time": "2026-11-21T08:59:30.123456Z",
        "last-disconnection-time": "",
        "licenses": [{"product": "dcv", "status": "LICENSED"}],
    }
    (folder / "session.json").write_text(json.dumps(facts))
    (folder / "bin" / "dcv").write_text(_DCV.format(folder=folder))
    (folder / "bin" / "dcv").chmod(0o755)


def _kubeconfig(hub: Life, folder: Path) -> Path:
    (folder / "token").write_text("any")
    named = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": {"server": rehearsal.kubernetes_url(hub.checkout.root, hub.config.env)}}],
        "users": [{"name": "it", "user": {"tokenFile": str(folder / "token")}}],
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(named))
    return path
