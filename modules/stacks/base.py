"""What every stack of an env has: its name, backend, provider and tags."""

from __future__ import annotations

from typing import Any

from modules.aspects.tags import TagEverything
from modules.aws import addons
from modules.aws.cluster import ClusterRef
from modules.aws.irsa import IrsaRole
from modules.cdk import App, Backend, Stack, aws
from modules.common import names, tags
from modules.config import HubConfig


class HubStack(Stack):
    """`<env>-<name>`, with its own state and the AWS provider of the env's account and region."""

    def __init__(self, app: App, config: HubConfig, name: str) -> None:
        full = f"{config.env}-{name}"
        super().__init__(
            app,
            full,
            backend=Backend(
                bucket=config.state_bucket, key=f"{config.env}/{full}.tfstate", region=config.region, lock_table=config.lock_table
            ),
            aspects=[TagEverything({**config.tags, **tags.deployment_tags(config.deployment, config.env)})],
        )
        self.config = config
        aws.provider.AwsProvider(
            self,
            "aws",
            region=config.region,
            # The provider itself refuses another account, whatever a runner checked before.
            allowed_account_ids=[config.aws.account] if config.aws.account else None,
        )

    @property
    def protected(self) -> bool:
        """Whether everything in this stack that holds users' data must refuse to be destroyed."""
        return False

    @property
    def role_path(self) -> str:
        """The IAM path of this deployment: roles are not in AWS's tag index, and are found by it."""
        return f"/hubsmith/{self.config.deployment}/"

    @property
    def boundary(self) -> str | None:
        """The permissions boundary every role gets, when the account asks for one."""
        return self.config.aws.permissions_boundary

    @property
    def thing_tags(self) -> dict[str, str]:
        """For what AWS makes at run time on our behalf: nodes, volumes, load balancers. No address: they are in no state."""
        return {**self.config.tags, **tags.deployment_tags(self.config.deployment, self.config.env)}

    def addon(self, name: str, **options: Any) -> addons.Addon:
        """An EKS add-on at the version the env fixes, or EKS's default."""
        return addons.Addon(name, version=self.config.cluster.addons.get(name), **options)

    def irsa(
        self,
        id: str,
        purpose: str,
        cluster: ClusterRef,
        namespace: str,
        service_account: str,
        *,
        managed: dict[str, str] | None = None,
        inline: dict[str, dict[str, Any]] | None = None,
    ) -> IrsaRole:
        """The role of one service account, named `<cluster>-<purpose>`, below this deployment's path."""
        return IrsaRole(
            self,
            id,
            name=names.role_name(self.config.name, purpose),
            path=self.role_path,
            boundary=self.boundary,
            cluster=cluster,
            namespace=namespace,
            service_account=service_account,
            managed=managed,
            inline=inline,
        )
