"""Is this env asleep? What commands ask that would fight with its sleep, or hang for want of a node."""

from __future__ import annotations

import boto3
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.failures.aws import doing, is_missing
from modules.ops.sleep.memory import Drawer, Memory


def asleep(session: boto3.Session, config: HubConfig) -> Memory | None:
    """What is remembered of a sleeping env, one that is falling asleep or half awake; None for one that is awake.

    One read of S3 where it is awake. The memory of a cluster that is gone is thrown away. Raises HubError when AWS refuses.
    """
    drawer = Drawer(session, config)
    memory = drawer.read()
    if memory is not None and memory.cluster != cluster_birth(session, config):
        drawer.forget()
        return None
    return memory


def refuse_asleep(session: boto3.Session, config: HubConfig) -> None:
    """For commands that need nodes or move sizes. Raises HubError, which says to wake it first, while the env is not awake."""
    memory = asleep(session, config)
    if memory is not None:
        raise HubError(f"{config.env} is {memory.state} since {memory.since}. Nothing was touched", fix=f"./hub wake {config.env} first")


def cluster_birth(session: boto3.Session, config: HubConfig) -> str:
    """When EKS made the env's cluster; "" when there is none."""
    with doing(f"look for the cluster {config.cluster_name}"):
        try:
            made = client(session, "eks", config.region).describe_cluster(name=config.cluster_name)["cluster"]["createdAt"]
        except ClientError as error:
            if is_missing(error):
                return ""
            raise
    return str(made.isoformat())
