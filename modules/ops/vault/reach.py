"""The way to Vault: an address somebody names, else a port-forward to its pods through the cluster's API."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.ops.vault.client import Vault
from modules.ops.vault.forward import listening
from modules.ops.vault.scene import Scene

#: Where Vault's own command line finds it too.
ADDRESS = "VAULT_ADDR"


@dataclass(frozen=True)
class Member:
    """One pod. state: "" for one that runs, else why it does not."""

    name: str
    state: str = ""


@contextmanager
def reach(scene: Scene, address: str = "", *, member: str = "") -> Iterator[Vault]:
    """Vault, at `address` or VAULT_ADDR, else in the pod `member`, else in the pod that leads or any that runs.

    Its certificate must be one of this env's own CA. Raises HubError when no pod runs or the cluster lets nobody through.
    """
    named = address or os.environ.get(ADDRESS, "")
    with _authority(scene) as authority:
        if named:
            yield Vault(scene.config.env, _checked(named), authority, direct=_is_here(named))
            return
        pod = member or _choose(scene)
        with listening(_dial(scene, pod)) as port:
            yield Vault(scene.config.env, f"https://127.0.0.1:{port}", authority)


def members(scene: Scene) -> tuple[Member, ...]:
    """Vault's pods by name. Raises HubError when the cluster does not let us look."""
    return tuple(sorted((_member(each) for each in _pods(scene)), key=lambda each: each.name))


def _pods(scene: Scene, labels: Mapping[str, str] = refs.LABELS) -> list[dict[str, Any]]:
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    path = f"/api/v1/namespaces/{scene.settings.namespace}/pods"
    return scene.cluster.items(path, f"the pods of namespace {scene.settings.namespace}", labelSelector=selector)


def _choose(scene: Scene) -> str:
    for labels in (refs.ACTIVE_LABELS, refs.LABELS):
        running = sorted(each.name for each in map(_member, _pods(scene, labels)) if not each.state)
        if running:
            return running[0]
    raise _nothing_runs(scene)


def _nothing_runs(scene: Scene) -> HubError:
    env = scene.config.env
    if scene.config.rehearsal:
        return HubError(
            "no pod runs in a rehearsal, so Vault does not", fix="docs/vault.md tells what a rehearsal shows; --address names another Vault"
        )
    return HubError(f"no pod of Vault runs in {env}", fix=f"./hub vault status {env} says why; ./install.sh {env} brings them back")


def _member(pod: Mapping[str, Any]) -> Member:
    status = pod.get("status") or {}
    waiting = [
        str(each["state"]["waiting"].get("reason") or "waiting")
        for each in status.get("containerStatuses") or ()
        if (each.get("state") or {}).get("waiting")
    ]
    phase = str(status.get("phase") or "Unknown")
    return Member(str(pod["metadata"]["name"]), waiting[0] if waiting else "" if phase == "Running" else phase)


def _dial(scene: Scene, pod: str) -> Callable[[], socket.socket]:
    def dial() -> socket.socket:
        return scene.cluster.forward(scene.settings.namespace, pod, refs.PORT)

    return dial


@contextmanager
def _authority(scene: Scene) -> Iterator[str]:
    """A file with the CA's certificate, which is what the TLS library wants; no secret is in it."""
    with tempfile.TemporaryDirectory(prefix="hub-vault-") as folder:
        path = Path(folder) / "ca.crt"
        path.write_text(scene.keeper.authority(), encoding="ascii")
        yield str(path)


def _checked(address: str) -> str:
    if not address.startswith("https://"):
        raise HubError(f'"{address}" is no address of Vault: it answers by https alone', fix="write it as https://127.0.0.1:8200")
    return address.rstrip("/")


def _is_here(address: str) -> bool:
    return address.removeprefix("https://").startswith(("127.", "localhost"))
