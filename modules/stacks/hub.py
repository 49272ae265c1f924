"""`hub`: JupyterHub and what is its alone. Can go and come back by itself; homes are in stack `data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.aws.cluster import ClusterRef
from modules.cdk import App
from modules.common import names
from modules.common import ray as ray_refs
from modules.common.arn import dns_suffix
from modules.config import HubConfig
from modules.config.roles import accounts_in
from modules.iam import buckets as bucket_policies
from modules.k8s import storage
from modules.k8s.dask import refs as dask_refs
from modules.k8s.dask.policies import gateway_policies
from modules.k8s.dask.refs import DaskRefs
from modules.k8s.dask.values import gateway_values
from modules.k8s.jupyterhub import desktop, refs
from modules.k8s.jupyterhub.code import HubCode
from modules.k8s.jupyterhub.credentials import Credentials
from modules.k8s.jupyterhub.front import Front, FrontProps
from modules.k8s.jupyterhub.refs import HubRefs
from modules.k8s.jupyterhub.singleuser import trees
from modules.k8s.jupyterhub.values import hub_values
from modules.k8s.jupyterhub.vault_access import VaultAccess
from modules.k8s.kept import kept_classes
from modules.k8s.namespace import Level, Namespace
from modules.k8s.network import outside, ports, rule
from modules.k8s.policies import Policies
from modules.k8s.providers import use_cluster
from modules.k8s.ray.notebooks import token_secrets
from modules.k8s.release import install
from modules.k8s.secret_values import SecretValues
from modules.k8s.service_account import ServiceAccount
from modules.stacks.base import HubStack
from modules.stacks.data import HOMES_TREE, DataStack, hub_secrets
from modules.stacks.network import NetworkStack


class JupyterHubStack(HubStack):
    """The namespace with its policies, credentials, code and volumes, the release, and its public address."""

    def __init__(
        self, app: App, config: HubConfig, *, data: DataStack, network: NetworkStack, cluster: ClusterRef, roles: Mapping[str, str]
    ) -> None:
        """roles: `namespace:name` of service accounts → ARN of their application role (ClusterStack.app_role_arns)."""
        super().__init__(app, config, "hub")
        self._data, self._cluster = data, cluster
        use_cluster(self, env=config.env, endpoint=cluster.endpoint, certificate_authority=cluster.certificate_authority)
        self._namespace = Namespace(self, config.hub.namespace, level=self._level).name
        policies = self._policies()
        accounts = [*self._single_user(), *self._applications(roles)]
        claims = self._volumes()
        secrets = {key: f"{config.deployment}/{name}" for key, name in hub_secrets(config).items()}
        credentials = Credentials(self, namespace=self._namespace, secrets=secrets)
        code = HubCode(self, namespace=self._namespace)
        tokens = [*self._ray_tokens(), *([VaultAccess(self, config, namespace=self._namespace).resource] if config.vault else [])]
        values = hub_values(config, self._refs(credentials, code))
        before = [*policies.resources, *claims, credentials.resource, code.resource, *accounts, *tokens]
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
        self._dask(credentials)
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

    def _single_user(self) -> list[Any]:
        """The account of users' servers, unless the env has them run as one of its own."""
        if self.config.hub.singleuser.service_account is not None:
            return []
        return [self._user_account(refs.SINGLEUSER, self.config.hub.namespace, self._namespace).resource]

    def _applications(self, roles: Mapping[str, str]) -> list[Any]:
        """The accounts of this namespace that the config gives a role."""
        namespace = self.config.hub.namespace
        made = {
            name: ServiceAccount(self, f"app-{name}", name=name, namespace=self._namespace, role_arn=roles[f"{namespace}:{name}"])
            for name in accounts_in(self.config, namespace)
        }
        return [account.resource for account in made.values()]

    def _user_account(self, name: str, namespace: str, reference: str) -> ServiceAccount:
        """A service account for users' code, with what users may do in S3. reference: of the namespace, so that it is there first."""
        role = None
        document = self._bucket_policy() if self.config.hub.singleuser.namespace_role else None
        if document is not None:
            role = self.irsa(f"{name}-role", name, self._cluster, namespace, name, inline={"buckets": document})
        return ServiceAccount(self, name, name=name, namespace=reference, role_arn=role.arn if role else None)

    def _dask(self, credentials: Credentials) -> None:
        """The gateway, in a namespace of its own."""
        config, dask = self.config, self.config.dask
        if dask is None:
            return
        # The chart's pods have no security context of their own and no value for one, so they would not pass `restricted`.
        namespace = Namespace(self, dask.namespace, level="baseline", id="dask-namespace").name
        policies = gateway_policies(self, config, namespace=namespace)
        account = self._user_account(dask_refs.ACCOUNT, dask.namespace, namespace)
        token = credentials.also("gateway-credentials", name=dask_refs.SECRET, namespace=namespace, keys=[dask_refs.TOKEN_KEY])
        values = gateway_values(config, DaskRefs(credentials.revision, self._environment))
        install(self, dask_refs.RELEASE, values, namespace=namespace, depends_on=[*policies.resources, token, account.resource])

    def _ray_tokens(self) -> list[Any]:
        """What lets notebooks into the Ray clusters; apart from the hub's own Secret, which no server of a user's may name."""
        wanted = {f"ray-{key}": f"{self.config.deployment}/{name}" for key, name in token_secrets(self.config).items()}
        if not wanted:
            return []
        values = SecretValues(self, wanted, revision="ray-revision")
        keys = {key: f"ray-{key}" for key in self.config.ray}
        return [values.write("ray-tokens", name=ray_refs.NOTEBOOK_SECRET, namespace=self._namespace, keys=keys)]

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
        return [*self._classes(), *self._trees(), *self._desktop()]

    def _classes(self) -> list[Any]:
        """On a cluster of ours they are the platform's, which stays when the hub goes."""
        if self.config.cluster.existing is None:
            return []
        return kept_classes(self, self.config, tags=self.thing_tags, kms_key_arn=None)

    def _trees(self) -> list[Any]:
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
                volume=self._volume_name(claim),
                namespace=self._namespace,
                file_system_id=system.id,
                access_point_id=system.access_points[tree],
                read_only=read_only,
            )
            for claim, (tree, read_only) in sorted(wanted.items())
        ]

    def _desktop(self) -> list[Any]:
        """The claim by which notebooks reach the screen of their node's desktop; none when no profile wants it."""
        settings = self.config.desktop
        if settings is None or not any(profile.desktop for profile in self.config.hub.profiles):
            return []
        claim = storage.node_folder_claim(
            self,
            refs.DESKTOP_CLAIM,
            volume=self._volume_name(f"{refs.DESKTOP_CLAIM}-{names.digest(settings.host_path)}"),
            namespace=self._namespace,
            path=settings.host_path,
            node_labels=desktop.NODE_LABELS,
            read_only=True,
        )
        return [claim]

    def _volume_name(self, claim: str) -> str:
        """A volume belongs to no namespace: the deployment's id keeps two hubs of one cluster apart."""
        return names.fit(f"{self.config.deployment}-{claim}", names.LABEL_MAX)

    def _refs(self, credentials: Credentials, code: HubCode) -> HubRefs:
        config, pool = self.config, self._data.user_pool
        return HubRefs(
            secret_keys=tuple(sorted(hub_secrets(config))),
            secret_revision=credentials.revision,
            code_digest=code.digest,
            client_id=pool.client_id if pool else getattr(config.auth, "client_id", ""),
            cognito_domain_url=pool.domain_url(config.region) if pool else None,
            environment=self._environment,
        )

    @property
    def _environment(self) -> dict[str, str]:
        """Of everything that runs users' code."""
        scratch = names.bucket_name(self.config.deployment, "scratch")
        return {"SCRATCH_BUCKET": f"s3://{scratch}"} if self.config.storage.buckets.scratch else {}
