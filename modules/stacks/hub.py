"""`hub`: JupyterHub and what is its alone. Can go and come back by itself; homes are in stack `data`."""

from __future__ import annotations

from typing import Any

from modules.aws.cluster import ClusterRef
from modules.cdk import App
from modules.common import names
from modules.common.arn import dns_suffix
from modules.config import HubConfig
from modules.iam import buckets as bucket_policies
from modules.k8s import storage
from modules.k8s.jupyterhub import refs
from modules.k8s.jupyterhub.code import HubCode
from modules.k8s.jupyterhub.credentials import Credentials
from modules.k8s.jupyterhub.front import Front, FrontProps
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.singleuser import trees
from modules.k8s.jupyterhub.values import hub_values
from modules.k8s.namespace import Level, Namespace
from modules.k8s.network import outside, ports, rule
from modules.k8s.policies import Policies
from modules.k8s.providers import use_cluster
from modules.k8s.release import install
from modules.k8s.service_account import ServiceAccount
from modules.stacks.base import HubStack
from modules.stacks.data import HOMES_TREE, DataStack, hub_secrets
from modules.stacks.network import NetworkStack


class JupyterHubStack(HubStack):
    """The namespace with its policies, credentials, code and volumes, the release, and its public address."""

    def __init__(self, app: App, config: HubConfig, *, data: DataStack, network: NetworkStack, cluster: ClusterRef) -> None:
        super().__init__(app, config, "hub")
        self._data, self._cluster = data, cluster
        use_cluster(self, env=config.env, endpoint=cluster.endpoint, certificate_authority=cluster.certificate_authority)
        self._namespace = Namespace(self, config.hub.namespace, level=self._level).name
        policies = self._policies()
        self._single_user()
        claims = self._volumes()
        secrets = {key: f"{config.deployment}/{name}" for key, name in hub_secrets(config).items()}
        credentials = Credentials(self, namespace=self._namespace, secrets=secrets)
        code = HubCode(self, namespace=self._namespace)
        values = hub_values(config, self._refs(credentials, code))
        before = [*policies.resources, *claims, credentials.resource, code.resource, self._account.resource]
        release = install(self, refs.RELEASE, values, namespace=self._namespace, depends_on=before)
        front = Front(
            self,
            FrontProps(
                domain=config.domain,
                certificate_arn=network.certificate_arn,
                scheme=config.hub.load_balancer,
                cidrs=config.hub.load_balancer_cidrs,
                # On a cluster of ours the controller puts them on whatever it makes, and refuses a Service that says them again.
                tags=self.thing_tags if config.cluster.existing else {},
            ),
            namespace=self._namespace,
            depends_on=[release],
        )
        self.output("hub_address", front.address, description="The load balancer in front of the hub")
        if config.hub_url:
            self.output("hub_url", config.hub_url, description="Where people log in")

    @property
    def _level(self) -> Level:
        """What the namespace lets pods do: the least that the env's servers can live with."""
        if self.config.hub.singleuser.fuse:
            return "privileged"
        return "baseline" if self.config.hub.singleuser.root else "restricted"

    def _policies(self) -> Policies:
        policies = Policies(self, "policy", namespace=self._namespace)
        policies.deny_all()
        policies.resolve_names()
        # The chart writes policies for hub, proxy and servers, and none for the two that only talk to the Kubernetes API.
        for component in ("user-scheduler", "image-puller"):
            policies.allow(component, {"component": component}, egress=[rule([outside()], ports(443))])
        return policies

    def _single_user(self) -> None:
        config = self.config
        role = None
        document = self._bucket_policy() if config.hub.singleuser.namespace_role else None
        if document is not None:
            role = self.irsa(
                "single-user-role",
                "single-user",
                self._cluster,
                config.hub.namespace,
                refs.SINGLEUSER,
                inline={"buckets": document},
            )
        self._account = ServiceAccount(
            self, "single-user", name=refs.SINGLEUSER, namespace=self._namespace, role_arn=role.arn if role else None
        )

    def _bucket_policy(self) -> dict[str, Any] | None:
        config = self.config
        ours = {purpose: bucket.arn for purpose, bucket in self._data.buckets.items()}
        return bucket_policies.single_user(
            partition=config.partition,
            shared_arn=ours.get("shared"),
            scratch_arn=ours.get("scratch"),
            read=config.storage.buckets.read,
            key_arn=self._data.key.arn,
            s3_endpoint=f"s3.{config.region}.{dns_suffix(config.region)}",
        )

    def _volumes(self) -> list[Any]:
        system, config = self._data.file_system, self.config
        if system is None:
            return []
        wanted = {f"{refs.TREE_CLAIM}{tree}": (tree, access == "read-only") for tree, access in trees(config).items()}
        if config.storage.homes.kind == "efs":
            wanted[refs.HOME_CLAIM] = (HOMES_TREE, False)
        return [
            storage.access_point_claim(
                self,
                claim,
                # A volume belongs to no namespace: the deployment's id keeps two hubs of one cluster apart.
                volume=names.fit(f"{config.deployment}-{claim}", names.LABEL_MAX),
                namespace=self._namespace,
                file_system_id=system.id,
                access_point_id=system.access_points[tree],
                read_only=read_only,
            )
            for claim, (tree, read_only) in sorted(wanted.items())
        ]

    def _refs(self, credentials: Credentials, code: HubCode) -> HubRefs:
        config, pool = self.config, self._data.user_pool
        buckets = config.storage.buckets
        return HubRefs(
            secret_keys=tuple(sorted(hub_secrets(config))),
            secret_revision=credentials.revision,
            code_digest=code.digest,
            client_id=pool.client_id if pool else getattr(config.auth, "client_id", ""),
            cognito_domain_url=pool.domain_url(config.region) if pool else None,
            environment={"SCRATCH_BUCKET": f"s3://{names.bucket_name(config.deployment, 'scratch')}"} if buckets.scratch else {},
        )
