"""All facts of one env's cluster, asked of AWS and of its API at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.config.load import read_env
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.failures.aws import doing, is_missing
from modules.ops.upgrade import gather_cluster
from modules.ops.upgrade.facts import Facts
from modules.ops.upgrade.gather_aws import from_aws
from modules.ops.upgrade.gather_cluster import Api
from modules.ops.upgrade.rules_versions import on_the_way


@dataclass(frozen=True)
class Gatherer:
    """root: the repository. api: the cluster's API."""

    root: Path
    config: HubConfig
    clients: Clients
    api: Api

    def facts(self, target: str) -> Facts:
        """The facts an upgrade to `target` is judged on. Raises HubError when EKS or the cluster does not let us look."""
        config, cluster = self.config, self._cluster()
        version: str = cluster["version"]
        aws = from_aws(self.clients, config, cluster, (version, *on_the_way(version, target)))
        unread = list(aws.unread)
        pods = gather_cluster.pods(self.api)
        return Facts(
            today=date.today(),
            cluster=config.cluster_name,
            version=version,
            file_version=config.cluster.version,
            file_line=self._line(),
            status=aws.status,
            support=aws.support,
            is_ours=config.cluster.existing is None,
            autoscaler=config.cluster.autoscaler,
            core_release=config.cluster.core.release,
            addons=aws.addons,
            groups=aws.groups,
            nodes=gather_cluster.nodes(self.api),
            servers=gather_cluster.servers(pods),
            budgets=gather_cluster.budgets(self.api),
            uses=gather_cluster.api_uses(self.api, version, target, unread),
            insights=aws.insights,
            git_repo_pods=gather_cluster.git_repo_pods(pods),
            controllers=gather_cluster.controllers(self.api),
            free=aws.free,
            grace={key: pool.disruption.termination_grace for key, pool in config.pools.items()},
            unread=tuple(unread),
        )

    def _cluster(self) -> dict[str, Any]:
        name = self.config.cluster_name
        with doing(f"look for the cluster {name}"):
            try:
                found: dict[str, Any] = self.clients.get("eks").describe_cluster(name=name)["cluster"]
            except ClientError as error:
                if is_missing(error):
                    raise HubError(
                        f"there is no cluster {name} in {self.config.region}", fix=f"./install.sh {self.config.env} makes it"
                    ) from error
                raise
        return found

    def _line(self) -> str:
        """Where cluster.version is written, as a person would say it."""
        env = self.config.env
        source = read_env(self.root, env).document.sources.get(("cluster", "version"))
        return f"{source.file} line {source.line}" if source else f"envs/{env}/hub.yaml (the default: no file says it)"
