"""How Terraform's kubernetes and helm providers sign in to the cluster: by our own command, or by a kubeconfig at hand.

A stack names the command by a path that is right where cdktf runs it; our runner works in another folder, so it lays
the absolute path over it. HUB_KUBECONFIG names a kubeconfig to use instead (with real provider binaries, see plugins).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.common.errors import HubError

#: The variable that sends both providers to a cluster of the caller's.
KUBECONFIG = "HUB_KUBECONFIG"
#: What says where a cluster is and how to sign in; a kubeconfig says both by itself.
_PLACE = ("host", "cluster_ca_certificate")
#: Whose resources live inside a cluster.
_PREFIXES = ("kubernetes_", "helm_")


def is_in_cluster(address: str) -> bool:
    """Whether a resource of this address lives in the cluster, and not in AWS."""
    return address.startswith(_PREFIXES)


def override(document: Mapping[str, Any], *, root: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """What to lay over one stack's document; {} for a stack that touches no cluster.

    root: the repository, where the command lies. Raises HubError when HUB_KUBECONFIG names no file.
    """
    providers = document.get("provider") or {}
    kubeconfig = _kubeconfig(environ)
    changed: dict[str, Any] = {}
    if providers.get("kubernetes"):
        changed["kubernetes"] = [_block(_only(providers["kubernetes"]), root, kubeconfig)]
    if providers.get("helm"):
        settings = _only(_only(providers["helm"])["kubernetes"])
        changed["helm"] = [{"kubernetes": _attribute(settings, root, kubeconfig)}]
    return {"provider": changed} if changed else {}


def _block(settings: Mapping[str, Any], root: Path, kubeconfig: str) -> dict[str, Any]:
    """For provider kubernetes, whose `exec` is a block: an override replaces it whole, and no override can take it away
    but a dynamic one of no instances."""
    if kubeconfig:
        gone = {"exec": {"for_each": [], "content": {"api_version": "", "command": ""}}}
        return {"config_path": kubeconfig, **dict.fromkeys(_PLACE), "dynamic": gone}
    return {"exec": [_command(settings, root)]}


def _attribute(settings: Mapping[str, Any], root: Path, kubeconfig: str) -> dict[str, Any]:
    """For provider helm, whose `kubernetes` is one attribute: an override replaces it whole."""
    if kubeconfig:
        rest = {name: value for name, value in settings.items() if name not in (*_PLACE, "exec")}
        return {**rest, "config_path": kubeconfig}
    return {**settings, "exec": _command(settings, root)}


def _command(settings: Mapping[str, Any], root: Path) -> dict[str, Any]:
    return {**_only(settings["exec"]), "command": str(root / "hub")}


def _kubeconfig(environ: Mapping[str, str]) -> str:
    named = environ.get(KUBECONFIG, "")
    if not named:
        return ""
    path = Path(named).absolute()
    if not path.is_file():
        raise HubError(f"{KUBECONFIG} names {named}, which is no file", fix="name a kubeconfig, or unset it")
    return str(path)


def _only(value: Any) -> Any:
    """The one block of a list, or the value itself: synthesised JSON has both shapes."""
    return value[0] if isinstance(value, list) else value
