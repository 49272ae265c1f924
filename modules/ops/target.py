"""Which account a run works on: the rehearsal's or a real one, checked before anything else happens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.cluster_access import KUBECONFIG
from modules.ops.failures.aws import code_of, explain

#: Settings of the caller's shell that would steer Terraform away from what the command says.
_STRAY = ("TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE", "TF_INPUT", "TF_VAR_", "TF_PLUGIN_CACHE_DIR", "TF_CLI_CONFIG_FILE", "TF_STATE")
#: Terraform and the provider, both of Go, collect garbage while they load a schema that stays: with this a plan takes 4.5 s of
#: processor time instead of 5.9, and a tenth more memory (measured with provider 5.100.0). The caller's own value wins.
_GO = {"GOGC": "400"}
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass(frozen=True)
class Target:
    """environment: what Terraform's processes run with. override: a document laid over every stack.

    label: how a person would call this place. mirror: where a rehearsal's stand-in providers lie.
    """

    environment: dict[str, str]
    override: dict[str, Any]
    session: boto3.Session
    account: str
    is_rehearsal: bool
    label: str
    mirror: Path | None = None


def resolve_target(root: Path, config: HubConfig) -> Target:
    """The place `config` belongs to; a rehearsal's emulator is started when it does not run.

    The AWS_ variables of this process are set as well, because boto3 reads endpoints from there alone.
    Raises HubError when the credentials do not work, or belong to another account or region.
    """
    return _rehearsal(root, config) if config.rehearsal else _account(config)


def running_rehearsal(root: Path, config: HubConfig) -> bool:
    """Whether the emulator of a rehearsal runs; False for a real env."""
    from modules.rehearsal import session

    return config.rehearsal and session.status(root, config.env) is not None


def rehearsal_environment(root: Path, config: HubConfig) -> dict[str, str]:
    """The variables that send boto3 to the running emulator. Raises HubError when none runs: looking starts none."""
    from modules.rehearsal import session

    running = session.status(root, config.env)
    if running is None:
        raise HubError(f"the rehearsal of {config.env} does not run", fix=f"./install.sh {config.env} starts it")
    return session.environment(running, config)


def end_rehearsal(root: Path, env: str) -> None:
    """Stop the emulator of a rehearsal, if it runs; what it held is gone."""
    from modules.rehearsal import session

    session.stop(root, env)


def cluster_summary(root: Path, config: HubConfig) -> dict[str, Any] | None:
    """What the clusters of a running rehearsal were checked for; None for a real env."""
    from modules.rehearsal import session

    return session.cluster(root, config.env) if config.rehearsal else None


def rehearsal_kubernetes(root: Path, config: HubConfig) -> str:
    """Where the Kubernetes API of a running rehearsal answers. Raises HubError when none runs, or it has no cluster."""
    from modules.rehearsal import session

    return session.kubernetes_url(root, config.env, config.cluster_name)


def _rehearsal(root: Path, config: HubConfig) -> Target:
    from modules.rehearsal import session as rehearsal

    running = rehearsal.start(root, config)
    ours = rehearsal.environment(running, config)
    environment = {name: value for name, value in _clean(os.environ).items() if not name.startswith("AWS_")} | ours
    _adopt(environment)
    session = boto3.Session(region_name=config.region)
    # Whoever names a cluster of his own brings the real providers too.
    mirror = None if environment.get(KUBECONFIG) else rehearsal.mirror(root, config.env)
    return Target(
        environment, rehearsal.terraform_override(), session, _caller(session, config), True, f"rehearsal on {_host(running.url)}", mirror
    )


def _account(config: HubConfig) -> Target:
    elsewhere = os.environ.get("AWS_REGION")
    if elsewhere and elsewhere != config.region:
        raise HubError(
            f"AWS_REGION says {elsewhere}, envs/{config.env}/hub.yaml says {config.region}",
            where="region",
            fix="unset AWS_REGION, or correct region in hub.yaml",
        )
    environment = _clean(os.environ) | {"AWS_REGION": config.region, "AWS_DEFAULT_REGION": config.region}
    if config.aws.profile and not environment.get(_KEYS[0]):
        environment["AWS_PROFILE"] = config.aws.profile
    _adopt(environment)
    try:
        session = boto3.Session(region_name=config.region)
    except BotoCoreError as error:
        raise explain(error, "read the AWS credentials") from error
    account = _caller(session, config)
    if account != config.aws.account:
        source = "AWS_ACCESS_KEY_ID" if environment.get(_KEYS[0]) else f"profile {environment.get('AWS_PROFILE', 'default')}"
        raise HubError(
            f"the credentials ({source}) belong to account {account}, the env to {config.aws.account}. Nothing was touched",
            where="aws.account",
            fix="choose the right profile (AWS_PROFILE or aws.profile), or correct aws.account in hub.yaml",
        )
    return Target(environment, {}, session, account, False, f"account {account} in {config.region}")


def _caller(session: boto3.Session, config: HubConfig) -> str:
    """The account the credentials belong to; the region's own endpoint answers, so a region that is off shows here."""
    doing = f"sign in to AWS in {config.region}"
    try:
        return str(client(session, "sts", config.region).get_caller_identity()["Account"])
    except ClientError as error:
        refused = explain(error, doing)
        if code_of(error) == "InvalidClientTokenId":
            # A region that is off knows none of the account's keys.
            refused.fix += f"; if they work elsewhere: aws account enable-region --region-name {config.region}"
        raise refused from error
    except BotoCoreError as error:
        raise explain(error, doing) from error
    except RuntimeError as error:
        # botocore's word for keys of the environment whose AWS_CREDENTIAL_EXPIRATION is over.
        raise HubError(f"could not {doing}: {error}", fix="sign in again, and export the new keys or unset the old ones") from error


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    return _GO | {name: value for name, value in environ.items() if not name.startswith(_STRAY)}


def _adopt(environment: Mapping[str, str]) -> None:
    """Make this process's AWS_ variables those of `environment`."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name not in environment]:
        del os.environ[name]
    os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})


def _host(url: str) -> str:
    return url.split("://", 1)[-1].rstrip("/")
