"""`launcher`: the process launcher and the namespaces its processes run in. Can go and come back by itself; processes go with it."""

from __future__ import annotations

from typing import Any

from modules.aws.access import Access
from modules.aws.ingress import open_port
from modules.aws.role import Role
from modules.cdk import App, aws
from modules.common import launcher as refs
from modules.common import names
from modules.config import HubConfig
from modules.config.extras import Launcher
from modules.iam import launcher as policies
from modules.iam import trust
from modules.k8s.charts.parts import on_core
from modules.k8s.launcher.limits import limits
from modules.k8s.launcher.policies import process_policies, server_policies
from modules.k8s.launcher.rights import Rights
from modules.k8s.launcher.server import Server, ServerProps
from modules.k8s.launcher.settings import settings_text
from modules.k8s.namespace import Level, Namespace
from modules.k8s.providers import use_cluster
from modules.k8s.service_account import ServiceAccount
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack, launcher_secrets


class LauncherStack(HubStack):
    """Namespaces with their policies and limits, roles, rights, the server, and the way in to public processes."""

    def __init__(self, app: App, config: HubConfig, settings: Launcher, *, data: DataStack, cluster: ClusterStack) -> None:
        super().__init__(app, config, refs.STACK)
        self._settings, self._data, self._cluster = settings, data, cluster.ref
        use_cluster(self, env=config.env, endpoint=self._cluster.endpoint, certificate_authority=self._cluster.certificate_authority)
        self._namespace = Namespace(self, settings.namespace, level="restricted").name
        level: Level = refs.POD_SECURITY_STRICT if settings.run_as_non_root else refs.POD_SECURITY
        processes = {name: Namespace(self, name, level=level, id=f"namespace-{name}").name for name in settings.process_namespaces}
        guards = server_policies(self, config, namespace=self._namespace)
        for name, reference in processes.items():
            guards += process_policies(self, config, settings, name, namespace=reference)
            guards += limits(self, name, reference, settings)
        self._server(processes, guards)
        if settings.public_cidrs:
            self._open()
        if settings.operators:
            self._operators()
        self.output(refs.URL_OUTPUT, refs.url(settings.namespace), description="Where the launcher answers inside the cluster")

    def _server(self, processes: dict[str, str], guards: list[Any]) -> None:
        config, settings = self.config, self._settings
        role = self._role()
        account = ServiceAccount(
            self, "server-account", name=refs.NAME, namespace=self._namespace, role_arn=role.arn if role else None, api_token=True
        ).resource
        rights = Rights(
            self,
            processes=processes,
            account=(account.metadata.name, self._namespace),
            # It belongs to no namespace: the deployment's id keeps two launchers of one cluster apart.
            cluster_role=f"hubsmith-launcher-{config.deployment}",
            with_operators=bool(settings.operators),
        )
        core = on_core(config)
        props = ServerProps(
            image=f"{settings.image}:{settings.tag}",
            settings=settings_text(config, settings),
            prefix=f"/services/{refs.NAME}/",
            selector=core["nodeSelector"],
            tolerations=core["tolerations"],
        )
        before = [*guards, *rights.resources, *(role.policies if role else ())]
        Server(self, props, namespace=self._namespace, account=account.metadata.name, depends_on=before)

    def _role(self) -> Role | None:
        """What AWS lets the server do; nothing where processes may have no secret: it talks to Kubernetes with its own account."""
        arns = [self._data.secrets[name] for name in launcher_secrets(self._settings)]
        if not arns:
            return None
        document = policies.server_policy(secret_arns=arns, key_arn=self._data.key.arn, region=self.config.region)
        return self.irsa("role", "launcher", self._cluster, self._settings.namespace, refs.NAME, inline={"secrets": document})

    def _open(self) -> None:
        """Ports of nodes, for the networks that may reach public processes."""
        first, last = refs.NODE_PORTS
        open_port(
            self,
            "processes",
            security_group_id=self._cluster.security_group_id,
            port=first,
            last=last,
            cidrs=self._settings.public_cidrs,
            description=f"Public processes of {self.config.deployment}",
        )

    def _operators(self) -> None:
        """The role of people who run the server elsewhere: they find the cluster, and have the server's own rights in it."""
        config = self.config
        account: str = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "account").account_id
        arn = f"arn:{config.partition}:eks:{config.region}:{account}:cluster/{config.cluster_name}"
        role = Role(
            self,
            "operator-role",
            name=names.role_name(config.name, "launcher-operator"),
            path=self.role_path,
            boundary=self.boundary,
            trust=trust.principals(self._settings.operators),
            inline={"cluster": policies.operator_policy(cluster_arn=arn)},
        )
        Access(self, cluster=self._cluster.name, partition=config.partition).group("operators", role.arn, refs.OPERATORS)
        self.output(refs.OPERATOR_OUTPUT, role.arn, description="Role with which hydroplane runs outside the cluster")
