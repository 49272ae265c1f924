"""A rehearsal env's AWS account: one emulator a checkout and env, started when needed, found again by the next command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.rehearsal import process, seeds
from modules.rehearsal.standin.mirror import PORT_VARIABLE, write_mirror

#: The account every rehearsal happens in; moto's own, and nobody's.
ACCOUNT = "123456789012"
#: The provider's default of 25 turns every answer the emulator does not have into minutes of silence.
_MAX_RETRIES = 2
#: Folder of the stand-in providers, beside the emulator's ready file.
_MIRROR = "plugins"


@dataclass(frozen=True)
class Running:
    """An emulator that answers. plugin_port: where stand-in providers are reached. started: seconds since the epoch."""

    env: str
    port: int
    plugin_port: int
    pid: int
    url: str
    started: float


def start(root: Path, config: HubConfig) -> Running:
    """The running emulator of this checkout and env, or a new one, with what a real account would have had before.

    Raises HubError for a config that is no rehearsal or names an AWS account, and when the emulator does not come up.
    """
    _refuse_real(config)
    folder = _folder(root, config.env)
    with process.only_one(folder):
        running = _running(config.env, process.find(folder) or process.launch(folder))
        write_mirror(folder / _MIRROR, running.plugin_port)
        seed(running, config)
    return running


def status(root: Path, env: str) -> Running | None:
    """The running emulator of this checkout and env, or None."""
    found = process.find(_folder(root, env))
    return _running(env, found) if found else None


def mirror(root: Path, env: str) -> Path | None:
    """The provider mirror of the running rehearsal, for a CLI configuration of Terraform's; None when none runs."""
    folder = _folder(root, env)
    return folder / _MIRROR if process.find(folder) else None


def stop(root: Path, env: str) -> bool:
    """End the emulator; everything in it is gone. False when none ran."""
    folder = _folder(root, env)
    if not folder.is_dir():
        return False
    with process.only_one(folder):
        found = process.find(folder)
        if found is None:
            (folder / "emulator.json").unlink(missing_ok=True)
            return False
        process.end(folder, found)
    return True


def reset(root: Path, env: str) -> bool:
    """Empty the account and its clusters; the next start puts the seeds back. False when none runs."""
    found = process.find(_folder(root, env))
    if found is None:
        return False
    process.ask(found, "reset")
    return True


def faults(root: Path, env: str) -> tuple[dict[str, Any], ...]:
    """Calls the running emulator could not answer (service, action, status, text); empty when none runs."""
    found = process.find(_folder(root, env))
    return tuple(process.ask(found, "faults")) if found else ()


def cluster(root: Path, env: str) -> dict[str, Any] | None:
    """How much the rehearsal's clusters hold, what of it was checked and what was not; None when none runs."""
    found = process.find(_folder(root, env))
    return dict(process.ask(found, "cluster")) if found else None


def cluster_dump(root: Path, env: str) -> dict[str, Any] | None:
    """Every object and release of the rehearsal's clusters, secrets by the names of their keys alone; None when none runs."""
    found = process.find(_folder(root, env))
    return dict(process.ask(found, "cluster/dump")) if found else None


def kubernetes_url(root: Path, env: str, cluster: str = "") -> str:
    """Where the Kubernetes API of the rehearsal's cluster answers: a kubeconfig's `server`, for which any bearer token will do.

    cluster: which, when the account has several. Raises HubError when no rehearsal runs or it has no such cluster.
    """
    found = process.find(_folder(root, env))
    if found is None:
        raise HubError(f"The rehearsal of {env} does not run.", fix=f"./install.sh {env} starts it.")
    places = [each for each in process.ask(found, "kubernetes") if cluster in ("", each["cluster"])]
    if len(places) != 1:
        held = ", ".join(each["cluster"] for each in places) or "none"
        raise HubError(f"Which cluster of the rehearsal of {env}? There is {held}.", fix=f"./install.sh {env} makes its cluster.")
    return f"{found.url}/hubsmith/kubernetes/{places[0]['region']}/{places[0]['cluster']}"


def seed(running: Running, config: HubConfig) -> None:
    """What somebody made in a real account before a hub comes to it. Changes nothing when it is there."""
    seeds.plant(config, environment(running, config))


def environment(running: Running, config: HubConfig) -> dict[str, str]:
    """Environment variables that send Terraform and boto3 to the emulator. Put them over `without_aws(os.environ)`: a profile,
    a session token or an endpoint of one service that the caller's shell holds would win over these."""
    loopback = dict.fromkeys(("127.0.0.1", "localhost", *filter(None, os.environ.get("NO_PROXY", "").split(","))))
    return {
        "AWS_ENDPOINT_URL": running.url,
        "AWS_REGION": config.region,
        "AWS_DEFAULT_REGION": config.region,
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_EC2_METADATA_DISABLED": "true",
        PORT_VARIABLE: str(running.plugin_port),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": ",".join(loopback),
        "no_proxy": ",".join(loopback),
    }


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without anything that says which AWS account to talk to, or how."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


def terraform_override() -> dict[str, Any]:
    """An override document (`*_override.tf.json`) for a stack that runs against the emulator."""
    return {"provider": {"aws": [{"max_retries": _MAX_RETRIES}]}}


def _refuse_real(config: HubConfig) -> None:
    where = f"envs/{config.env}/hub.yaml"
    if config.aws.account is not None:
        fix = "Remove `rehearsal: true` to use the account, or remove aws.account to rehearse."
        raise HubError(f"The env {config.env} names the AWS account {config.aws.account}; a rehearsal has none.", where=where, fix=fix)
    if not config.rehearsal:
        fix = "Set `rehearsal: true`, or name the account it belongs to in aws.account."
        raise HubError(f"The env {config.env} is no rehearsal.", where=where, fix=fix)


def _folder(root: Path, env: str) -> Path:
    return root / ".hubsmith" / "rehearsal" / env


def _running(env: str, found: process.Found) -> Running:
    return Running(env, found.port, found.plugin_port, found.pid, found.url, found.started)
